import { expect, type Locator, type Page } from "@playwright/test";

import { type ExpressionMeta, type FieldMeta, humanize } from "../src/core/catalog";
import { type Json, type JsonObject, isList, isNumber, isObject, numberText } from "../src/core/json";
import { catalog, inspector, stack } from "./builder-driver";

/**
 * Builds specs with the mouse: every instruction, function, variable and choice is clicked or dragged. The keyboard serves only for what is a
 * text or a number of the user's own: names, literals, notes.
 */
export class MouseBuilder {
  /** Variables are put in by each of the ways in turn. */
  private turn = 0;

  constructor(private readonly page: Page) {}

  /** Builds the instructions of a list behind a card, or in a list that is still empty. */
  async build(list: readonly Json[], start: { behind?: string; in?: string }): Promise<void> {
    let place = start;
    for (const instruction of list.filter(isObject)) {
      const id = await this.add(String(instruction.type), place);
      await this.fill(instruction);
      for (const field of catalog.instruction(String(instruction.type))?.fields ?? []) {
        const inner = instruction[field.name];
        if (field.kind === "instructions" && isList(inner) && inner.length > 0) await this.build(inner, { in: `${id}:${field.name}` });
      }
      place = { behind: id };
    }
  }

  /** Adds an instruction from the palette, and gives its id. */
  private async add(type: string, place: { behind?: string; in?: string }): Promise<string> {
    if (place.in !== undefined) await stack(this.page).locator(`[data-branch="${place.in}"]`).click();
    else if (place.behind !== undefined) await this.page.locator(`[data-card="${place.behind}"]`).getByRole("button", { name: "Add an instruction below" }).click();
    else await this.page.getByRole("button", { name: "Add instruction", exact: true }).click();
    await this.page.getByRole("dialog").locator(`[data-word="${type}"]`).click();
    await expect(this.page.getByRole("dialog")).toHaveCount(0);
    const id = await inspector(this.page).getAttribute("data-inspector");
    await expect(this.page.locator(`[data-card="${id}"]`)).toHaveAttribute("data-focused", "true");
    return id ?? "";
  }

  private async fill(instruction: JsonObject): Promise<void> {
    const meta = catalog.instruction(String(instruction.type));
    const fields: FieldMeta[] = [...(meta?.fields ?? []), { name: "return_as", kind: "name", required: false, summary: "" }];
    for (const field of fields) {
      const value = instruction[field.name];
      if (value === undefined || field.kind === "instructions") continue;
      const more = inspector(this.page).getByRole("button", { name: humanize(field.name), exact: true });
      if (!field.required && field.kind !== "name") await more.click();
      await this.put(`/${field.name}`, field, value);
    }
    if (typeof instruction.note === "string") {
      await inspector(this.page).getByLabel("Note").click();
      await this.page.keyboard.type(instruction.note);
    }
  }

  /** Puts a value into a field, whatever it is. */
  private async put(below: string, field: FieldMeta, value: Json): Promise<void> {
    if (field.kind === "expression") return this.expression(below, value);
    if (field.kind === "expressions") {
      for (const [at, item] of (isList(value) ? value : []).entries()) {
        // The first line is there; the others are asked for.
        if (at > 0) await this.holder(below).getByRole("button", { name: "another", exact: true }).click();
        await this.expression(`${below}/${at}`, item);
      }
      return;
    }
    if (field.kind === "name") {
      await inspector(this.page).locator(`input[data-slot="${below}"]`).click();
      await this.page.keyboard.press("Control+a");
      await this.page.keyboard.type(String(value));
      return;
    }
    const control = inspector(this.page).locator(`[data-node="${below}"]`);
    if (field.choices !== undefined || field.literal === "boolean" || field.literal === "field_name") {
      await control.getByRole("combobox").click();
      await this.page.getByRole("option", { name: new RegExp(`^${humanize(String(value))}`, "i") }).first().click();
      return;
    }
    if (field.literal === "path") {
      await control.getByRole("button", { name: /^Choose / }).click();
      await this.page.getByRole("option").filter({ has: this.page.getByText(String(value), { exact: true }) }).click();
      await expect(control.getByRole("combobox")).toHaveValue(String(value));
      return;
    }
    await control.getByRole("textbox").click();
    await this.page.keyboard.type(isNumber(value) ? numberText(value) : String(value));
  }

  /** The function that an argument belongs to. */
  private holder(below: string): Locator {
    return inspector(this.page).locator(`[data-node="${below.slice(0, below.lastIndexOf("/"))}"]`);
  }

  private async expression(below: string, value: Json): Promise<void> {
    const node = inspector(this.page).locator(`[data-node="${below}"]`);
    const variable = catalog.referenceOf(value);
    if (variable !== undefined) {
      this.turn += 1;
      if (this.turn % 3 === 0) await this.fromScope(node, variable);
      else if (this.turn % 3 === 1) await this.choose(node, "Variables", variable);
      else await this.drag(node, variable);
    } else {
      const literal = catalog.literalOf(value);
      if (literal !== undefined) await this.literal(node, literal);
      else await this.call(below, node, value as JsonObject);
    }
  }

  /** Opens the picker of a field. */
  private async open(node: Locator): Promise<Locator> {
    await node.getByRole("button", { name: /^Choose / }).first().click();
    const choices = this.page.getByRole("listbox", { name: "Choices" });
    await expect(choices).toBeVisible();
    return choices;
  }

  private async choose(node: Locator, group: string | undefined, what: string): Promise<void> {
    const choices = await this.open(node);
    const within = group === undefined ? choices : choices.getByRole("group", { name: group });
    await within.locator(`[data-choice="${what}"]`).click();
    await expect(choices).toHaveCount(0);
  }

  private async literal(node: Locator, value: Json): Promise<void> {
    const choices = await this.open(node);
    if (typeof value === "string" || isNumber(value)) await this.page.keyboard.type(isNumber(value) ? numberText(value) : value);
    const name = typeof value === "string" ? `Text “${value}”` : isNumber(value) ? `Number “${numberText(value)}”` : value === null ? "Nothing (null)" : value === true ? "True" : "False";
    await choices.locator(`[data-choice=${JSON.stringify(name)}]`).click();
    await expect(choices).toHaveCount(0);
  }

  private async call(below: string, node: Locator, value: JsonObject): Promise<void> {
    await this.choose(node, undefined, String(value.type));
    const meta = catalog.expression(String(value.type)) as ExpressionMeta;
    for (const field of meta.arguments) {
      const argument = value[field.name];
      if (argument === undefined) continue;
      if (!field.required) {
        const more = node.getByRole("button", { name: new RegExp(`(^|, )${humanize(field.name)}(,|$)`, "i") });
        if ((await inspector(this.page).locator(`[data-node="${below}/${field.name}"]`).count()) === 0) await more.click();
      }
      await this.put(`${below}/${field.name}`, field, argument);
    }
  }

  /** A variable by a click on the panel of what is in scope, while the cursor is in the field. */
  private async fromScope(node: Locator, path: string): Promise<void> {
    await node.locator("textarea").first().click();
    await (await this.inScope(path)).click();
    await expect(node.locator("textarea").first()).toHaveValue(path);
  }

  private async drag(node: Locator, path: string): Promise<void> {
    await node.scrollIntoViewIfNeeded();
    await (await this.inScope(path)).dragTo(node);
    await expect(node.locator("textarea").first()).toHaveValue(path);
  }

  /** A variable in the panel; its parents are opened. */
  private async inScope(path: string): Promise<Locator> {
    const scope = this.page.locator("[data-scope]");
    const steps = path.split(".");
    for (let at = 1; at < steps.length; at += 1) {
      const parent = scope.locator(`[data-variable-row="${steps.slice(0, at).join(".")}"]`);
      const closed = parent.getByRole("button", { name: /^Show the fields/ });
      await expect(parent).toBeVisible();
      if ((await closed.count()) > 0) await closed.click();
    }
    return scope.locator(`[data-variable="${path}"]`);
  }
}

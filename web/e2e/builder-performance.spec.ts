import type { Page } from "@playwright/test";

import { checked, inspector, open, prepare, select, stack } from "./builder-driver";
import { expect, test } from "./fixtures";

// What the page works is measured: Playwright itself must not work in it, neither for its traces nor to find things by their roles.
test.use({ trace: "off" });
const answered = (page: Page): Promise<void> => page.locator('[data-checking="done"]').waitFor();

/** Instructions of the measured spec. */
const SIZE = 1000;

/** A spec of believable shape: a loop or a condition around every few instructions. */
function large(size: number): unknown {
  const variable = (path: string) => ({ type: "var", var: path });
  const text = (value: string) => ({ type: "literal", value });
  const instructions: unknown[] = [{ id: "agent", type: "upsert_agent_external_identity", external_id: variable("event.call.user.id"), return_as: "agent" }];
  let count = 1;
  while (count < size) {
    const block: unknown[] = [];
    for (let at = 0; at < 9 && count + block.length + 1 < size; at += 1) {
      block.push({
        id: `activity-${count + at}`,
        type: "upsert_activity",
        note: at % 3 === 0 ? "Counts for the monthly report" : undefined,
        external_id: { type: "concat", arguments: [text(`a${count + at}|`), variable("event.call.id")] },
        activity_type: text("Conversation"),
        agent_external_identity: variable("agent"),
        moment: { type: "parse_timestamp", value: variable("event.call.started_at") },
      });
    }
    instructions.push({
      id: `if-${count}`,
      type: "if_else",
      condition: { type: "equals", left: variable("event.call.status"), right: text("answered") },
      then: block,
    });
    count += block.length + 1;
  }
  return { format: 1, source_model: { type: "call_event", var: "event" }, instructions };
}

type Watched = { longTasks: { duration: number; at: number }[]; frames: number[] };

test(`a spec of ${SIZE} instructions: checking, scrolling, selecting and dragging`, async ({ signedIn: page, api }) => {
  const made = await prepare(api, "call_event", "Large");
  await api.tagged("PUT", `/processors/${made.processor}/spec`, { spec: JSON.parse(JSON.stringify(large(SIZE))) as object });
  await page.addInitScript(() => {
    const watched: Watched = { longTasks: [], frames: [] };
    (window as unknown as { watched: Watched }).watched = watched;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) watched.longTasks.push({ duration: entry.duration, at: entry.startTime });
    }).observe({ type: "longtask", buffered: true });
  });
  await open(page, made.processor);
  await checked(page);
  const forget = (): Promise<void> =>
    page.evaluate(() => {
      const { watched } = window as unknown as { watched: Watched };
      watched.longTasks.length = 0;
      performance.clearMeasures();
    });
  const longTasks = async (): Promise<string> => {
    const tasks = await page.evaluate(() => (window as unknown as { watched: Watched }).watched.longTasks.map((task) => Math.round(task.duration)));
    return tasks.length === 0 ? "no long task" : `${tasks.length} long tasks, the longest ${Math.max(...tasks)} ms`;
  };
  const report: string[] = [];
  // What the page's own thread works, whatever else the machine does at the time.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async (): Promise<number> =>
    ((await devtools.send("Performance.getMetrics")).metrics.find((metric) => metric.name === "TaskDuration")?.value ?? 0) * 1000;

  // Typing: from the keystroke to the answer of the checker.
  const first = await stack(page).locator("[data-card]").nth(3).getAttribute("data-card");
  await select(page, first ?? "");
  await checked(page);
  await forget();
  let began = await worked();
  const note = inspector(page).getByLabel("Note");
  await note.fill("");
  for (const letter of "weekly report of calls") {
    await page.keyboard.press(letter === " " ? "Space" : letter);
    await answered(page);
  }
  const times = (await page.evaluate(() => performance.getEntriesByName("checked").map((entry) => entry.duration))).toSorted((one, other) => one - other);
  expect(times.length).toBeGreaterThan(5);
  report.push(
    `keystroke to checked: median ${Math.round(times[Math.floor(times.length / 2)] ?? 0)} ms, worst ${Math.round(times.at(-1) ?? 0)} ms of ${times.length}, ${(((await worked()) - began) / times.length).toFixed(1)} ms of work each; ${await longTasks()}`,
  );

  // Scrolling through all of it.
  await forget();
  began = await worked();
  const frames = await stack(page).evaluate(async (element) => {
    const gaps: number[] = [];
    let before = performance.now();
    const end = element.scrollHeight - element.clientHeight;
    while (element.scrollTop < end - 1) {
      element.scrollTop += 240;
      await new Promise((next) => requestAnimationFrame(next));
      const now = performance.now();
      gaps.push(now - before);
      before = now;
    }
    return gaps.toSorted((one, other) => one - other);
  });
  report.push(
    `scrolling: ${frames.length} frames, ${(((await worked()) - began) / frames.length).toFixed(1)} ms of work each, median ${(frames[Math.floor(frames.length / 2)] ?? 0).toFixed(1)} ms, 95th percentile ${(frames[Math.floor(frames.length * 0.95)] ?? 0).toFixed(1)} ms; ${await longTasks()}`,
  );

  // Selecting with the arrow keys.
  await stack(page).focus();
  await page.keyboard.press("Home");
  await forget();
  began = await worked();
  for (let at = 0; at < 60; at += 1) await page.keyboard.press("ArrowDown");
  report.push(`selecting 60 cards: ${(((await worked()) - began) / 60).toFixed(1)} ms of work each; ${await longTasks()}`);

  // Dragging a card over the stack.
  await page.keyboard.press("Home");
  await expect(stack(page).locator("[data-card]").first()).toHaveAttribute("data-focused", "true");
  const card = stack(page).locator("[data-card]").nth(2);
  const box = await card.boundingBox();
  if (box === null) throw new Error("the card is not drawn");
  await forget();
  await page.mouse.move(box.x + 200, box.y + 12);
  await page.mouse.down();
  began = await worked();
  for (let at = 0; at < 40; at += 1) await page.mouse.move(box.x + 200, box.y + 20 + at * 12);
  const dragging = await longTasks();
  const work = (await worked()) - began;
  await page.mouse.up();
  report.push(`dragging: ${(work / 40).toFixed(1)} ms of work for each move; ${dragging}`);
  await expect(page.getByText("unsaved")).toBeVisible();

  for (const line of report) console.log(`    ${SIZE} instructions, ${line}`);
});

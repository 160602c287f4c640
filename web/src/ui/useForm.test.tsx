import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, it, vi } from "vitest";

import { ApiError } from "~/api/client";

import { Field } from "./Field";
import { Input } from "./Input";
import { useForm } from "./useForm";

afterEach(cleanup);

const refusal = (pointer: string | undefined) => new ApiError(422, { type: "", title: "", status: 422, code: "bad", detail: "no good", pointer } as never, "");

function Example({ deed }: { deed: () => Promise<unknown> }) {
  const form = useForm();
  const [name, setName] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void form.send(deed, { ready: name !== "" });
      }}
    >
      {form.notice}
      <Field label="Zone" error={form.at("/zone")}>{(control) => <Input {...control} />}</Field>
      <Field label="Name" error={form.needed("/name", name !== "")}>{(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} />}</Field>
      <button type="submit">{form.busy ? "Sending" : "Send"}</button>
    </form>
  );
}

it("sends nothing while something is missing, and leads there", async () => {
  const deed = vi.fn(() => Promise.resolve());
  render(<Example deed={deed} />);
  expect(screen.queryByText("This is needed")).toBeNull();
  await userEvent.click(screen.getByRole("button"));
  expect(deed).not.toHaveBeenCalled();
  expect(screen.getByText("This is needed")).toBeTruthy();
  expect(document.activeElement).toBe(screen.getByLabelText("Name"));
});

it("is sent once, however often one presses", async () => {
  let finish = (): void => undefined;
  const deed = vi.fn(() => new Promise<void>((done) => (finish = done)));
  render(<Example deed={deed} />);
  await userEvent.type(screen.getByLabelText("Name"), "Deals{Enter}{Enter}");
  await userEvent.click(screen.getByRole("button", { name: "Sending" }));
  expect(deed).toHaveBeenCalledTimes(1);
  finish();
  await screen.findByRole("button", { name: "Send" });
});

it("shows a refusal at its field, and leads there; else above them", async () => {
  const deed = vi.fn(() => Promise.reject(refusal("/zone/0")));
  render(<Example deed={deed} />);
  await userEvent.type(screen.getByLabelText("Name"), "Deals{Enter}");
  expect(await screen.findByText("No good")).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(document.activeElement).toBe(screen.getByLabelText("Zone"));
  deed.mockImplementation(() => Promise.reject(refusal("/elsewhere")));
  await userEvent.type(screen.getByLabelText("Name"), "{Enter}");
  expect((await screen.findByRole("alert")).textContent).toBe("No good");
});

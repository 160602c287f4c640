import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { type Column, DataTable, fitting } from "./DataTable";

type Row = { id: string };
const columns: Column<Row>[] = [{ id: "id", title: "Id", width: "1fr", render: (row) => row.id }];

async function show(rows: Row[]): Promise<void> {
  const root = createRootRoute({ component: () => <DataTable label="Things" rows={rows} columns={columns} rowKey={(row) => row.id} /> });
  const router = createRouter({ routeTree: root, history: createMemoryHistory() });
  render(<RouterProvider router={router} />);
  await screen.findByRole("table", { name: "Things" });
}

beforeEach(() => {
  // There is no layout here: what is in sight is said to be 400 pixels high.
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(400);
  vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 800, 400));
});
afterEach(cleanup);

it("draws only the rows in sight, and says how many there are", async () => {
  await show(Array.from({ length: 100_000 }, (_, at) => ({ id: `row ${at}` })));
  expect(screen.getAllByRole("row").length).toBeLessThan(60);
  expect(screen.getByRole("table").getAttribute("aria-rowcount")).toBe("100001");
});

it("leaves out what there is no room for, the least needed first", () => {
  const three = [
    { id: "name", width: "minmax(10rem, 1fr)" },
    { id: "source", width: "10rem", drop: 1 },
    { id: "took", width: "5rem", drop: 2 },
  ];
  const shown = (width: number): string[] => fitting(three, width).map((column) => column.id);
  expect(shown(0)).toEqual(["name", "source", "took"]);
  expect(shown(472)).toEqual(["name", "source", "took"]);
  expect(shown(471)).toEqual(["name", "source"]);
  expect(shown(300)).toEqual(["name"]);
  expect(shown(100)).toEqual(["name"]);
});

/** How high the rows of the stack are: known before they are drawn, so that nothing has to be measured while scrolling. */
import type { Problem } from "~/core/problems";
import type { Row } from "~/core/rows";

export const CARD = 40;
export const LINE = 18;
export const GAP = 8;
export const HEADING = 30;
export const EMPTY = 38;
export const INDENT = 22;

export function heightOf(row: Row, problems: ReadonlyMap<string, readonly Problem[]>): number {
  switch (row.kind) {
    case "branch":
      return HEADING;
    case "empty":
      return EMPTY;
    default:
      return CARD + GAP + (typeof row.instruction.note === "string" && row.instruction.note !== "" ? LINE : 0) + (problems.has(row.id) ? LINE + 4 : 0);
  }
}

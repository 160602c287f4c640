import { NodeEditor } from "~/features/editor/NodeEditor";

import type { Widget } from "./widget";

/** A literal, a variable or a function. */
export const expressionWidget: Widget = {
  name: "expression",
  rank: (field) => (field.kind === "expression" ? 10 : 0),
  Control: ({ id, path, field, label, first }) => <NodeEditor id={id} path={path} slot={field} label={label} first={first} />,
};

import type { ReactNode } from "react";

import type { FieldMeta } from "~/core/catalog";
import type { Json, Path } from "~/core/json";

export type WidgetProps = {
  /** The instruction. */
  id: string;
  /** Where it is, below the instruction. */
  path: Path;
  field: FieldMeta;
  value: Json | undefined;
  label: string;
  first?: boolean;
  describedBy?: string;
  invalid?: boolean;
  onChange: (value: Json | undefined) => void;
};

/** A control for a kind of field. Of those that fit a field, the one of the highest rank draws it. */
export type Widget = {
  readonly name: string;
  /** How well it fits a field: 0 is not at all. */
  readonly rank: (field: FieldMeta) => number;
  readonly Control: (props: WidgetProps) => ReactNode;
};

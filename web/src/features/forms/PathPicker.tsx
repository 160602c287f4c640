import { useState } from "react";

import { Combobox } from "~/ui/Combobox";
import type { ControlProps } from "~/ui/Field";

type Props = ControlProps & { value: string; onChange: (path: string) => void; fields: readonly { path: string; type: string }[]; placeholder?: string };

/** The path of a field: one of those that are known, or any that is typed. */
export function PathPicker({ value, onChange, fields, placeholder = "Choose a field, or type its path", ...control }: Props) {
  const [typed, setTyped] = useState("");
  const known = fields.filter((field) => !field.path.includes("[]"));
  const own = [typed.trim(), value].filter((path, at, all) => path !== "" && all.indexOf(path) === at && !known.some((field) => field.path === path));
  const fits = known.filter((field) => typed === value || field.path.toLowerCase().includes(typed.trim().toLowerCase()));
  const options = [...fits.map((field) => ({ value: field.path, label: field.path, hint: field.type })), ...own.map((path) => ({ value: path, label: path, hint: "as typed" }))];
  return <Combobox {...control} value={value || null} options={options} onChange={(path) => path !== null && onChange(path)} onSearch={setTyped} placeholder={placeholder} empty="Type the path of a field" />;
}

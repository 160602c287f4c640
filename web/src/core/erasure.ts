// Words for the erasure of a contact.

import { count, plural } from "./numbers";

export type Found = {
  source_models: number;
  sources: number;
  deliveries: number;
  executions: number;
  waiting: number;
  enrichments: number;
  records: { kind: string; count: number }[];
  phone_numbers: number;
  external_ids: number;
  open_periods: number;
};

/** What goes and what stays, in one sentence. */
export function foundSentence(found: Found): string {
  const records = found.records.reduce((sum, each) => sum + each.count, 0) + found.phone_numbers;
  if (found.source_models === 0 && records === 0 && found.deliveries === 0) return "Nothing of this contact was found.";
  const models = `${plural(found.source_models, "source model")} of ${plural(found.sources, "source")}`;
  const executions = plural(found.executions, "execution");
  const keep = records === 1 ? "record keeps its numbers and loses its contact" : "records keep their numbers and lose their contact";
  return records === 0 ? `${models}, ${executions}. No record names them.` : `${models}, ${executions}, ${count(records)} ${keep}.`;
}

const kinds: { [kind: string]: string } = { email: "e-mail address", phone: "phone number", hash: "contact key", text: "text" };

/** What was given, without saying it: `2 e-mail addresses, 1 phone number`. */
export function given(list: readonly string[]): string {
  return Object.entries(kinds)
    .map(([kind, name]) => ({ name, times: list.filter((each) => each === kind).length }))
    .filter((each) => each.times > 0)
    .map((each) => plural(each.times, each.name, each.name.endsWith("s") ? `${each.name}es` : undefined))
    .join(", ");
}

/** A name of the language (a source model, a constant) made of words: "Won deals" → `won_deals`. */
export function modelNameOf(text: string): string {
  const made = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+/, "")
    .replace(/_+$/, "");
  return made.slice(0, 64) || "record";
}

/** Finding: words of the language by what people call them, instructions in a spec by what they hold, names by what was mistyped. */
import type { Catalog } from "./catalog";
import { type Json, type JsonObject, isList, isNumber, isObject, numberText } from "./json";
import { type Place, listFields, places, typeOf } from "./spec";
import { plain, summary } from "./words";

/** How well a text matches what is typed: higher is better, 0 is not at all. */
export function score(query: string, text: string): number {
  const wanted = query.toLowerCase().trim();
  const target = text.toLowerCase();
  if (wanted === "") return 1;
  if (target === wanted) return 100;
  if (target.startsWith(wanted)) return 80;
  const word = target.split(/[^\p{L}\p{N}]+/u);
  if (word.includes(wanted)) return 70;
  if (word.some((each) => each.startsWith(wanted))) return 60;
  if (target.includes(wanted)) return 40;
  const parts = wanted.split(/[\s_.]+/).filter((part) => part !== "");
  if (parts.length > 1 && parts.every((part) => target.includes(part))) return 30;
  let place = -1;
  let gaps = 0;
  for (const letter of wanted) {
    const next = target.indexOf(letter, place + 1);
    if (next < 0) return 0;
    gaps += place < 0 ? 0 : next - place - 1;
    place = next;
  }
  return gaps <= wanted.length ? 12 : 0;
}

interface Searchable {
  readonly name: string;
  readonly summary: string;
  readonly search_terms: readonly string[];
}

/** The words that match, best first. */
export function search<W extends Searchable>(query: string, words: readonly W[]): readonly W[] {
  if (query.trim() === "") return words;
  return words
    .map((word) => ({
      word,
      score: Math.max(
        score(query, word.name.replaceAll("_", " ")) + 5,
        score(query, word.name) + 5,
        ...word.search_terms.map((term) => score(query, term) * 0.75),
        score(query, word.summary) * 0.6,
      ),
    }))
    .filter((each) => each.score > 5)
    .sort((one, other) => other.score - one.score)
    .map((each) => each.word);
}

const texts = new WeakMap<object, string>();

/** Everything that an instruction says itself, without what is in its lists. */
function textOf(instruction: JsonObject, catalog: Catalog): string {
  const known = texts.get(instruction);
  if (known !== undefined) return known;
  const lists = new Set(listFields(catalog.instruction(typeOf(instruction))).map((field) => field.name));
  const parts: string[] = [plain(summary(instruction, catalog))];
  const collect = (value: Json): void => {
    if (typeof value === "string") parts.push(value);
    else if (isNumber(value)) parts.push(numberText(value));
    else if (isList(value)) value.forEach(collect);
    else if (isObject(value)) Object.values(value).forEach(collect);
  };
  for (const [key, value] of Object.entries(instruction)) if (!lists.has(key)) collect(value);
  const text = parts.join("\n").toLowerCase();
  texts.set(instruction, text);
  return text;
}

/** The instructions that hold all the words of a query. */
export function findIn(document: Json, catalog: Catalog, query: string): readonly Place[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [];
  return places(document, catalog).filter((place) => {
    const text = textOf(place.instruction, catalog);
    return words.every((word) => text.includes(word));
  });
}

/** The known name nearest to a mistyped one, if any is near enough. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least && distance <= Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3))) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

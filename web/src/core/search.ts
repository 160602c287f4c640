/** How well a text fits what was typed: the higher the better, 0 for not at all. Each word must occur: at the start of a word best, else inside, else as its letters in order. */
export function score(text: string, typed: string): number {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const hay = text.toLowerCase();
  let total = 1;
  for (const word of words) {
    const at = hay.indexOf(word);
    if (at === 0) total += 8;
    else if (at > 0 && /[^a-z0-9]/.test(hay[at - 1] ?? "")) total += 6;
    else if (at > 0) total += 3;
    else if (inOrder(hay, word)) total += 1;
    else return 0;
  }
  return total + (hay === typed.toLowerCase().trim() ? 20 : 0);
}

function inOrder(hay: string, word: string): boolean {
  let at = -1;
  for (const letter of word) {
    at = hay.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return word.length > 1;
}

/** The items that fit what was typed, best first; what `texts` gives first counts more. Without a text: all, in their order. */
export function rankBy<T>(items: readonly T[], typed: string, texts: (item: T) => string[]): T[] {
  if (!typed.trim()) return [...items];
  return items
    .map((item, at) => {
      const [first = "", ...more] = texts(item);
      const direct = score(first, typed) * 4;
      return { item, at, score: direct || score([first, ...more].join(" "), typed) };
    })
    .filter((each) => each.score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .map((each) => each.item);
}

/** "Did you mean": the known name that an unknown one is nearest to. */

const fold = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Longer names are never compared: the work grows with the square of the length. */
const MAX_LENGTH = 64;

/** Edits (insert, remove, replace, swap neighbours) between two names. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** The known name within a third of the word's length (case, `-` and `_` do not count); `null` = none is near. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const folded = fold(word);
  if (folded === "" || folded.length > MAX_LENGTH) return null;
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(folded.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(folded, fold(name));
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** `Did you mean "login"? ` or, where nothing is near, an empty text; then all that is known. */
export function suggest(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === null ? `Known are: ${known.join(", ")}.` : `Did you mean "${near}"? Known are: ${known.join(", ")}.`;
}

/** "Did you mean": the known name that an unknown one is nearest to. */

const fold = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Longer names are never compared: the work grows with the square of the length. */
const MAX_LENGTH = 64;

/** Edits (insert, remove, replace, swap neighbours) between two names. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [];
  /** Between the first i and the first j characters. */
  const distance = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 0; i <= a.length; i++) {
    const row: number[] = [];
    rows.push(row);
    for (let j = 0; j <= b.length; j++) {
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const edited = Math.min(
        distance(i - 1, j) + 1,
        distance(i, j - 1) + 1,
        distance(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
        isSwap ? distance(i - 2, j - 2) + 1 : i + j,
      );
      row.push(i === 0 || j === 0 ? i + j : edited);
    }
  }
  return distance(a.length, b.length);
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

/** `Did you mean "login"? ` or, where nothing is near, an empty text. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === null ? "" : `Did you mean "${near}"? `;
}

/** The nearest, then all that is known. */
export const suggest = (word: string, known: readonly string[]) =>
  `${didYouMean(word, known)}Known are: ${known.join(", ")}.`;

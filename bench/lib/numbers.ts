/** Small statistics; medians, because one noisy round must not decide. */

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** By rank, between neighbours interpolated. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (sorted.length - 1) * share;
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** Half the 95 % interval of a median, from the quartiles (the notch of a box plot: McGill, Tukey and Larsen, 1978). */
export function medianUncertainty(values: readonly number[]): number {
  return (1.57 * (percentile(values, 0.75) - percentile(values, 0.25))) / Math.sqrt(values.length);
}

/** Fisher and Yates. */
export function shuffled<Item>(items: readonly Item[]): Item[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(Math.random() * (index + 1));
    [result[index], result[other]] = [result[other] as Item, result[index] as Item];
  }
  return result;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

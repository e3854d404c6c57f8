/** Small statistics. */

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** By rank, between neighbours interpolated. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const rank = (sorted.length - 1) * share;
  const below = sorted[Math.floor(rank)] ?? Number.NaN;
  const above = sorted[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

const DRAWS = 200;

/**
 * Half the 95 % interval of what is computed from `rounds` rounds: they are drawn again and again, with replacement
 * (the bootstrap: Efron, 1979).
 */
export function uncertaintyOver(rounds: number, statistic: (drawn: readonly number[]) => number): number {
  const draw = () => Array.from({ length: rounds }, () => Math.floor(Math.random() * rounds));
  const results = Array.from({ length: DRAWS }, () => statistic(draw()));
  return (percentile(results, 0.975) - percentile(results, 0.025)) / 2;
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

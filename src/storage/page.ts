/**
 * Lists are walked along an index, at most so many rows a request, however few of them a filter lets through: no
 * filter makes a request slow, and no index is needed for every one. A page may therefore be short, or even empty,
 * and still have a next one.
 */
export const SCANNED_MAX = 5_000;

export type Page<Item> = {
  items: Item[];
  /** Where the next page begins; `null` = this was the last. */
  next: string | null;
};

/** `items` has one more than the page where there are more; `stopped` = where the walk ended before its end. */
export function pageOf<Item>(
  items: readonly Item[],
  cursors: readonly string[],
  limit: number,
  stopped: string | null,
): Page<Item> {
  if (items.length > limit) return { items: items.slice(0, limit), next: cursors[limit - 1] ?? null };
  return { items: [...items], next: stopped };
}

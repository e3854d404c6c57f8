/**
 * Lists are walked along an index, at most so many rows a request, however few of them a filter lets through: no
 * filter makes a request slow, and no index is needed for every one. A page may therefore be short, or even empty,
 * and still have a next one.
 */
export const SCANNED_MAX = 5_000;

/** A list: its walk along an index, what of it is shown, and the parameter with the most rows of an answer. */
type List = { walk: string; filter: string; order: string; limit: string };

const window = ({ walk }: List) => `(${walk} LIMIT ${SCANNED_MAX})`;

/** The walk ends with the page: a full one costs no more than itself. */
export const pageSql = (list: List, columns: string) =>
  `SELECT ${columns} FROM ${window(list)} w WHERE ${list.filter} ORDER BY ${list.order} LIMIT ${list.limit}`;

/** Where the walk of a page that did not fill stopped, if that was before its end. */
export const stoppedSql = (list: List, cursor: string) => `
  SELECT (SELECT ${cursor} FROM ${window(list)} w LIMIT 1 OFFSET ${SCANNED_MAX - 1}) AS cursor
  WHERE (SELECT count(*) FROM (${pageSql(list, "1")})) < ${list.limit}`;
export type StoppedRow = { cursor: string | null };

export type Page<Item> = {
  items: Item[];
  /** Where the next page begins; `null` = this was the last. */
  next: string | null;
};

/** `rows` has one more than the page where there are more; `stopped` = where the walk ended before its end. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  read: { item: (row: Row) => Item; cursor: (row: Row) => string },
  stopped: StoppedRow | undefined,
): Page<Item> {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(read.item),
    next: last === undefined ? (stopped?.cursor ?? null) : read.cursor(last),
  };
}

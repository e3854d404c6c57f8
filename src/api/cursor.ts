import { fromBase64Url, toBase64Url, utf8Bytes } from "../encoding.ts";

/** Callers hand a cursor back as it is; what is in it is nobody's business. */
export const cursorFrom = (place: string | null) => (place === null ? null : toBase64Url(utf8Bytes(place)));

/** What a cursor says, if `pattern` is how this list's cursors look; `null` = it is of another list, or made up. */
export function readCursor(cursor: string, pattern: RegExp): RegExpExecArray | null {
  const bytes = fromBase64Url(cursor);
  return bytes === null ? null : pattern.exec(new TextDecoder().decode(bytes));
}
export const CURSOR_MISTAKE = { parameter: "cursor", detail: "must be the next_cursor of a page of this list" };

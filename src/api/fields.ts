import * as v from "valibot";
import { fromBase64Url, toBase64Url, utf8Bytes } from "../encoding.ts";

/** Fields that several endpoints share. A message ends the sentence that the field's name begins. */

const matching = (pattern: RegExp, message: string) => v.pipe(v.string(message), v.regex(pattern, message));

function wholeNumber(min: number, max: number, message: string) {
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

export const userId = matching(/^wxu_[a-z2-7]{26}$/, "must be a user id: wxu_ and 26 of a-z, 2-7");
export const sessionId = matching(/^[a-z2-7]{26}$/, "must be a sid: 26 of a-z, 2-7");
export const wechatId = matching(/^[\w-]{1,128}$/, "must be 1 to 128 of A-Z, a-z, 0-9, _, -");
export const siteUserId = matching(
  /^(?!wxu_)[\w.:@+-]{1,128}$/,
  "must be 1 to 128 of A-Z, a-z, 0-9, . _ : @ + -, and not begin with wxu_",
);
export const flag = v.optional(v.boolean("must be true or false"));
export const moment = v.optional(wholeNumber(0, 99_999_999_999, "must be Unix seconds"), 0);

const LIMIT_MAX = 200;
const LIMIT_DEFAULT = 50;
export const PAGE_FIELDS = {
  limit: v.optional(wholeNumber(1, LIMIT_MAX, `must be a whole number from 1 to ${LIMIT_MAX}`), LIMIT_DEFAULT),
  cursor: v.optional(matching(/^[\w-]{1,128}$/, "must be the next_cursor of a page")),
} as const;

/** Callers hand a cursor back as it is; what is in it is nobody's business. */
export const cursorFrom = (place: string | null) => (place === null ? null : toBase64Url(utf8Bytes(place)));

/** What a cursor says, if `pattern` is how this list's cursors look; `null` = it is of another list, or made up. */
export function readCursor(cursor: string, pattern: RegExp): RegExpExecArray | null {
  const bytes = fromBase64Url(cursor);
  return bytes === null ? null : pattern.exec(new TextDecoder().decode(bytes));
}
export const CURSOR_MISTAKE = { parameter: "cursor", detail: "must be the next_cursor of a page of this list" };

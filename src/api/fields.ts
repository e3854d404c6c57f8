import * as v from "valibot";
import { SITE_USER, WECHAT_ID } from "../identity/id-patterns.ts";

/**
 * Fields that several endpoints share. A message ends the sentence that the field's name begins. Each is a function that
 * makes its schema: most isolates never see a call, and should not build schemas at their start.
 */

const matching = (pattern: RegExp, message: string) => () => v.pipe(v.string(message), v.regex(pattern, message));

function wholeNumber(min: number, max: number, message: string) {
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

export const userId = matching(/^wxu_[a-z2-7]{26}$/, "must be a user id: wxu_ and 26 of a-z, 2-7");
export const sessionId = matching(/^[a-z2-7]{26}$/, "must be a sid: 26 of a-z, 2-7");
export const wechatId = matching(WECHAT_ID, "must be 1 to 128 of A-Z, a-z, 0-9, _, -");
export const siteUserId = matching(
  SITE_USER,
  "must be 1 to 128 of A-Z, a-z, 0-9, . _ : @ + -, and not begin with wxu_",
);
export const flag = () => v.optional(v.boolean("must be true or false"));
export const moment = () => v.optional(wholeNumber(0, 99_999_999_999, "must be Unix seconds"), 0);

export const limitOf = (max: number, usual: number) => () =>
  v.optional(wholeNumber(1, max, `must be a whole number from 1 to ${max}`), usual);
export const cursorOf = (maxLength: number) => () =>
  v.optional(matching(new RegExp(`^[\\w-]{1,${maxLength}}$`), "must be the next_cursor of a page of this list")());
export const PAGE_FIELDS = { limit: limitOf(200, 50), cursor: cursorOf(64) } as const;

export const EVENT_KINDS = [
  "login",
  "profile",
  "join",
  "conflict",
  "block",
  "unblock",
  "bind",
  "unbind",
  "end",
  "delete",
  "import",
] as const;

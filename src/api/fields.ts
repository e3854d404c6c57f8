import { fromBase64Url } from "../encoding.ts";
import { SITE_USER, WECHAT_ID } from "../identity/id-patterns.ts";

/** A field of an input: one table entry from which it is read, and described in the OpenAPI document. */
export type Field<T = unknown> = {
  /** What the document shows of it. */
  schema: { type: "string" | "integer" | "boolean" | "array"; [keyword: string]: unknown };
  /** What the endpoint gets of a value, as it comes out of JSON; `null` = it is none of these. */
  read: (value: unknown) => T | null;
  /** The end of the sentence that the field's name begins. */
  mistake: string;
  /** What stands for a field that is not given; without this, it must be. */
  absent?: T;
};

/** Fields that several endpoints share. */

const matching = (pattern: RegExp, mistake: string): Field<string> => ({
  schema: { type: "string", pattern: pattern.source },
  read: (value) => (typeof value === "string" && pattern.test(value) ? value : null),
  mistake,
});

const wholeNumber = (minimum: number, maximum: number, usual: number, mistake: string): Field<number> => ({
  schema: { type: "integer", minimum, maximum },
  read: (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum ? value : null,
  mistake,
  absent: usual,
});

export const optional = <T>(field: Field<T>): Field<T | undefined> => ({ ...field, absent: undefined });

export const userId = matching(/^wxu_[a-z2-7]{26}$/, "must be a user id: wxu_ and 26 of a-z, 2-7");
export const sessionId = matching(/^[a-z2-7]{26}$/, "must be a sid: 26 of a-z, 2-7");
export const wechatId = matching(WECHAT_ID, "must be 1 to 128 of A-Z, a-z, 0-9, _, -");
export const siteUserId = matching(
  SITE_USER,
  "must be 1 to 128 of A-Z, a-z, 0-9, . _ : @ + -, and not begin with wxu_",
);
export const flag: Field<boolean | undefined> = {
  schema: { type: "boolean" },
  read: (value) => (typeof value === "boolean" ? value : null),
  mistake: "must be true or false",
  absent: undefined,
};
export const moment = wholeNumber(0, 99_999_999_999, 0, "must be Unix seconds");

export const limitOf = (max: number, usual: number) =>
  wholeNumber(1, max, usual, `must be a whole number from 1 to ${max}`);
/** What a list handed out as `next_cursor`, as `readPlace` reads it: it knows those of its own list only. */
export const cursorOf = <T>(
  readPlace: (place: string) => T | null,
  pattern = /^[\w-]{1,64}$/,
): Field<T | undefined> => ({
  schema: { type: "string", pattern: pattern.source },
  read: (value) => {
    const bytes = typeof value === "string" && pattern.test(value) ? fromBase64Url(value) : null;
    return bytes && readPlace(new TextDecoder().decode(bytes));
  },
  mistake: "must be the next_cursor of a page of this list",
  absent: undefined,
});
export const pageOf = <T>(readPlace: (place: string) => T | null) => ({
  limit: limitOf(200, 50),
  cursor: cursorOf(readPlace),
});

/** Where a page of events ended: the time and the id of its last. */
export function readEventPlace(place: string): { at: number; id: number } | null {
  const [, at, id] = /^(\d{1,11})\.(\d{1,15})$/.exec(place) ?? [];
  return at === undefined ? null : { at: Number(at), id: Number(id) };
}

const EVENT_KINDS: readonly string[] = [
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
];
export const eventKind: Field<string> = {
  schema: { enum: EVENT_KINDS, type: "string" },
  read: (value) => EVENT_KINDS.find((kind) => kind === value) ?? null,
  mistake: `must be one of ${EVENT_KINDS.join(", ")}`,
};

/** A list of `maxItems` of whatever kind: whoever asks for it judges the items one by one. */
export const listOf = (maxItems: number, items: string): Field<unknown[]> => ({
  schema: { type: "array", items: {}, maxItems },
  read: (value) => (Array.isArray(value) && value.length <= maxItems ? value : null),
  mistake: `must be a list of at most ${maxItems} ${items}`,
});

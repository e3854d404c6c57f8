/** What a row of an import may hold. Pure: the API and the command line judge with it. */

import { SITE_USER, STORED_NICKNAME_MAX, WECHAT_ID } from "../identity/id-patterns.ts";

export const ROW_COLUMNS = ["openid", "appid", "unionid", "site_user", "nickname"] as const;
export type RowColumn = (typeof ROW_COLUMNS)[number];

/** A row that may be stored, if what is stored already agrees. */
export type ImportRow = {
  openid: string;
  appId: string;
  unionid: string | null;
  siteUser: string | null;
  nickname: string | null;
};

/** Why a row was refused: the codes are a contract, the words are not. */
export const REFUSALS = {
  row_malformed: "the row is not an object of named values",
  column_unknown: `there are no columns but ${ROW_COLUMNS.join(", ")}`,
  openid_malformed: "openid is missing, or not 1 to 128 of A-Z a-z 0-9 _ -",
  appid_malformed: "appid is not wx and 16 of 0-9 a-f",
  appid_withheld: "appid is the account of another site: import it at that site",
  unionid_malformed: "unionid is not 1 to 128 of A-Z a-z 0-9 _ -",
  site_user_malformed: "site_user is not 1 to 128 of A-Z a-z 0-9 . _ : @ + -, or starts with wxu_",
  nickname_malformed: "nickname is no text, longer than 1,024 characters, broken Unicode, or has a NUL",
  other_unionid: "the openid is stored with another unionid",
  unionid_taken: "another openid of this AppID has the unionid",
  two_users: "openid and unionid are known as two users; they join when the person next consents to the profile",
  site_user_taken: "another user has the site_user",
  other_site_user: "the user has another site_user on this site",
  too_entangled: "too many rows of one batch speak of the same person: send this one in another batch",
} as const;
export type Refusal = keyof typeof REFUSALS;

export type RowContext = {
  /** For rows without an appid: the site's account. */
  appId: string;
  /** AppIDs that whoever imports may not speak for. */
  withheldAppIds: ReadonlySet<string>;
  /** Site option `store_profile`: without it nicknames are left out. */
  storeProfile: boolean;
};

export type CheckedRow = { ok: true; row: ImportRow } | { ok: false; refusals: Refusal[] };

const APP_ID = /^wx[0-9a-f]{16}$/;

/** Judges one row; every mistake of it is listed. Empty text and `null` mean "not given". */
export function checkRow(input: unknown, context: RowContext): CheckedRow {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return { ok: false, refusals: ["row_malformed"] };
  }
  const given = input as Partial<Record<RowColumn, unknown>>;
  const refusals = new Set<Refusal>();
  const columns: readonly string[] = ROW_COLUMNS;
  if (!Object.keys(input).every((name) => columns.includes(name))) refusals.add("column_unknown");

  const read = (column: RowColumn, valid: { test: (text: string) => boolean }): string | null => {
    const value = Object.hasOwn(given, column) ? given[column] : null;
    if (value === null || value === undefined || value === "") return null;
    if (typeof value === "string" && valid.test(value)) return value;
    refusals.add(`${column}_malformed`);
    return null;
  };
  const openid = read("openid", WECHAT_ID);
  if (openid === null) refusals.add("openid_malformed");
  const appId = read("appid", APP_ID) ?? context.appId;
  if (context.withheldAppIds.has(appId)) refusals.add("appid_withheld");
  const unionid = read("unionid", WECHAT_ID);
  const siteUser = read("site_user", SITE_USER);
  const nickname = read("nickname", NICKNAME);

  if (openid === null || refusals.size > 0) return { ok: false, refusals: [...refusals] };
  return { ok: true, row: { openid, appId, unionid, siteUser, nickname: context.storeProfile ? nickname : null } };
}

// SQLite ends a text at NUL.
const NICKNAME = {
  test: (text: string) => text.length <= STORED_NICKNAME_MAX && text.isWellFormed() && !text.includes("\0"),
};

import type { TemplatePart, TemplateWord } from "../config/config.ts";
import { encodeNickname } from "./encode-nickname.ts";
import type { Identity } from "./identity.ts";

export type Words = Readonly<Record<TemplateWord, string | null>>;

/** The value of each word, ready for a header; `null` = unknown to this visitor. */
export function wordsOf(identity: Identity, appid: string): Words {
  const { openid, unionid, user, siteUser, nickname, avatar, level, sid } = identity;
  const encoded = nickname === null ? null : encodeNickname(nickname);
  return { openid, appid, unionid, user, site_user: siteUser, nickname: encoded, avatar, level, sid };
}

/** A header's value from its template; `null` when a word is unknown: the header is then left out. */
export function renderTemplate(parts: readonly TemplatePart[], words: Words): string | null {
  let rendered = "";
  for (const part of parts) {
    const known = "text" in part ? part.text : part.words.map((word) => words[word]).find((value) => value !== null);
    if (known === undefined) return null;
    rendered += known;
  }
  return rendered;
}

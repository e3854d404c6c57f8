import type { TemplatePart, TemplateWord } from "../config/config.ts";
import { encodeNickname } from "./encode-nickname.ts";
import type { Identity } from "./identity.ts";

/** The value of each word, ready for a header; `null` = unknown to this visitor. */
export function wordValue(word: TemplateWord, identity: Identity, appId: string): string | null {
  switch (word) {
    case "openid":
      return identity.openid;
    case "appid":
      return appId;
    case "unionid":
      return identity.unionid;
    case "user":
      return identity.user;
    case "site_user":
      return identity.siteUser;
    case "nickname":
      return identity.nickname === null ? null : encodeNickname(identity.nickname);
    case "avatar":
      return identity.avatar;
    case "level":
      return identity.level;
    case "sid":
      return identity.sid;
  }
}

/** A header's value from its template; `null` when a word is unknown: the header is then left out. */
export function renderTemplate(parts: readonly TemplatePart[], identity: Identity, appId: string): string | null {
  let rendered = "";
  for (const part of parts) {
    if ("text" in part) {
      rendered += part.text;
      continue;
    }
    const known = part.words.map((word) => wordValue(word, identity, appId)).find((value) => value !== null);
    if (known === undefined) return null;
    rendered += known;
  }
  return rendered;
}

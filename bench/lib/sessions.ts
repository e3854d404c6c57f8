import "./polyfill.ts";
import { bytesOf } from "../../src/config/values/base64url.ts";
import { importSealingKeys, seal } from "../../src/seal.ts";
import { type Session, serializeSession } from "../../src/session/session.ts";
import { APP_ID, HOST, SESSION_COOKIE } from "./settings.ts";

/** Session cookies without a login each: sealed by the gateway's own code with the bench's key. */

export type Visitors = { count: number; gatewaySecret: string };

/** Cookie headers of so many different visitors. */
export async function sealedCookies({ count, gatewaySecret }: Visitors): Promise<string[]> {
  const secret = bytesOf(gatewaySecret);
  if (secret === null) throw new Error("the bench's key is no base64url");
  const keys = await importSealingKeys([secret]);
  const now = Math.floor(Date.now() / 1_000);
  const cookies: string[] = [];
  for (let index = 0; index < count; index++) {
    const sealed = await seal(keys, ["session", HOST, APP_ID], serializeSession(visitor(index, now)));
    cookies.push(`${SESSION_COOKIE}=${sealed}`);
  }
  return cookies;
}

function visitor(index: number, now: number): Session {
  const id = base32(index);
  return {
    sid: id,
    user: `wxu_${id}`,
    openid: `o${id}_`,
    unionid: null,
    siteUser: null,
    nickname: null,
    avatar: null,
    level: "login",
    amr: "silent",
    signedInAt: now,
    checkedAt: now,
    renewNotBefore: 0,
  };
}

/** 26 characters that a session id may have, another text for each number. */
function base32(index: number): string {
  return index
    .toString(16)
    .replace(/[0-9]/g, (digit) => String.fromCharCode("g".charCodeAt(0) + Number(digit)))
    .padStart(26, "z");
}

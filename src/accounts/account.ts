/**
 * What the login asks of a provider, and nothing of how: Official Account today, website and WeCom later.
 * Every answer is a value; nothing here throws for what WeChat does.
 */

export type Scope = "base" | "userinfo";

/** What WeChat said at the code exchange. */
export type Tokens = {
  accessToken: string;
  expiresInSeconds: number;
  /** Absent in odd answers: then there is nothing to refresh with. */
  refreshToken: string | null;
  openid: string;
  /** Counts only together with a successful profile (design 7.11). */
  unionid: string | null;
  /** What was granted, as WeChat says; `null` where it does not say. */
  granted: Scope | null;
  /** A virtual identity of WeChat's snapshot page. */
  snapshot: boolean;
};

export type Profile = { openid: string; nickname: string | null; avatar: string | null; unionid: string | null };

/** How a refusal is to be treated; stable, and independent of WeChat's numbers. */
export type RefusalKind =
  /** 40163: the code was used; a twin may have succeeded. */
  | "used"
  /** Invalid or expired code or token: a fresh login may help. */
  | "spent"
  | "busy"
  /** AppID, secret, address, permission: nobody can sign in until the operator acts. */
  | "config"
  | "limited"
  | "user"
  /** 48001: this token may not do that; at `sns/userinfo` the sign of a snapshot visitor. */
  | "unauthorised";

export type ProviderFailure =
  | { ok: false; kind: RefusalKind; errcode: number; rid: string | null }
  /** No answer in time, or no connection. */
  | { ok: false; kind: "unreachable" }
  /** An answer, but not one that WeChat's documents know. */
  | { ok: false; kind: "rubbish" };

export type ProviderAnswer<Value> = { ok: true; value: Value } | ProviderFailure;

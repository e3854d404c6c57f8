/** Who is signed in, as the origin may learn it. `null` = not known; such a header is left out. */
export type Identity = {
  /** 26 base32 characters; ends with the session. */
  sid: string;
  /** `wxu_…`: wxgate's user id, never changes. */
  user: string;
  openid: string;
  unionid: string | null;
  siteUser: string | null;
  /** Cleaned and cut for the header (≤ 256 bytes of UTF-8); D1 has the whole. */
  nickname: string | null;
  /** https URL, ≤ 512 bytes. */
  avatar: string | null;
  level: "login" | "profile";
  amr: "silent" | "consent";
};

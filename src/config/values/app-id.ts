/** WeChat AppIDs. */
import { complain, type Read } from "../complaint.ts";

const APP_ID = /^wx[0-9a-f]{16}$/;

/** Reads an AppID: `wx` and 16 hex digits in lower case. */
export function readAppId(text: string): Read<string> {
  if (APP_ID.test(text)) return text;
  const tidy = text.replace(/\s+/g, "").toLowerCase();
  if (APP_ID.test(tidy)) return complain("has spaces or upper-case letters", `Write "${tidy}".`);
  if (/^[0-9a-f]{32}$/.test(tidy)) {
    return complain("looks like an AppSecret", "Write the AppID: wx and 16 hex digits. No secret goes here.");
  }
  if (/^gh_[0-9a-f]{12}$/.test(tidy)) {
    return complain("is the account's original ID (原始ID)", "Write the AppID: wx and 16 hex digits.");
  }
  return complain("is no WeChat AppID", "Copy it from mp.weixin.qq.com: wx and 16 hex digits.");
}

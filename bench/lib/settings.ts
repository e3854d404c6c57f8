import { assertionKeySet, newAssertionKey, newGatewayKey } from "../../scripts/lib/new-keys.ts";

/** The site that the bench runs as. Plain http on loopback: the simulator's address allows it. */

export const HOST = "bench.example.com";
export const APP_ID = "wx0123456789abcdef";
/** On http the cookie goes without its prefix. */
export const SESSION_COOKIE = "wx";

export type Keys = { gatewaySecret: string; assertionKeys: string };

export async function newKeys(): Promise<Keys> {
  return { gatewaySecret: newGatewayKey(), assertionKeys: assertionKeySet([await newAssertionKey()]) };
}

/** A Worker's bindings that are plain values: text as it is, everything else as JSON. */
export type Values = Record<string, unknown>;

export type Surroundings = { originPort: number; simulatorPort: number; keys: Keys };

/** @param session the site's session options */
export function gatewayValues({ originPort, simulatorPort, keys }: Surroundings, session: Values): Values {
  const wechat = `http://127.0.0.1:${simulatorPort}`;
  const rules = [
    { path: "/open/*", access: "open" },
    { path: "/profile/*", access: "profile" },
  ];
  const site = {
    host: HOST,
    origin: `http://127.0.0.1:${originPort}`,
    app_id: APP_ID,
    access: "login",
    rules,
    session,
  };
  return {
    SITES: [site],
    WECHAT_OPEN_URL: wechat,
    WECHAT_API_URL: wechat,
    WECHAT_APP_SECRET: "00112233445566778899aabbccddeeff",
    GATEWAY_SECRET: keys.gatewaySecret,
    ASSERTION_KEYS: keys.assertionKeys,
  };
}

const USER_AGENT =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.69(0x18004526) NetType/WIFI Language/zh_CN";

/** What a phone inside WeChat sends with a navigation, and what Cloudflare adds: both Workers get the same. */
export const NAVIGATION_HEADERS: Readonly<Record<string, string>> = {
  host: HOST,
  "user-agent": USER_AGENT,
  accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "accept-language": "zh-CN,zh-Hans;q=0.9",
  "accept-encoding": "gzip, deflate, br",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
  "sec-fetch-site": "none",
  "cf-connecting-ip": "203.0.113.7",
  "cf-ray": "8f0123456789abcd-HKG",
  "x-forwarded-proto": "http",
};

/** What a script of a page sends. */
export const SCRIPT_HEADERS: Readonly<Record<string, string>> = {
  ...NAVIGATION_HEADERS,
  accept: "application/json",
  "sec-fetch-mode": "cors",
  "sec-fetch-dest": "empty",
  "sec-fetch-site": "same-origin",
};

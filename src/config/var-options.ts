/** The variables and secrets beside the sites. */
import { text } from "./schema.ts";
import type { Options } from "./table.ts";
import { readServiceUrl } from "./values/service-url.ts";

/** Addresses of WeChat; `complete` fills the defaults in. */
export const URL_OPTIONS = {
  WECHAT_OPEN_URL: {
    schema: text(readServiceUrl),
    default: "https://open.weixin.qq.com",
  },
  WECHAT_API_URL: {
    schema: text(readServiceUrl),
    default: "https://api.weixin.qq.com",
  },
} as const satisfies Options;

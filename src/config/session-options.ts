/** How long a session lasts. */
import { type Hint, type Options, readTable, tableSchema, type Values } from "./table.ts";
import { durationBetween } from "./values/duration.ts";

export const SESSION_OPTIONS = {
  lifetime: {
    schema: durationBetween("10s", "90d"),
    type: "duration",
    default: "24h",
    example: '"7d"',
    en: "How long a session lasts at most, 10s to 90d.",
    zh: "会话的最长有效期，10s 至 90d。",
  },
  renew: {
    schema: durationBetween("10s", "90d"),
    type: "duration",
    default: "2h",
    example: '"30m"',
    en: "In WeChat, an older sign-in goes silently through WeChat again at the next navigation, which catches a switched account; 10s to 90d.",
    zh: "在微信内，登录时间超过此值后，下一次打开页面时会静默重新登录，以发现切换了的微信账号；10s 至 90d。",
  },
  recheck: {
    schema: durationBetween("30s", "1h"),
    type: "duration",
    default: "5m",
    example: '"1m"',
    en: "How late a block or a sign-out elsewhere may take effect, 30s to 1h.",
    zh: "封禁或在别处退出登录最迟多久生效，30s 至 1h。",
  },
} as const satisfies Options;

export type SessionValues = Values<typeof SESSION_OPTIONS>;

/** A schema for the table, without defaults: a site's is merged with that of DEFAULTS first. */
export function sessionTable(misplaced: Hint) {
  return tableSchema<SessionValues>('{ lifetime = "24h" }', (raw) => {
    const { values, issues } = readTable(SESSION_OPTIONS, raw, misplaced);
    return { output: values, issues };
  });
}

import type { Site } from "./config/config.ts";
import type { Cookies } from "./cookies.ts";
import type { Runtime } from "./runtime.ts";
import type { Session } from "./session/session.ts";

/** One request on its way through the gateway. Made by `app.ts`, handed down, never kept. */
export type Visit = {
  runtime: Runtime;
  request: Request;
  /** Work that outlives the answer; failures are logged by whoever starts it. */
  waitUntil: (work: Promise<unknown>) => void;
  site: Site;
  scheme: "https" | "http";
  /** HOST of the contract. */
  host: string;
  /** Canonical; the one that was judged. */
  path: string;
  /** With its `?`, as sent. */
  search: string;
  cookies: Cookies;
  /** What this very Cookie header opened to before, alive or not; `null` = not known. */
  opened: Session | null;
  requestId: string;
  /** Milliseconds; only for `duration_ms` and deadlines. */
  receivedAt: number;
  /** Unix seconds. */
  now: number;
};

/** What sealed cookies and attempts of this host are bound to, besides their purpose. */
export const sealContext = (visit: Visit, purpose: "session" | "attempt" | "signed_out"): string[] => [
  purpose,
  visit.host,
  visit.site.account.appId,
];

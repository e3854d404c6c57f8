/** The accounts that the simulator knows. With none configured, any well-formed AppID and any secret will do. */

import type { AuthorizeProblemId } from "./authorize-problems.ts";

/** WeChat's own limit of web-auth domains (网页授权域名) an account. */
export const DOMAINS_PER_APP = 2;

export type App = {
  appid: string;
  /** `null` = any secret that is not empty. */
  secret: string | null;
  /** Registered web-auth domains, `host` or `host/path`; none = any. */
  domains: readonly string[];
  /** Open platform group: AppIDs of one group share unionids; `null` = bound to none, no unionid. */
  group: string | null;
  /** Shown by every authorize request of this AppID, as for a banned (10004) or unverified (10005) account. */
  problem: AuthorizeProblemId | number | null;
};

const APPID = /^wx[0-9a-f]{16}$/;
const DEFAULT_GROUP = "default";

/** The app of an AppID, or `undefined` when WeChat would not know it. */
export function findApp(apps: ReadonlyMap<string, App>, appid: string): App | undefined {
  if (apps.size > 0) return apps.get(appid);
  return APPID.test(appid) ? makeApp({ appid }) : undefined;
}

/** An app with everything that is not given at its default. */
export function makeApp(given: { [K in keyof App]?: App[K] | undefined } & { appid: string }): App {
  return {
    appid: given.appid,
    secret: given.secret ?? null,
    domains: given.domains ?? [],
    group: given.group === undefined ? DEFAULT_GROUP : given.group,
    problem: given.problem ?? null,
  };
}

/** Whether the redirect_uri lies on a registered domain; a path registers everything below it. */
export function isRegistered(app: App, redirect: URL): boolean {
  if (app.domains.length === 0) return true;
  return app.domains.some((domain) => {
    const [host = "", ...path] = domain.replace(/\/+$/, "").split("/");
    // A test account (测试号) may register IP:port; a plain host covers every port.
    const sameHost = [redirect.host, redirect.hostname].includes(host.toLowerCase());
    const prefix = path.length === 0 ? "" : `/${path.join("/")}`;
    return sameHost && (redirect.pathname === prefix || redirect.pathname.startsWith(`${prefix}/`));
  });
}

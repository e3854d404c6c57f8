import { HOST, type World } from "./world.ts";

/** What a phone inside WeChat sends. */
export const WECHAT_USER_AGENT =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.69(0x18004526) NetType/WIFI Language/zh_CN";
export const DESKTOP_USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36";

export type Hop = { url: string; response: Response };

/**
 * A browser as the gateway sees one: a cookie jar per host that obeys Max-Age, navigation headers, and redirects
 * followed through the simulator and back.
 */
export class Browser {
  readonly world: World;
  /** host → name → value. */
  readonly jar = new Map<string, Map<string, string>>();
  person: string;
  userAgent: string;
  /** Refuses to keep cookies whose name passes the filter. */
  blocksCookie: (name: string) => boolean = () => false;

  constructor(world: World, person = "test-visitor", userAgent = WECHAT_USER_AGENT) {
    this.world = world;
    this.person = person;
    this.userAgent = userAgent;
  }

  cookies(host = HOST): Map<string, string> {
    const cookies = this.jar.get(host) ?? new Map<string, string>();
    this.jar.set(host, cookies);
    return cookies;
  }

  cookieHeader(host = HOST): string {
    return [...this.cookies(host)].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** One request to the gateway, cookies both ways, redirects not followed. */
  async request(url: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const target = new URL(url, `https://${HOST}`);
    const headers = new Headers(init.headers);
    const cookies = this.cookieHeader(target.host);
    if (cookies !== "" && !headers.has("cookie")) headers.set("cookie", cookies);
    if (!headers.has("user-agent")) headers.set("user-agent", this.userAgent);
    // `url` as it is where it is whole: the constructor of URL would make a crooked path straight.
    // Browsers keep the fragment to themselves.
    const withoutFragment = (url.startsWith("http") ? url : target.href).split("#", 1)[0] ?? "";
    const request = new Request(withoutFragment, { ...init, headers, redirect: "manual" });
    const response = await this.world.send(request);
    this.keep(target.host, response);
    return response;
  }

  /** A top-level navigation, one hop. */
  navigate(url: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.request(url, {
      headers: { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", ...headers },
    });
  }

  /** A script's request. */
  fetch(url: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    return this.request(url, {
      ...init,
      headers: {
        accept: "application/json",
        "sec-fetch-mode": "cors",
        "sec-fetch-site": "same-origin",
        "sec-fetch-dest": "empty",
        ...init.headers,
      },
    });
  }

  /** A form's button on a page of ours. */
  submit(url: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Response> {
    return this.request(url, {
      method: "POST",
      body: new URLSearchParams(fields).toString(),
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        accept: "text/html",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
        "sec-fetch-site": "same-origin",
        ...headers,
      },
    });
  }

  /** What WeChat's authorize page does: the callback URL that it redirects to. */
  async authorize(location: string, headers: Record<string, string> = {}): Promise<string> {
    const { pathname, search } = new URL(location);
    const answer = await this.world.simulator.app.request(`${pathname}${search}`, {
      headers: { "x-simulator-person": this.person, "x-simulator-consent": "allow", ...headers },
    });
    const next = answer.headers.get("location");
    if (next === null) throw new Error(`WeChat shows a page: ${answer.status} ${(await answer.text()).slice(0, 400)}`);
    return next;
  }

  /** Follows redirects, through WeChat where they lead there, until something is no redirect. */
  async follow(response: Response, url: string, maxHops = 12): Promise<Hop[]> {
    const hops: Hop[] = [{ url, response }];
    for (let hop = 0; hop < maxHops; hop++) {
      const last = hops.at(-1);
      const location = last?.response.headers.get("location");
      if (!last || !location || last.response.status < 300 || last.response.status > 399) return hops;
      const target = new URL(location, new URL(last.url, `https://${HOST}`));
      const next = target.hostname === "open.weixin.qq.com" ? await this.authorize(target.href) : target.href;
      hops.push({ url: next, response: await this.navigate(next) });
    }
    throw new Error(`still redirecting after ${maxHops} hops: ${hops.map((hop) => hop.url).join("\n")}`);
  }

  /** Opens a page and ends where the redirects end. */
  async open(url: string): Promise<Hop> {
    const hops = await this.follow(await this.navigate(url), url);
    const last = hops.at(-1);
    if (last === undefined) throw new Error("no answer");
    return last;
  }

  /** Starts a login and stops at the callback URL, not yet requested. */
  async upToCallback(url: string): Promise<string> {
    const response = await this.navigate(url);
    const location = response.headers.get("location");
    if (location === null) throw new Error(`no login was started: ${response.status}`);
    return this.authorize(location);
  }

  keep(host: string, response: Response): void {
    const cookies = this.cookies(host);
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const cut = pair.indexOf("=");
      const name = pair.slice(0, cut).trim();
      if (this.blocksCookie(name)) continue;
      const maxAge = attributes
        .map((attribute) => /^\s*max-age=(-?\d+)/i.exec(attribute)?.[1])
        .find((age) => age !== undefined);
      if (maxAge !== undefined && Number(maxAge) <= 0) cookies.delete(name);
      else cookies.set(name, pair.slice(cut + 1).trim());
    }
  }
}

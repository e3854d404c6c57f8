import type { Answer, HttpClient } from "./http-client.ts";
import { HOST, NAVIGATION_HEADERS } from "./settings.ts";

/** One person with a browser inside WeChat: a cookie jar, and logins through the simulator. */

export type Ports = { gateway: number; simulator: number };

export class Visitor {
  readonly person: string;
  readonly #http: HttpClient;
  readonly #ports: Ports;
  readonly #address: string;
  readonly #cookies = new Map<string, string>();

  /** @param number another address for each: one address must not use up the callbacks' limit */
  constructor(http: HttpClient, ports: Ports, number: number) {
    this.#http = http;
    this.#ports = ports;
    this.person = `test-bench-${number}`;
    this.#address = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  }

  headers(base: Readonly<Record<string, string>> = NAVIGATION_HEADERS): Record<string, string> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    return { ...base, "cf-connecting-ip": this.#address, ...(cookie === "" ? {} : { cookie }) };
  }

  /** One request to the gateway; its cookies are kept. */
  async ask(
    path: string,
    {
      base = NAVIGATION_HEADERS,
      method = "GET",
      body,
    }: { base?: Readonly<Record<string, string>>; method?: string; body?: string } = {},
  ): Promise<Answer> {
    const answer = await this.#http.ask({
      port: this.#ports.gateway,
      path,
      method,
      headers: this.headers(base),
      ...(body === undefined ? {} : { body }),
    });
    for (const line of answer.headers["set-cookie"] ?? []) this.#keep(line);
    return answer;
  }

  /** Asks for a page that needs a login and goes through WeChat: the path of the callback, not yet requested. */
  async upToCallback(path: string): Promise<string> {
    return this.authorize(locationOf(await this.ask(path), "a login's start"));
  }

  /** The profile page's button, and the consent. */
  async upToProfileCallback(path: string): Promise<string> {
    const form = {
      ...NAVIGATION_HEADERS,
      "content-type": "application/x-www-form-urlencoded",
      "sec-fetch-site": "same-origin",
    };
    const body = `to=${encodeURIComponent(path)}`;
    return this.authorize(
      locationOf(await this.ask("/_wx/login", { base: form, method: "POST", body }), "the profile button"),
    );
  }

  /** A whole silent login; the callback's answer. */
  async signIn(path: string): Promise<Answer> {
    return this.ask(await this.upToCallback(path));
  }

  /** What WeChat's page does: the path on this host that it sends the browser to. */
  async authorize(location: string): Promise<string> {
    const { pathname, search } = new URL(location);
    const answer = await this.#http.ask({
      port: this.#ports.simulator,
      path: `${pathname}${search}`,
      headers: { "x-simulator-person": this.person, "x-simulator-consent": "allow" },
    });
    const back = new URL(locationOf(answer, "WeChat's answer"));
    if (back.host !== HOST) throw new Error(`WeChat leads to ${back.host}`);
    return `${back.pathname}${back.search}`;
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";");
    const cut = pair.indexOf("=");
    const isGone = attributes.some((attribute) => /^\s*max-age=0\s*$/i.test(attribute));
    if (isGone) this.#cookies.delete(pair.slice(0, cut));
    else this.#cookies.set(pair.slice(0, cut), pair.slice(cut + 1));
  }
}

function locationOf({ status, headers, body }: Answer, what: string): string {
  if (headers.location === undefined)
    throw new Error(`${what}: ${status} instead of a redirect\n${body.slice(0, 300)}`);
  return headers.location;
}

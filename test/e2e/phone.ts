import { type IncomingHttpHeaders, request } from "node:http";

/** A phone over real HTTP: its own cookie jar for each port, and nothing done that is not asked for. */

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer; text: string };
type Sent = { method?: string; headers?: Record<string, string>; body?: string | Buffer };

export class Phone {
  readonly jars = new Map<string, Map<string, string>>();

  jar(url: URL): Map<string, string> {
    const jar = this.jars.get(url.host) ?? new Map<string, string>();
    this.jars.set(url.host, jar);
    return jar;
  }

  /** One request, not followed. */
  send(address: string, { method = "GET", headers = {}, body }: Sent = {}): Promise<Answer> {
    const url = new URL(address);
    const jar = this.jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    return new Promise((resolve, reject) => {
      const call = request(
        url,
        { method, headers: { ...(cookie === "" ? {} : { cookie }), ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            for (const line of response.headers["set-cookie"] ?? []) keep(jar, line);
            const all = Buffer.concat(chunks);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: all,
              text: all.toString("utf8"),
            });
          });
          response.on("error", reject);
        },
      );
      call.on("error", reject);
      call.end(body);
    });
  }

  /** A navigation, through every redirect. */
  async open(address: string, hops = 10): Promise<Answer & { url: string }> {
    let url = address;
    for (let hop = 0; hop < hops; hop++) {
      const answer = await this.send(url, { headers: { accept: "text/html" } });
      const { location } = answer.headers;
      if (location === undefined || answer.status < 300 || answer.status > 399) return { ...answer, url };
      url = new URL(location, url).href;
    }
    throw new Error(`still redirecting at ${url}`);
  }

  /** What the demo origin received, as JSON. */
  async received(
    address: string,
    sent: Sent = {},
  ): Promise<{ method: string; path: string; headers: Record<string, string> }> {
    const answer = await this.send(address, { ...sent, headers: { accept: "application/json", ...sent.headers } });
    if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
    return JSON.parse(answer.text);
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = "", ...attributes] = line.split(";");
  const cut = pair.indexOf("=");
  const isGone = attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute));
  if (isGone) jar.delete(pair.slice(0, cut));
  else jar.set(pair.slice(0, cut), pair.slice(cut + 1));
}

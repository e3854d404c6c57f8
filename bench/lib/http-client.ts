import { Agent, type IncomingHttpHeaders, request } from "node:http";

/** Requests to a loopback port under any Host, redirects never followed. */

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

export type Ask = {
  port: number;
  path: string;
  method?: string;
  headers: Record<string, string>;
  body?: string;
  timeoutMs?: number;
};

export class HttpClient {
  readonly #agent: Agent;

  constructor(maxSockets: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets });
  }

  ask({ port, path, method = "GET", headers, body, timeoutMs = 30_000 }: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request({
        host: "127.0.0.1",
        port,
        path,
        method,
        headers,
        agent: this.#agent,
        timeout: timeoutMs,
      });
      outgoing.once("timeout", () => outgoing.destroy(new Error("no answer in time")));
      outgoing.once("error", reject);
      outgoing.once("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

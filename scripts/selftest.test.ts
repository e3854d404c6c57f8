import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** `npm run selftest` against origins that trust too much, and against one that verifies. */

const servers: Server[] = [];
let keySet: JSONWebKeySet;
let site: string;

async function listen(answer: (request: IncomingMessage) => Promise<[number, string]>): Promise<string> {
  const server = createServer(async (request, response) => {
    const [status, body] = await answer(request);
    response.writeHead(status, { "content-type": "text/html" }).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeEach(async () => {
  const { publicKey } = await generateKeyPair("ES256", { extractable: true });
  keySet = { keys: [{ ...(await exportJWK(publicKey)), kid: "ours", alg: "ES256" }] };
  site = await listen(async () => [200, JSON.stringify(keySet)]);
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function selftest(origin: string): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, ["scripts/selftest.ts", "--origin", origin, "--site", site]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { status, output };
}

const header = (request: IncomingMessage, name: string) => String(request.headers[name] ?? "");

describe("the self-test of an origin", () => {
  it("reports an origin that believes the header", async () => {
    const origin = await listen(async (request) => [200, `Hello ${header(request, "x-wx-openid")}`]);
    const { status, output } = await selftest(origin);
    expect(status).toBe(1);
    expect(output).toContain("it is not locked");
    expect(output).toContain("ACCEPTED  header X-WX-OPENID: the page names the forged openid");
  });

  it("reports an origin that folds underscores into our header", async () => {
    const origin = await listen(async (request) => [200, `Hello ${header(request, "x_wx_openid")}`]);
    const { output } = await selftest(origin);
    expect(output).toContain("ACCEPTED  header X_WX_OPENID");
    expect(output).toContain("refused   header X-WX-OPENID");
  });

  it("reports an origin that decodes the assertion without verifying it", async () => {
    const origin = await listen(async (request) => {
      const payload = Buffer.from(header(request, "x-wx-assertion").split(".")[1] ?? "", "base64url").toString();
      return payload.includes("openid") ? [200, "welcome"] : [401, "who are you?"];
    });
    const { status, output } = await selftest(origin);
    expect(status).toBe(1);
    expect(output).toContain("ACCEPTED  assertion: alg none: status 200 instead of 401");
    expect(output).toContain("ACCEPTED  assertion: HS256 with the public key as secret");
    expect(output).toContain("refused   all identity headers");
  });

  it("finds nothing at an origin that verifies", async () => {
    const keys = createLocalJWKSet(keySet);
    const origin = await listen(async (request) => {
      const options = { algorithms: ["ES256"], typ: "wxgate+jwt", issuer: site, audience: new URL(site).host };
      try {
        await jwtVerify(header(request, "x-wx-assertion"), keys, options);
        return [200, "welcome"];
      } catch {
        return [401, "who are you?"];
      }
    });
    const { status, output } = await selftest(origin);
    expect(output).toMatch(/selftest: \d+ forgeries, 0 accepted/);
    expect(status).toBe(0);
  });
});

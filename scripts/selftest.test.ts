import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** `npm run selftest` against origins that trust too much, and against one that verifies. */

const servers: Server[] = [];
let keySet: JSONWebKeySet;
let site: string;

type Answer = [status: number, body: string, location?: string];

async function listen(answer: (request: IncomingMessage) => Promise<Answer>): Promise<string> {
  const server = createServer(async (request, response) => {
    const [status, body, location] = await answer(request);
    response.writeHead(status, { "content-type": "text/html", ...(location && { location }) }).end(body);
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

async function selftest(origin: string, address = site, ...more: string[]) {
  const child = spawn(process.execPath, ["scripts/selftest.ts", "--origin", origin, "--site", address, ...more]);
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
    expect(output).toContain("no effect header X-WX-OPENID");
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
    expect(output).toMatch(/selftest: (\d+) forgeries, 0 accepted, \1 refused, 0 without effect/);
    expect(status).toBe(0);
  });

  it("reports an origin that greets whoever has the header, without naming the openid", async () => {
    const origin = await listen(async (request) => [
      200,
      `<p>csrf ${crypto.randomUUID()}</p><h1>${header(request, "x-wx-openid") === "" ? "请登录" : "欢迎回来，会员"}</h1>`,
    ]);
    const { status, output } = await selftest(origin);
    expect(output).toContain("ACCEPTED  header X-WX-OPENID: the page says “欢迎回来，会员” instead of “请登录”");
    expect(status).toBe(1);
  });

  it("proves nothing by an unlocked origin on which the headers have no effect, and says so", async () => {
    const origin = await listen(async () => [200, `<p>csrf ${crypto.randomUUID()}</p>welcome, everybody`]);
    const { status, output } = await selftest(origin);
    expect(output).toContain("no effect header X-WX-OPENID");
    expect(output).toContain("0 refused, 17 without effect");
    expect(output).toContain("proves nothing");
    expect(status).toBe(3);
  });

  it("proves nothing by pages that are another one at every visit", async () => {
    const origin = await listen(async () => [200, "x ".repeat(Math.random() * 1_000)]);
    const { status, output } = await selftest(origin);
    expect(output).toContain("no effect header X-WX-OPENID");
    expect(status).toBe(3);
  });

  it("is not misled by what changes in a redirect at every visit", async () => {
    const origin = await listen(async () => [302, "", `/login?nonce=${crypto.randomUUID()}&to=%2F`]);
    const { status, output } = await selftest(origin);
    expect(output).not.toContain("ACCEPTED");
    expect(status).toBe(3);
  });

  it("takes a redirect of a chosen page for a refusal: strangers are sent to the sign-in", async () => {
    const origin = await listen(async () => [302, "", `/login?nonce=${crypto.randomUUID()}`]);
    const { status, output } = await selftest(origin, site, "--path", "/account");
    expect(output).toContain("it redirects strangers, and is not locked");
    expect(output).toContain("0 accepted, 17 refused");
    expect(status).toBe(0);
  });

  it("tests nothing where everybody is redirected to the same page by another address, and names that", async () => {
    const slash = await listen(async (request) =>
      request.url === "/account?a=1" ? [301, "", "/account/?a=1"] : [200, `Hello ${header(request, "x-wx-openid")}`],
    );
    const first = await selftest(slash, site, "--path", "/account?a=1");
    expect(first.output).toContain(`Nothing was tested. Give --origin ${slash} --path "/account/?a=1"`);
    expect([first.status, first.output.includes("refused")]).toEqual([2, false]);
    expect((await selftest(slash, site, "--path", "/account/?a=1")).status).toBe(1);

    // Most servers name the host that they were asked for: that is the gateway's.
    const { host } = new URL(site);
    const plain = await listen(async (request) => [308, "", `https://${request.headers.host}${request.url}`]);
    const second = await selftest(plain, site, "--path", "/account");
    expect(second.output).toContain(`Give --origin https://127.0.0.1 --path "/account"`);
    expect(second.output).not.toContain(`--origin https://${host}`);
    expect(second.status).toBe(2);
    expect((await selftest(plain)).status).toBe(2);

    const moved = await listen(async (request) => [302, "", `https://www.example.com${request.url}`]);
    const third = await selftest(moved, site, "--path", "/account");
    expect(third.output).toContain(`Give --origin https://www.example.com --path "/account"`);
    expect(third.status).toBe(2);

    const circle = await listen(async (request) => [302, "", String(request.url)]);
    const fourth = await selftest(circle, site, "--path", "/account");
    expect(fourth.output).toContain("redirects everybody to /account, which is where it was asked");
    expect(fourth.status).toBe(2);

    for (const to of ["/en/account", "/Account", "/account/index.php", ""]) {
      const elsewhere = await listen(async (request) => [request.url === "/account" ? 302 : 200, "", to]);
      expect([to, (await selftest(elsewhere, site, "--path", "/account")).status]).toEqual([to, 2]);
    }
    const signIn = await listen(async () => [302, "", "/sign-in?to=/account"]);
    expect((await selftest(signIn, site, "--path", "/account")).status).toBe(0);
  });

  it.each([400, 421, 426])("tests nothing where everybody gets %i: that is no word about strangers", async (answer) => {
    const origin = await listen(async () => [answer, "no"]);
    const { status, output } = await selftest(origin, site, "--path", "/account");
    expect(output).toContain(`answers ${answer} to everybody`);
    expect(output).toContain("Nothing was tested");
    expect([status, output.includes("refused")]).toEqual([2, false]);
  });

  it("reports a redirect that leads elsewhere", async () => {
    const origin = await listen(async (request) => [
      302,
      "",
      `${header(request, "x-wx-openid") === "" ? "/login" : "/account"}?nonce=${crypto.randomUUID()}`,
    ]);
    const { status, output } = await selftest(origin);
    expect(output).toContain("ACCEPTED  header X-WX-OPENID: redirects to /account?nonce=");
    expect(status).toBe(1);
  });

  it("knows the gateway itself by its keys, and tests nothing", async () => {
    const { status, output } = await selftest(site);
    expect(output).toContain("--origin is the gateway itself");
    expect(status).toBe(2);
  });

  it("tests an origin whose certificate nobody vouches for", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wxgate-selftest-"));
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=o"];
    execFileSync("openssl", [...made, "-keyout", key, "-out", cert], { stdio: "ignore" });
    const options = { key: readFileSync(key), cert: readFileSync(cert) };
    rmSync(folder, { recursive: true });
    const server = createTlsServer(options, (_, response) => response.writeHead(403).end());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { status, output } = await selftest(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(output).toContain("refused   header X-WX-OPENID");
    expect(status).toBe(0);
  });

  it("says which of its addresses is none, and what an origin that cannot be reached means", async () => {
    expect((await selftest("origin.example.net")).output).toContain("--origin origin.example.net: is no address");
    expect((await selftest("http://127.0.0.1:1", "localhost:8787")).output).toContain("--site localhost:8787: is no");
    const { status, output } = await selftest("http://127.0.0.1:1");
    expect(output).toContain("could not be reached");
    expect(status).toBe(2);
  });
});

import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { collect, type Demo, startDemo } from "./demo-process.ts";
import { Phone } from "./phone.ts";

/** The three real processes of `npm start`, over real HTTP. */

const PORT = 18_787;
let demo: Demo;
beforeAll(async () => {
  demo = await startDemo(PORT);
}, 90_000);
afterAll(async () => {
  await demo?.stop();
}, 30_000);

async function signedIn(person = "ming"): Promise<Phone> {
  const phone = new Phone();
  await phone.send(`${demo.simulator}/`); // its own cookie jar
  await fetch(`${demo.simulator}/control/person`, post({ person }));
  const { status } = await phone.open(`${demo.site}/`);
  expect(status).toBe(200);
  return phone;
}

/** As Node's client sends and its server reads header bytes. */
const latin1 = (bytes: number[]) => Buffer.from(bytes).toString("latin1");

const post = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

describe("a visitor of the demo", () => {
  it("is signed in silently and ends on the page, whose origin got the openid", async () => {
    const phone = new Phone();
    const { status, url, text } = await phone.open(`${demo.site}/welcome?from=menu`);
    expect(status).toBe(200);
    expect(url).toBe(`${demo.site}/welcome?from=menu#`);
    expect(text).toContain("x-wx-openid");
    const { headers } = await phone.received(`${demo.site}/`);
    expect(headers["x-wx-openid"]).toMatch(/^o[\w-]{27}$/);
    expect(headers["x-wx-user"]).toMatch(/^wxu_[a-z2-7]{26}$/);
    expect(headers["remote-user"]).toBe(headers["x-wx-user"]);
    expect(headers.cookie ?? "").not.toContain("wx");
  });

  it("brings an assertion that the published keys verify", async () => {
    const phone = await signedIn();
    const { headers } = await phone.received(`${demo.site}/`);
    const keys = createRemoteJWKSet(new URL(`${demo.site}/_wx/jwks.json`));
    const { host } = new URL(demo.site);
    const options = { algorithms: ["ES256"], typ: "wxgate+jwt", issuer: demo.site, audience: host };
    const { payload } = await jwtVerify(headers["x-wx-assertion"] ?? "", keys, options);
    expect(payload).toMatchObject({
      openid: headers["x-wx-openid"],
      sub: headers["x-wx-user"],
      level: "login",
      amr: ["silent"],
    });
  });

  it("is asked for the profile by a tap, and the nickname arrives in one encoded header", async () => {
    await fetch(`${demo.simulator}/control/consent`, post({ answer: "allow" }));
    const phone = await signedIn("panda");
    const asked = await phone.open(`${demo.site}/account/hello`);
    expect(asked.status).toBe(401);
    expect(asked.text).toContain('action="/_wx/login"');
    const tapped = await phone.send(`${demo.site}/_wx/login`, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
        accept: "text/html",
      },
      body: "to=%2Faccount%2Fhello",
    });
    const callback = await phone.open(tapped.headers.location ?? "");
    expect(callback.url).toBe(`${demo.site}/account/hello#`);
    const { headers } = await phone.received(`${demo.site}/account/hello`);
    expect(headers["x-wx-level"]).toBe("profile");
    expect(decodeURIComponent(headers["x-wx-nickname"] ?? "")).toContain("🐼");
    await fetch(`${demo.simulator}/control/consent`, post({ answer: "ask" }));
  });

  it.each([
    ["/open/hello", 200],
    ["/optional/hello", 200],
    ["/shop/hello", 302],
    ["/", 302],
    ["/account/hello", 302],
    ["/admin/hello", 403],
  ])("meets the level of %s with %i before signing in", async (path, status) => {
    expect((await new Phone().send(`${demo.site}${path}`, { headers: { accept: "text/html" } })).status).toBe(status);
  });

  it("gets over a code that WeChat calls used", async () => {
    await fetch(`${demo.simulator}/control`, post({ next: [{ endpoint: "access_token", errcode: 40163 }] }));
    const { status, url } = await new Phone().open(`${demo.site}/after-a-fault`);
    expect(status).toBe(200);
    expect(url).toBe(`${demo.site}/after-a-fault#`);
  });

  it("sees a page, not a loop, when AppSecret is wrong", async () => {
    await fetch(`${demo.simulator}/control`, post({ next: [{ endpoint: "access_token", errcode: 40125 }] }));
    const { status, text } = await new Phone().open(`${demo.site}/misconfigured`);
    expect(status).toBe(503);
    expect(text).toContain("wechat_config");
    // The log line comes through two pipes.
    await expect.poll(demo.output, { timeout: 10_000 }).toContain('"errcode":40125');
  });

  it("is signed out by the button, and not signed in again silently", async () => {
    const phone = await signedIn();
    const out = await phone.send(`${demo.site}/_wx/logout`, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
        accept: "text/html",
      },
      body: "to=%2F",
    });
    expect(out.status).toBe(303);
    expect((await phone.open(`${demo.site}/`)).status).toBe(401);
  });
});

describe("the proxy", () => {
  it("passes bodies, methods and queries as they are", async () => {
    const phone = await signedIn();
    const body = Buffer.alloc(300_000, "中文");
    const answer = await phone.send(`${demo.site}/echo?a=1&a=2&code=the-sites-own`, {
      method: "PUT",
      headers: { accept: "application/json", "content-type": "text/plain; charset=utf-8" },
      body,
    });
    const echoed = JSON.parse(answer.text);
    expect(echoed).toMatchObject({ method: "PUT", path: "/echo", query: "?a=1&a=2&code=the-sites-own" });
    expect(echoed.body).toBe(body.toString());
  });

  it("passes header bytes as they are, though they be no UTF-8 (an old phone's GBK)", async () => {
    const phone = await signedIn();
    const bytes = { gbk: [0xc4, 0xe3, 0xba, 0xc3], utf8: [...Buffer.from("你好é")], latin1: [0x61, 0xe9, 0xff] };
    const sent = Object.fromEntries(Object.entries(bytes).map(([name, value]) => [`x-${name}`, latin1(value)]));
    const forged = { "x-wx-openid": latin1(bytes.gbk), x_wx_user: latin1(bytes.latin1) };
    const { headers } = await phone.received(`${demo.site}/`, { headers: { ...sent, ...forged } });
    expect(headers).toMatchObject(sent);
    expect(headers["x-wx-openid"]).toMatch(/^o[\w-]{27}$/);
    expect(headers).not.toHaveProperty("x_wx_user");
  });

  it("leaves redirects and both cookies of the origin alone", async () => {
    const phone = await signedIn();
    const redirect = await phone.send(`${demo.site}/redirect`);
    expect(redirect.status).toBe(302);
    expect(redirect.headers.location).toBe("/?redirected=1");
    const cookies = await phone.send(`${demo.site}/cookies`);
    expect(cookies.headers["set-cookie"]?.map((line) => line.split("=")[0])).toEqual(["demo_first", "demo_second"]);
  });

  it("answers HEAD, Range and If-None-Match as the origin does", async () => {
    const phone = await signedIn();
    const whole = await phone.send(`${demo.site}/range`);
    const head = await phone.send(`${demo.site}/range`, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
    const part = await phone.send(`${demo.site}/range`, { headers: { range: "bytes=2-5" } });
    expect(part.status).toBe(206);
    expect(part.body).toEqual(whole.body.subarray(2, 6));
    const etag = whole.headers.etag ?? "";
    expect(etag).not.toBe("");
    expect((await phone.send(`${demo.site}/range`, { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  it("passes a WebSocket of the site's own page to the origin, and refuses a foreign page's", async () => {
    const phone = await signedIn();
    const cookie = [...phone.jar(new URL(demo.site))].map(([name, value]) => `${name}=${value}`).join("; ");
    const address = `${demo.site.replace("http", "ws")}/ws`;
    const socket = new WebSocket(address, { origin: demo.site, headers: { cookie } });
    const echoed = await new Promise<string>((resolve, reject) => {
      socket.on("message", (data, isBinary) => !isBinary && String(data).includes("ping") && resolve(String(data)));
      socket.on("open", () => socket.send("ping"));
      socket.on("error", reject);
    });
    socket.close();
    expect(echoed).toContain("ping");
    expect(await refusal(address, { origin: "https://evil.example", cookie })).toBe(403);
    expect(await refusal(address, { origin: demo.site })).toBe(401);
  });
});

function refusal(
  address: string,
  { origin, cookie }: { origin: string; cookie?: string },
): Promise<number | undefined> {
  const socket = new WebSocket(address, { origin, headers: cookie === undefined ? {} : { cookie } });
  return new Promise((resolve, reject) => {
    socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
    socket.on("open", () => reject(new Error("the socket opened")));
    socket.on("error", () => undefined);
  });
}

describe("npm start", () => {
  it("refuses a taken port with the flag that changes it, and starts nothing", async () => {
    const taken = createServer().listen(PORT + 11, "127.0.0.1");
    const flags = ["--port", PORT + 10, "--simulator-port", PORT + 11, "--origin-port", PORT + 12].map(String);
    const child = spawn(process.execPath, ["scripts/start.ts", ...flags]);
    const output = collect(child);
    const status = await new Promise((resolve) => child.on("close", resolve));
    taken.close();
    expect(status).toBe(1);
    expect(output()).toContain("--simulator-port");
    expect(output()).toContain(String(PORT + 11));
  });

  // The last of all: nothing is left to ask afterwards.
  it("ends all of its processes on Ctrl-C", async () => {
    await demo.stop();
    for (const address of [demo.site, demo.simulator, demo.origin]) {
      await expect(fetch(address)).rejects.toThrow();
    }
    if (process.platform === "linux") {
      expect(spawnSync("pgrep", ["-f", `--port ${PORT}( |$)`], { encoding: "utf8" }).stdout).toBe("");
    }
  }, 60_000);
});

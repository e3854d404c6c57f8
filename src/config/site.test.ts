import { describe, expect, it } from "vitest";
import {
  configOf,
  mistakenKeys,
  mistakesOf,
  oneSite,
  SAMPLE_APP_SECRET,
  SAMPLE_SITE,
  sampleEnv,
} from "./sample-env.ts";

const SIMULATED = { WECHAT_OPEN_URL: "http://localhost:8788" };
const BINDING = { fetch: () => new Response() };

describe("a site", () => {
  it("has the defaults of the contract", async () => {
    expect((await configOf(sampleEnv())).sites[0]).toEqual({
      id: "www.example.com",
      origin: { kind: "zone" },
      account: { appId: SAMPLE_SITE.app_id, secretName: "WECHAT_APP_SECRET", appSecret: SAMPLE_APP_SECRET },
      access: "login",
      outside: "guide",
      callbackHost: null,
      consentText: null,
      firstVisit: "silent",
      profileMaxAge: 2_592_000,
      storeProfile: true,
      eventsDays: 90,
      verify: new Map(),
      mode: "enforce",
      oddPaths: "refuse",
      allowedOrigins: new Set(),
      originCookies: [],
      rules: [],
      headers: [],
      session: { lifetimeSeconds: 86_400, renewSeconds: 7200, recheckSeconds: 300 },
      http: false,
    });
  });

  it("must have host, origin and app_id", async () => {
    expect(await mistakenKeys(sampleEnv([{}]))).toEqual(["SITES[0].host", "SITES[0].origin", "SITES[0].app_id"]);
  });

  it("is the only one with its host, however it is spelled", async () => {
    const twice = [SAMPLE_SITE, { ...SAMPLE_SITE, host: "WWW.example.com.:443" }];
    const [mistake] = await mistakesOf(sampleEnv(twice));
    expect(mistake).toMatchObject({ key: "SITES[1].host", problem: "is the same host as SITES[0].host" });
  });

  it("loses port 80 only where plain http is served", async () => {
    expect((await configOf(oneSite({ host: "a.example:80" }))).sites[0]?.id).toBe("a.example:80");
    expect((await configOf(oneSite({ host: "a.example:80", http: true }))).sites[0]?.id).toBe("a.example");
  });

  it("with a wildcard host needs callback_host, here or in DEFAULTS", async () => {
    expect(await mistakenKeys(oneSite({ host: "*.example.com" }))).toEqual(["SITES[0].host"]);
    const shared = { DEFAULTS: { callback_host: "www.example.com" } };
    expect((await configOf(oneSite({ host: "*.example.com" }, shared))).sites[0]).toMatchObject({
      id: "*.example.com",
      callbackHost: "www.example.com",
    });
  });

  it("has one mistake, not two, where callback_host is mistaken", async () => {
    const options = { host: "*.example.com", callback_host: "https://x" };
    expect(await mistakenKeys(oneSite(options))).toEqual(["SITES[0].callback_host"]);
  });
});

describe("origin", () => {
  it("is a URL, which a binding may carry", async () => {
    const env = oneSite({ origin: "https://o.example:8443/", via: "CERT" }, { CERT: BINDING });
    expect((await configOf(env)).sites[0]?.origin).toEqual({
      kind: "url",
      base: "https://o.example:8443",
      via: "CERT",
    });
  });

  it("is a binding that can fetch", async () => {
    const env = oneSite({ origin: "binding:SHOP" }, { SHOP: BINDING });
    expect((await configOf(env)).sites[0]?.origin).toEqual({ kind: "binding", name: "SHOP" });
    expect(await mistakenKeys(oneSite({ origin: "binding:SHOP" }))).toEqual(["SITES[0].origin"]);
    expect(await mistakenKeys(oneSite({ origin: "binding:SHOP" }, { SHOP: "x" }))).toEqual(["SITES[0].origin"]);
  });

  it("takes via only as a URL, and only a binding that is there", async () => {
    expect(await mistakenKeys(oneSite({ via: "CERT" }, { CERT: BINDING }))).toEqual(["SITES[0].via"]);
    expect(await mistakenKeys(oneSite({ origin: "https://o.example", via: "CERT" }))).toEqual(["SITES[0].via"]);
    const shared = { DEFAULTS: { via: "CERT" }, CERT: BINDING };
    expect(await mistakenKeys(oneSite({}, shared))).toEqual(["DEFAULTS.via"]);
  });
});

describe("outside", () => {
  it('is "flow" only with the simulator', async () => {
    expect(await mistakenKeys(oneSite({ outside: "flow" }))).toEqual(["SITES[0].outside"]);
    expect((await configOf(oneSite({ outside: "flow" }, SIMULATED))).sites[0]?.outside).toBe("flow");
  });

  it('knows that "scan" comes later', async () => {
    expect((await mistakesOf(oneSite({ outside: "scan" })))[0]?.problem).toBe("is not available yet");
  });
});

describe("headers", () => {
  it("that are the same to many servers are told together with what else is wrong with them", async () => {
    const keys = await mistakenKeys(oneSite({ headers: { "X-A": "{usr}", X_A: "{user}" } }));
    expect(keys).toEqual(['SITES[0].headers["X-A"]', "SITES[0].headers.X_A"]);
  });

  it("are templates or secrets", async () => {
    const headers = { "Remote-User": "{site_user|user}", "X-Mail": "{openid}@w.invalid", "X-Key": "{secret:KEY}" };
    expect((await configOf(oneSite({ headers }, { KEY: "s3cret" }))).sites[0]?.headers).toEqual([
      { name: "Remote-User", value: { parts: [{ words: ["site_user", "user"] }] } },
      { name: "X-Mail", value: { parts: [{ words: ["openid"] }, { text: "@w.invalid" }] } },
      { name: "X-Key", value: { secret: "s3cret" } },
    ]);
  });

  it("need their secrets, fit for a header", async () => {
    const headers = { "X-Key": "{secret:KEY}", "X-Odd": "{usr}" };
    expect(await mistakenKeys(oneSite({ headers }))).toEqual(['SITES[0].headers["X-Odd"]', "KEY"]);
    const good = { headers: { "X-Key": "{secret:KEY}" } };
    for (const KEY of ["", "a\nb", "schlüssel", "spaces around "]) {
      expect(await mistakenKeys(oneSite(good, { KEY })), KEY).toEqual(["KEY"]);
    }
  });

  it("never carry an AppSecret to the origin", async () => {
    const send = (name: string, options = {}) => oneSite({ headers: { "X-Key": `{secret:${name}}` }, ...options });
    const [mistake] = await mistakesOf(send("WECHAT_APP_SECRET"));
    expect(mistake).toMatchObject({
      key: 'SITES[0].headers["X-Key"]',
      problem: "would send an AppSecret to the origin",
    });
    const other = { ...send("SECOND", { app_secret: "SECOND" }), SECOND: "x" };
    expect(await mistakenKeys(other)).toEqual(['SITES[0].headers["X-Key"]']);
    const shared = { ...send("SECOND"), SECOND: "x", DEFAULTS: { app_secret: "SECOND" } };
    expect(await mistakenKeys(shared)).toEqual(['SITES[0].headers["X-Key"]']);
  });

  it("may not be twins to a server", async () => {
    const headers = { "X-User": "{user}", x_user: "{user}" };
    expect(await mistakenKeys(oneSite({ headers }))).toEqual(["SITES[0].headers.x_user"]);
  });

  it("have text values", async () => {
    expect(await mistakenKeys(oneSite({ headers: { "X-A": 1 } }))).toEqual(['SITES[0].headers["X-A"]']);
  });
});

describe("lists", () => {
  it("are read item by item", async () => {
    const env = oneSite({
      verify: ["AbCdEf0123456789", "WW_verify_x.txt=x"],
      allowed_origins: ["https://App.example.com/", "http://localhost:3000"],
      origin_cookies: ["PHPSESSID", "PHPSESSID; Path=/", "JSESSIONID;path=/shop", "JSESSIONID; Path=/shop"],
    });
    const [site] = (await configOf(env)).sites;
    expect([...(site?.verify ?? [])]).toEqual([
      ["MP_verify_AbCdEf0123456789.txt", "AbCdEf0123456789"],
      ["WW_verify_x.txt", "x"],
    ]);
    expect([...(site?.allowedOrigins ?? [])]).toEqual(["https://app.example.com", "http://localhost:3000"]);
    expect(site?.originCookies).toEqual(["PHPSESSID", "JSESSIONID; Path=/shop"]);
  });

  it("are lists, and each item is checked", async () => {
    expect(await mistakenKeys(oneSite({ verify: "AbCdEf0123456789" }))).toEqual(["SITES[0].verify"]);
    expect(await mistakenKeys(oneSite({ allowed_origins: ["*", "https://a/b"] }))).toEqual([
      "SITES[0].allowed_origins[0]",
      "SITES[0].allowed_origins[1]",
    ]);
    expect(await mistakenKeys(oneSite({ origin_cookies: ["a", "a; Path=b", "wx; Path=/"] }))).toEqual([
      "SITES[0].origin_cookies[1]",
      "SITES[0].origin_cookies[2]",
    ]);
    expect(await mistakenKeys(oneSite({ verify: ["a.b.txt=x", "abcd.txt=1", "abcd.txt=2"] }))).toEqual([
      "SITES[0].verify[0]",
      "SITES[0].verify",
    ]);
    expect(await mistakenKeys(oneSite({ verify: ["abcd.txt=1", "abcd.txt=2"] }))).toEqual(["SITES[0].verify"]);
  });
});

describe("rules", () => {
  it("keep path, methods in upper case, and access", async () => {
    const rules = [
      { path: "/pay/notify", methods: ["post", "PROPFIND"], access: "open" },
      { path: "/a/*", access: "profile" },
    ];
    expect((await configOf(oneSite({ rules }))).sites[0]?.rules).toEqual([
      { path: "/pay/notify", methods: new Set(["POST", "PROPFIND"]), access: "open" },
      { path: "/a/*", methods: null, access: "profile" },
    ]);
  });

  it("are a list, and are told how a list of them is written", async () => {
    const [mistake] = await mistakesOf(oneSite({ rules: { path: "/", access: "open" } }));
    expect(mistake?.remedy).toBe('Write it in square brackets: [{ path = "/account/*", access = "profile" }].');
  });

  it("refuse methods that match nothing or are never served", async () => {
    for (const methods of [[], ["CONNECT"], ["trace"], ["*"], ["GE T"], "GET"]) {
      const keys = await mistakenKeys(oneSite({ rules: [{ path: "/", methods, access: "open" }] }));
      expect(keys[0], String(methods)).toMatch(/^SITES\[0\]\.rules\[0\]\.methods/);
    }
  });
});

describe("sites of one AppID", () => {
  it("agree on store_profile, because they share their bindings", async () => {
    const two = [SAMPLE_SITE, { ...SAMPLE_SITE, host: "b.example", store_profile: false }];
    expect(await mistakenKeys(sampleEnv(two))).toEqual(["SITES[1].store_profile"]);
    const agreed = two.map((site) => ({ ...site, store_profile: false }));
    expect(await mistakenKeys(sampleEnv(agreed))).toEqual([]);
  });
});

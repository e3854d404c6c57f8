import { describe, expect, it } from "vitest";
import { formatMistakes } from "./mistakes.ts";
import { parseConfig } from "./parse.ts";
import {
  configOf,
  mistakenKeys,
  mistakesOf,
  oneSite,
  SAMPLE_APP_SECRET,
  SAMPLE_SECRETS,
  SAMPLE_SITE,
  sampleEnv,
} from "./sample-env.ts";

const site = (host: string, more: object = {}) => ({ ...SAMPLE_SITE, host, ...more });
const OTHER_APP = "wxfedcba9876543210";

describe("where sites come from", () => {
  it("joins SITES, SITES_2 … SITES_9 in order, with gaps", async () => {
    const env = sampleEnv([site("a.example")], { SITES_9: [site("c.example")], SITES_3: [site("b.example")] });
    expect((await configOf(env)).sites.map(({ id }) => id)).toEqual(["a.example", "b.example", "c.example"]);
  });

  it("reads JSON text of the same shape", async () => {
    const env = sampleEnv(JSON.stringify([site("a.example")]), { DEFAULTS: '{"access":"auto"}' });
    expect((await configOf(env)).sites[0]).toMatchObject({ id: "a.example", access: "auto" });
  });

  it("says that text is not JSON, and reads the other variables nevertheless", async () => {
    const env = sampleEnv('[{"host": }]', { SITES_2: [site("a.example", { access: "logn" })] });
    expect(await mistakenKeys(env)).toEqual(["SITES", "SITES_2[0].access"]);
  });

  it("needs at least one site", async () => {
    expect(await mistakenKeys(sampleEnv([]))).toEqual(["SITES"]);
    expect(await mistakenKeys({ ...SAMPLE_SECRETS })).toEqual(["SITES"]);
  });

  it("refuses a single table, and a site that is none", async () => {
    expect(await mistakenKeys(sampleEnv(SAMPLE_SITE))).toContain("SITES");
    expect(await mistakenKeys(sampleEnv([SAMPLE_SITE, 7]))).toEqual(["SITES[1]"]);
    expect(await mistakenKeys(sampleEnv([SAMPLE_SITE], { DEFAULTS: [] }))).toEqual(["DEFAULTS"]);
  });

  it("notices names that would be ignored, but no secret or binding of such a name", async () => {
    expect(await mistakenKeys(sampleEnv([SAMPLE_SITE], { SITES_10: [] }))).toEqual(["SITES_10"]);
    expect(await mistakenKeys(sampleEnv([SAMPLE_SITE], { sites: "[]", DEFAULT: {} }))).toEqual(["sites", "DEFAULT"]);
    // Its `deny` would be gone, and nobody would know.
    const shared = { rules: [{ path: "/admin/*", access: "deny" }] };
    const misspelt = sampleEnv([{ ...SAMPLE_SITE, access: "open" }], { DEFUALTS: shared });
    expect(await parseConfig(misspelt)).toMatchObject({
      mistakes: [{ key: "DEFUALTS", remedy: expect.stringContaining('"DEFAULTS"') }],
    });
    for (const name of ["SITE", "SITSE_2", "SITES2", "SITES_100", "DEFAULT_S", "Defaults"]) {
      expect(await mistakenKeys(sampleEnv([SAMPLE_SITE], { [name]: JSON.stringify([shared]) }))).toEqual([name]);
    }
    // What is there already is not meant.
    const [misnamed] = await mistakesOf(sampleEnv([SAMPLE_SITE], { SITE_2: [SAMPLE_SITE] }));
    expect(misnamed?.remedy).toContain('Did you mean "SITES_2"?');
    expect(await mistakenKeys(sampleEnv([SAMPLE_SITE], { SITE: "a secret" }))).toEqual([]);
    // Tables of somebody else's, the platform's own, and a secret that the site reads.
    for (const name of ["LIMITS", "DEFAULT_TAGS", "CITIES", "SITE_ID", "CF_VERSION_METADATA", "TOKENS", "DB"]) {
      expect(await mistakenKeys(sampleEnv([SAMPLE_SITE], { [name]: { id: "1" } })), name).toEqual([]);
    }
    const lock = { headers: { "X-Origin-Key": "{secret:SITE_PW}" } };
    expect(await mistakenKeys(oneSite(lock, { SITE_PW: "[x8#token-of-the-origin" }))).toEqual([]);
  });
});

describe("DEFAULTS", () => {
  it("gives way to a site's own value", async () => {
    const env = sampleEnv([site("a.example"), site("b.example", { access: "open" })], { DEFAULTS: { access: "auto" } });
    expect((await configOf(env)).sites.map(({ access }) => access)).toEqual(["auto", "open"]);
  });

  it("adds its rules after the site's own", async () => {
    const own = [{ path: "/own", access: "open" }];
    const env = oneSite({ rules: own }, { DEFAULTS: { rules: [{ path: "/shared", access: "deny" }] } });
    expect((await configOf(env)).sites[0]?.rules.map(({ path }) => path)).toEqual(["/own", "/shared"]);
  });

  it("merges headers per name without regard to case, and session per key", async () => {
    const env = oneSite(
      { headers: { "remote-user": "{openid}" }, session: { renew: "1h" } },
      {
        DEFAULTS: { headers: { "Remote-User": "{user}", "X-Shop": "{sid}" }, session: { lifetime: "7d", renew: "3h" } },
      },
    );
    const [merged] = (await configOf(env)).sites;
    expect(merged?.headers.map(({ name }) => name)).toEqual(["remote-user", "X-Shop"]);
    expect(merged?.session).toEqual({ lifetimeSeconds: 604_800, renewSeconds: 3600, recheckSeconds: 300 });
  });

  it("may give what a site must have, but no host", async () => {
    const { host, ...shared } = SAMPLE_SITE;
    expect((await configOf(sampleEnv([{ host }], { DEFAULTS: shared }))).sites[0]?.account.appId).toBe(shared.app_id);
    expect(await mistakenKeys(sampleEnv([SAMPLE_SITE], { DEFAULTS: { host: "a.example" } }))).toEqual([
      "DEFAULTS.host",
    ]);
  });

  it("has its mistakes reported once, whatever the number of sites", async () => {
    const env = sampleEnv([site("a.example"), site("b.example")], { DEFAULTS: { access: "logn" } });
    expect(await mistakenKeys(env)).toEqual(["DEFAULTS.access"]);
  });
});

describe("mistakes", () => {
  it("are all reported at once", async () => {
    const env = {
      SITES: [
        site("https://a.example", { app_id: "x", rules: [{ path: "a", access: "logn" }, {}] }),
        site("b example"),
      ],
      WECHAT_API_URL: "ftp://x",
    };
    expect((await mistakenKeys(env)).sort()).toEqual(
      [
        "ASSERTION_KEYS",
        "GATEWAY_SECRET",
        "SITES[0].app_id",
        "SITES[0].host",
        "SITES[0].rules[0].access",
        "SITES[0].rules[0].path",
        "SITES[0].rules[1].access",
        "SITES[0].rules[1].path",
        "SITES[1].host",
        "WECHAT_APP_SECRET",
        "WECHAT_API_URL",
      ].sort(),
    );
  });

  it("name the nearest known option", async () => {
    const [mistake] = await mistakesOf(oneSite({ acess: "login" }));
    expect(mistake).toMatchObject({ key: "SITES[0].acess", value: '"login"' });
    expect(mistake?.remedy).toContain('"access"');
    const [inRule] = await mistakesOf(oneSite({ rules: [{ path: "/", access: "open", method: ["GET"] }] }));
    expect(inRule?.remedy).toContain('"methods"');
    const [inSession] = await mistakesOf(oneSite({ session: { lifetim: "1h" } }));
    expect(inSession?.remedy).toContain('"lifetime"');
  });

  it("recognise a site option that TOML put into a sub-table", async () => {
    const headers = { "X-A": "{user}", access: "open", rules: [], mode: "observe" };
    const mistakes = await mistakesOf(oneSite({ headers, session: { http: true } }));
    expect(mistakes.map(({ key }) => key)).toEqual([
      "SITES[0].headers.access",
      "SITES[0].headers.rules",
      "SITES[0].headers.mode",
      "SITES[0].session.http",
    ]);
    for (const { problem, remedy } of mistakes) {
      expect(problem).toContain("is an option of the site, but TOML put it inside");
      expect(remedy).toContain("Move it above");
    }
  });

  it("recognise a session option beside session", async () => {
    expect((await mistakesOf(oneSite({ lifetime: "1h" })))[0]?.remedy).toContain("session = { lifetime");
  });

  it("have one text for the log and the doctor", async () => {
    const text = formatMistakes(await mistakesOf(oneSite({ access: "logn" })));
    expect(text).toBe(
      "1 mistake in the configuration:\n" +
        '1. SITES[0].access ("logn"): is not one of the known words.\n' +
        '   → Did you mean "login"? Known are: open, optional, auto, login, profile, deny.',
    );
  });

  it("never show a secret's value, wherever it was written", async () => {
    const secret = "5f4dcc3b5aa765d61d8327deb882cf99";
    const values = [SAMPLE_APP_SECRET, secret, SAMPLE_SECRETS.GATEWAY_SECRET];
    for (const value of values) {
      const options = ["host", "origin", "app_id", "app_secret", "access", "via", "rules", "verify", "http", value];
      for (const option of options) {
        for (const written of [value, [value], ` ${value}`, { [value]: value }, `{${value}}`, `/${value}/../x`]) {
          const text = JSON.stringify(await mistakesOf(oneSite({ [option]: written })));
          expect(text, `${option} = ${JSON.stringify(written)}`).not.toContain(value);
        }
      }
    }
  });

  it("never show what may be a secret, whatever stands around it", async () => {
    const secret = "9f86d081884c7d659a2feaa0c55ad015";
    for (const around of ["\t", "\n", "\u0001", "_", "x", "{", '"']) {
      const written = around + secret + around;
      const env = oneSite({ app_secret: written, access: written, [written]: 1, headers: { [written]: written } });
      const text = formatMistakes(await mistakesOf(env));
      expect(text).toContain("not shown");
      expect(text).not.toContain(secret);
    }
  });

  it("show values short and on one line", async () => {
    const [mistake] = await mistakesOf(oneSite({ access: `\u001b[31m\u202e\n${"x ".repeat(200)}` }));
    expect(mistake?.value).toMatch(/^"[\x20-\x7e]+…$/);
    expect(mistake?.value.length).toBeLessThanOrEqual(60);
  });
});

describe("the secrets that sites name", () => {
  it("must be there and hold no white space", async () => {
    expect(await mistakenKeys(oneSite({}, { WECHAT_APP_SECRET: undefined }))).toEqual(["WECHAT_APP_SECRET"]);
    expect(await mistakenKeys(oneSite({}, { WECHAT_APP_SECRET: "" }))).toEqual(["WECHAT_APP_SECRET"]);
    expect(await mistakenKeys(oneSite({}, { WECHAT_APP_SECRET: "abc\n" }))).toEqual(["WECHAT_APP_SECRET"]);
    const [mistake] = await mistakesOf(oneSite({ app_secret: "SHOP_SECRET" }, { SHOP_SECRETS: "x" }));
    expect(mistake).toMatchObject({ key: "SHOP_SECRET", missingSecret: "SHOP_SECRET" });
    expect(mistake?.problem).toContain("SITES[0].app_secret");
    expect(mistake?.remedy).toContain("SHOP_SECRETS");
  });

  it("are named, not written down", async () => {
    const [mistake] = await mistakesOf(oneSite({ app_secret: "5F4dcc3b5aa765d61d8327deb882cf99" }));
    expect(mistake?.problem).toBe("looks like the secret itself");
    expect(await mistakenKeys(oneSite({ app_secret: "GATEWAY_SECRET" }))).toEqual(["SITES[0].app_secret"]);
    expect(await mistakenKeys(oneSite({ app_secret: "my secret" }))).toEqual(["SITES[0].app_secret"]);
  });

  it("belong to one AppID each", async () => {
    const two = [site("a.example"), site("b.example", { app_id: OTHER_APP })];
    const [mistake] = await mistakesOf(sampleEnv(two));
    expect(mistake?.key).toBe("SITES[1].app_secret");
    expect(mistake?.problem).toContain("SITES[0].app_id");
    const named = [two[0], { ...two[1], app_secret: "OTHER_SECRET" }];
    expect(await mistakenKeys(sampleEnv(named, { OTHER_SECRET: "abc" }))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { oneSite, SAMPLE_SITE, sampleEnv, warningsOf } from "./sample-env.ts";
import type { Vars } from "./secrets.ts";

const keysOf = async (env: Vars) => (await warningsOf(env)).map(({ key }) => key);
const rule = (path: string, access: string, methods?: string[]) => ({ path, access, ...(methods && { methods }) });

describe("warnings", () => {
  it("are none for the usual site", async () => {
    const rules = [rule("/assets/*", "open"), rule("/goods/*", "auto"), rule("/account/*", "profile")];
    expect(await warningsOf(oneSite({ rules, callback_host: "www.example.com" }))).toEqual([]);
  });

  it("tell of rules that never match", async () => {
    const rules = [rule("/a/*", "open"), rule("/a/b", "login")];
    const [warning] = await warningsOf(oneSite({ rules }));
    expect(warning?.key).toBe("SITES[0].rules[1]");
    expect(warning?.problem).toContain("rules[0] (/a/*)");
  });

  it("tell of a mistake of DEFAULTS once, and of none where a site overrides", async () => {
    const hosts = ["a.example", "b.example"].map((host) => ({ ...SAMPLE_SITE, host, rules: [rule("/x/*", "login")] }));
    const shared = [rule("/x/y", "open"), rule("/z", "open"), rule("/z", "login")];
    expect(await keysOf(sampleEnv(hosts, { DEFAULTS: { rules: shared } }))).toEqual(["DEFAULTS.rules[2]"]);
  });

  it("tell of a default weaker than a rule that asks for somebody", async () => {
    expect(await keysOf(oneSite({ access: "auto", rules: [rule("/my/*", "login")] }))).toEqual(["SITES[0].access"]);
    expect(await keysOf(oneSite({ access: "open", rules: [rule("/my/*", "deny")] }))).toEqual([]);
    expect(await keysOf(oneSite({ access: "open", rules: [rule("/my/*", "auto")] }))).toEqual([]);
  });

  it("tell of a rule that opens everything", async () => {
    expect(await keysOf(oneSite({ rules: [rule("/*", "open")] }))).toEqual(["SITES[0].rules[0]"]);
    expect(await keysOf(oneSite({ rules: [rule("/", "open"), rule("/**", "open", ["GET"])] }))).toEqual([]);
  });

  it("tell of an origin that is the gateway itself", async () => {
    expect(await keysOf(oneSite({ origin: `https://${SAMPLE_SITE.host}` }))).toEqual(["SITES[0].origin"]);
    expect(await keysOf(oneSite({ origin: "https://origin.example.net" }))).toEqual([]);
  });

  it("tell of methods that nobody sends, with the nearest that somebody does", async () => {
    const rules = [rule("/a", "open", ["PSOT", "get", "PROPFIND", "QUERY"]), rule("/b", "open", ["FETCH"])];
    const [slip, unknown] = await warningsOf(oneSite({ rules }));
    expect(slip).toMatchObject({ key: "SITES[0].rules[0].methods", problem: 'has "PSOT", which nobody sends' });
    expect(slip?.remedy).toBe('Did you mean "POST"? If your clients do send it, nothing.');
    expect(unknown?.key).toBe("SITES[0].rules[1].methods");
  });

  it("tell of plain http to an origin on the internet", async () => {
    expect(await keysOf(oneSite({ origin: "http://o.example.net" }))).toEqual(["SITES[0].origin"]);
    for (const origin of ["http://localhost:3000", "http://10.0.0.7", "http://172.20.1.1", "http://[fd00::1]:80"]) {
      expect(await keysOf(oneSite({ origin })), origin).toEqual([]);
    }
  });

  it("tell of what is for development or for a trial", async () => {
    const options = { http: true, mode: "observe", outside: "flow" };
    const keys = await keysOf(oneSite(options, { WECHAT_OPEN_URL: "http://localhost:8788" }));
    expect(keys).toEqual(["SITES[0].http", "SITES[0].mode", "SITES[0].outside"]);
  });

  it("tell of a callback host that no site serves with this AppID", async () => {
    expect(await keysOf(oneSite({ callback_host: "login.example.com" }))).toEqual(["SITES[0].callback_host"]);
    const other = { host: "login.example.com", origin: "zone", app_id: "wxfedcba9876543210", app_secret: "OTHER" };
    const foreign = sampleEnv([{ ...SAMPLE_SITE, callback_host: "login.example.com" }, other], { OTHER: "x" });
    expect(await keysOf(foreign)).toEqual(["SITES[0].callback_host"]);
    const [warning] = await warningsOf(oneSite({ callback_host: "login.example.com" }));
    expect(warning?.remedy).toBe("Add a site with that host and the same app_id.");
    const wildcard = (callback_host: string) => keysOf(oneSite({ host: "*.example.com", callback_host }));
    expect(await wildcard("www.example.com")).not.toContain("SITES[0].callback_host");
    expect(await wildcard("example.com")).toContain("SITES[0].callback_host");
  });

  it("tell of sites of one AppID that keep the same profile for different times", async () => {
    const at = (host: string, more: Record<string, unknown>) => ({ ...SAMPLE_SITE, host, ...more });
    const long = at("a.example", { profile_max_age: "60d" });
    const short = at("b.example", { profile_max_age: "7d" });
    const [warning, ...others] = await warningsOf(sampleEnv([long, short, { ...short, host: "c.example" }]));
    expect(others.map(({ key }) => key)).toEqual(["SITES[2].profile_max_age"]);
    expect(warning?.key).toBe("SITES[1].profile_max_age");
    expect(warning?.problem).toContain("SITES[0].profile_max_age");
    expect(await keysOf(sampleEnv([long, at("b.example", { profile_max_age: "1440h" })]))).toEqual([]);
    const another = { ...short, app_id: "wxfedcba9876543210", app_secret: "OTHER" };
    expect(await keysOf(sampleEnv([long, another], { OTHER: "x" }))).toEqual([]);
    const unstored = [long, short].map((one) => ({ ...one, store_profile: false }));
    expect(await keysOf(sampleEnv(unstored))).toEqual([]);
    // What nobody wrote is named where it would be written.
    expect(await keysOf(sampleEnv([at("b.example", {}), long]))).toEqual(["SITES[0].profile_max_age"]);
  });

  it("tell of a renewal that never happens, where it was asked for", async () => {
    const session = { lifetime: "1h", renew: "1h" };
    expect(await keysOf(oneSite({ session }))).toEqual(["SITES[0].session.renew"]);
    expect(await keysOf(oneSite({ session: { lifetime: "1h" } }))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { createSimulator, type SimulatorOptions } from "./app.ts";
import { ERRCODES } from "./errcodes.ts";

const APPID = "wx0123456789abcdef";
const CALLBACK = "https://www.example.com/_wx/callback";
const OPEN = "https://open.weixin.qq.com";
const API = "https://api.weixin.qq.com";
const GOOD = `appid=${APPID}&redirect_uri=${encodeURIComponent(CALLBACK)}&response_type=code&scope=snsapi_base&state=abc1`;

type Answer = Record<string, unknown>;

function setUp(options: SimulatorOptions = {}) {
  const { app, state } = createSimulator(options);
  const post = (path: string, body: unknown) =>
    app.request(`${OPEN}/control${path}`, { method: "POST", body: JSON.stringify(body) });
  const script = (...next: unknown[]) => post("", { next });
  const authorize = (query = GOOD, headers: Record<string, string> = {}) =>
    app.request(`${OPEN}/connect/oauth2/authorize?${query}#wechat_redirect`, {
      headers: { "x-simulator-person": "ming", "x-simulator-consent": "allow", ...headers },
    });
  const codeFor = async (person = "ming", scope = "snsapi_base", appid = APPID) => {
    const query = GOOD.replace("snsapi_base", scope).replace(APPID, appid);
    const response = await authorize(query, { "x-simulator-person": person });
    return new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";
  };
  const get = async (path: string, params: Record<string, string>): Promise<Answer> =>
    (await app.request(`${API}${path}?${new URLSearchParams(params)}`)).json();
  const exchange = (code: string, more: Record<string, string> = {}) =>
    get("/sns/oauth2/access_token", { appid: APPID, secret: "s", code, grant_type: "authorization_code", ...more });
  const tokens = async (person: string, scope = "snsapi_userinfo") => {
    const answer = await exchange(await codeFor(person, scope));
    return { access_token: String(answer.access_token), openid: String(answer.openid), answer };
  };
  return { app, state, post, script, authorize, codeFor, get, exchange, tokens };
}

describe("authorize", () => {
  it("goes back silently with code and state in the query, before a fragment", async () => {
    const { authorize } = setUp();
    const query = GOOD.replace("callback", `callback${encodeURIComponent("?r=x#/home")}`);
    const response = await authorize(`${query}&connect_redirect=1`);
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toMatch(/^https:[^#?]+\?r=x&code=[0-9A-Za-z]{32}&state=abc1#\/home$/);
  });

  it.each([
    ["another order", GOOD.replace(/^(appid=[^&]+)&(redirect_uri=[^&]+)/, "$2&$1"), "link"],
    ["response_type first", `response_type=code&${GOOD.replace("&response_type=code", "")}`, "link"],
    ["an unknown parameter", `${GOOD}&lang=zh`, "link"],
    ["an unencoded ampersand in redirect_uri", GOOD.replace("callback", "callback?a=1&b=2"), "link"],
    ["an unknown scope", GOOD.replace("snsapi_base", "snsapi_login"), "link"],
    ["connect_redirect=0", `${GOOD}&connect_redirect=0`, "link"],
    ["connect_redirect twice", `${GOOD}&connect_redirect=1&connect_redirect=1`, "link"],
    ["no scheme in redirect_uri", GOOD.replace("https%3A%2F%2F", ""), "10003"],
    ["no scope", GOOD.replace("snsapi_base", ""), "10010"],
    ["no redirect_uri", GOOD.replace(/redirect_uri=[^&]+/, "redirect_uri="), "10011"],
    ["no appid", GOOD.replace(APPID, ""), "10012"],
    ["no state", GOOD.replace("abc1", ""), "10013"],
    ["no state parameter", GOOD.replace("&state=abc1", ""), "10013"],
    ["a state of 129 bytes", GOOD.replace("abc1", "a".repeat(129)), "state-long"],
    ["a state with a dash", GOOD.replace("abc1", "a-b"), "state-charset"],
    ["an appid of another shape", GOOD.replace(APPID, "wx0"), "appid"],
  ])("refuses %s with a page at status 200", async (_case, query, problem) => {
    const response = await setUp().authorize(query);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-simulator-problem")).toBe(problem);
    expect(await response.text()).toContain("抱歉，出错了");
  });

  it.each(["&connect_redirect=1", "&forcePopup=true&connect_redirect=1", "&connect_redirect=1&forceSnapShot=false"])(
    "tolerates %s",
    async (tail) => {
      expect((await setUp().authorize(GOOD + tail)).status).toBe(302);
    },
  );

  it("accepts a state of 128 bytes", async () => {
    expect((await setUp().authorize(GOOD.replace("abc1", "a".repeat(128)))).status).toBe(302);
  });

  it("compares the redirect_uri with registered hosts and path prefixes", async () => {
    const { authorize, post } = setUp();
    const problemWith = async (...domains: string[]) => {
      await post("/apps", { apps: [{ appid: APPID, domains }] });
      return (await authorize()).headers.get("x-simulator-problem");
    };
    expect(await problemWith("www.example.com")).toBeNull();
    expect(await problemWith("other.example.com", "www.example.com/_wx")).toBeNull();
    expect(await problemWith("www.example.com/_w")).toBe("10003");
    expect(await problemWith("example.com")).toBe("10003");
    expect((await post("/apps", { apps: [{ appid: APPID, domains: ["a", "b", "c"] }] })).status).toBe(400);
  });

  it("asks before it gives a profile, and a refusal leads nowhere", async () => {
    const { app, authorize } = setUp();
    const response = await authorize(GOOD.replace("base", "userinfo"), { "x-simulator-consent": "ask" });
    const html = await response.text();
    expect(html).toContain("申请获取以下权限");
    const ticket = /name="ticket" value="(\w+)"/.exec(html)?.[1];
    const answer = (word: string) => app.request(`${OPEN}/connect/oauth2/consent?ticket=${ticket}&answer=${word}`);
    expect((await answer("refuse")).status).toBe(200);
    expect((await answer("return")).headers.get("location")).toBe(`${CALLBACK}?state=abc1`);
    expect((await answer("allow")).headers.get("location")).toContain("code=");
  });
});

describe("codes and tokens", () => {
  it("answers as WeChat: text/plain, no token_type, unionid only for a profile", async () => {
    const { app, codeFor, exchange } = setUp();
    const base = await exchange(await codeFor());
    expect(Object.keys(base)).toEqual(["access_token", "expires_in", "refresh_token", "openid", "scope"]);
    expect(base.openid).toMatch(/^o[A-Za-z0-9_-]{27}$/);
    const profile = await exchange(await codeFor("ming", "snsapi_userinfo"));
    expect(profile.unionid).toMatch(/^o[A-Za-z0-9_-]{27}$/);
    expect(profile.openid).toBe(base.openid);
    const error = await app.request(`${API}/sns/oauth2/access_token`);
    expect([error.status, error.headers.get("content-type")]).toEqual([200, "text/plain"]);
    expect(await error.text()).toMatch(/^\{"errcode":41002,"errmsg":"appid missing, rid: [0-9a-f]{8}-[0-9a-f-]+"\}$/);
  });

  it("gives one person another openid at each AppID and one unionid in a group", async () => {
    const other = "wxfedcba9876543210";
    const { codeFor, exchange } = setUp();
    const here = await exchange(await codeFor("test-7", "snsapi_userinfo"));
    const there = await exchange(await codeFor("test-7", "snsapi_userinfo", other), { appid: other });
    expect(there.openid).not.toBe(here.openid);
    expect(there.unionid).toBe(here.unionid);
  });

  it("takes a code once", async () => {
    const { codeFor, exchange } = setUp();
    const code = await codeFor();
    expect(await exchange(code)).toHaveProperty("openid");
    expect(await exchange(code)).toMatchObject({ errcode: 40163 });
  });

  it("takes a code for five minutes", async () => {
    let now = 1_000_000;
    const { codeFor, exchange, post } = setUp({ now: () => now });
    const [young, old, older] = [await codeFor(), await codeFor(), await codeFor()];
    now += 299_999;
    expect(await exchange(young)).toHaveProperty("openid");
    now += 1;
    expect(await exchange(old)).toMatchObject({ errcode: 40029 });
    await post("/clock", { advance_seconds: -1 });
    expect(await exchange(older)).toHaveProperty("openid");
  });

  it("refuses what is missing or wrong, and keeps the code of another AppID unspent", async () => {
    const { post, codeFor, exchange } = setUp();
    const code = await codeFor();
    expect(await exchange(code, { appid: "" })).toMatchObject({ errcode: 41002 });
    expect(await exchange(code, { secret: "" })).toMatchObject({ errcode: 41004 });
    expect(await exchange("")).toMatchObject({ errcode: 41008 });
    expect(await exchange(code, { grant_type: "x" })).toMatchObject({ errcode: 40002 });
    expect(await exchange(code, { appid: "wxbad" })).toMatchObject({ errcode: 40013 });
    expect(await exchange(code, { appid: "wxfedcba9876543210" })).toMatchObject({ errcode: 40029 });
    expect(await exchange("nonsense")).toMatchObject({ errcode: 40029 });
    await post("/apps", { apps: [{ appid: APPID, secret: "right" }] });
    expect(await exchange(code)).toMatchObject({ errcode: 40125 });
    expect(await exchange(code, { secret: "right" })).toHaveProperty("openid");
  });

  it("refreshes: a live token stays, an expired one is replaced, after 30 days all is over", async () => {
    const { post, get, tokens } = setUp();
    const { access_token, openid, answer } = await tokens("ming");
    const params = { appid: APPID, grant_type: "refresh_token", refresh_token: String(answer.refresh_token) };
    const refresh = () => get("/sns/oauth2/refresh_token", params);
    expect(await refresh()).toMatchObject({ access_token, openid, scope: "snsapi_userinfo" });
    await post("/clock", { advance_seconds: 7_200 });
    expect(await get("/sns/userinfo", { access_token, openid })).toMatchObject({ errcode: 42001 });
    expect((await refresh()).access_token).not.toBe(access_token);
    await post("/clock", { advance_seconds: 30 * 86_400 });
    expect(await refresh()).toMatchObject({ errcode: 42002 });
    expect(await get("/sns/oauth2/refresh_token", { ...params, refresh_token: "x" })).toMatchObject({ errcode: 40030 });
    expect(await get("/sns/oauth2/refresh_token", { ...params, refresh_token: "" })).toMatchObject({ errcode: 41003 });
  });
});

describe("userinfo", () => {
  it.each([
    ["control", [0x07, 0x14]],
    ["surrogate", [...new TextEncoder().encode("\\ud83d")]],
    ["badutf8", [0xe4, 0xb8]],
    ["private", [0xee, 0x84, 0x81]],
  ])("sends the nickname of %s as raw bytes", async (person, bytes) => {
    const { app, tokens } = setUp();
    const { access_token, openid } = await tokens(person);
    const response = await app.request(`${API}/sns/userinfo?${new URLSearchParams({ access_token, openid })}`);
    const latin1 = String.fromCharCode(...new Uint8Array(await response.arrayBuffer()));
    const nickname = /"nickname":"(.*?)","sex":0/.exec(latin1)?.[1] ?? "";
    for (const byte of bytes) expect(nickname).toContain(String.fromCharCode(byte));
    expect(latin1).toContain('"headimgurl":"https:\\/\\/thirdwx.qlogo.cn\\/');
    expect(latin1).toContain('"privilege":[]');
  });

  it("refuses a base token, a wrong openid, bad tokens, a snapshot visitor and a banned one", async () => {
    const { get, tokens, codeFor, exchange } = setUp();
    const base = await tokens("ming", "snsapi_base");
    const good = await tokens("ming");
    const snapshot = await tokens("snapshot");
    const userinfo = (access_token: string, openid: string) => get("/sns/userinfo", { access_token, openid });
    expect(await userinfo(base.access_token, base.openid)).toMatchObject({ errcode: 48001 });
    expect(snapshot.answer.is_snapshotuser).toBe(1);
    expect(await userinfo(snapshot.access_token, snapshot.openid)).toMatchObject({ errcode: 48001 });
    expect(await userinfo(good.access_token, "o1")).toMatchObject({ errcode: 40003 });
    expect(await userinfo("", good.openid)).toMatchObject({ errcode: 41001 });
    expect(await userinfo(good.access_token, "")).toMatchObject({ errcode: 41009 });
    expect(await userinfo("short", good.openid)).toMatchObject({ errcode: 40014 });
    expect(await userinfo(`92_${"x".repeat(86)}`, good.openid)).toMatchObject({ errcode: 40001 });
    expect(await exchange(await codeFor("banned"))).toMatchObject({ errcode: 50002 });
    const { access_token, openid } = good;
    expect(await get("/sns/auth", { access_token, openid })).toMatchObject({ errcode: 0, errmsg: "ok" });
  });

  it("knows a person without unionid", async () => {
    const { tokens } = setUp();
    expect((await tokens("nounion")).answer).not.toHaveProperty("unionid");
  });
});

describe("scripted answers", () => {
  it.each(Object.keys(ERRCODES).map(Number))("answers %i when asked to, code unspent", async (errcode) => {
    const { script, codeFor, exchange } = setUp();
    const code = await codeFor();
    await script({ endpoint: "access_token", errcode });
    const answer = await exchange(code);
    expect(answer.errcode).toBe(errcode);
    expect(answer.errmsg).toContain(ERRCODES[errcode]?.errmsg);
    expect(await exchange(code)).toHaveProperty("openid");
  });

  it("answers -1 and has consumed the code", async () => {
    const { script, codeFor, exchange } = setUp();
    const code = await codeFor();
    await script({ endpoint: "access_token", consume: true, errcode: -1 });
    expect(await exchange(code)).toMatchObject({ errcode: -1 });
    expect(await exchange(code)).toMatchObject({ errcode: 40163 });
  });

  it("sends HTML, raw bodies, other statuses and changed fields", async () => {
    const { app, script, codeFor, exchange } = setUp();
    await script(
      { endpoint: "access_token", html: true, status: 502 },
      { endpoint: "access_token", body: "{", times: 2 },
      { endpoint: "access_token", bytes: btoa("\xff") },
      { endpoint: "access_token", omit: ["scope"], set: { is_snapshotuser: 1 } },
    );
    const ask = () => app.request(`${API}/sns/oauth2/access_token`);
    const html = await ask();
    expect([html.status, html.headers.get("content-type")]).toEqual([502, "text/html; charset=utf-8"]);
    expect([await (await ask()).text(), await (await ask()).text()]).toEqual(["{", "{"]);
    expect(new Uint8Array(await (await ask()).arrayBuffer())).toEqual(Uint8Array.of(0xff));
    const changed = await exchange(await codeFor());
    expect(changed).toMatchObject({ is_snapshotuser: 1 });
    expect(changed).not.toHaveProperty("scope");
  });

  it("hangs until the client gives up", async () => {
    const { app, script, state } = setUp();
    await script({ endpoint: "access_token", hang: true });
    const abort = new AbortController();
    const request = new Request(`${API}/sns/oauth2/access_token`, { signal: abort.signal });
    const pending = app.request(request);
    setTimeout(() => abort.abort(), 30);
    await pending;
    expect(state.calls).toMatchObject([{ endpoint: "access_token", status: 504, scripted: true }]);
  });

  it("answers late, with the code consumed at once", async () => {
    const { script, codeFor, exchange } = setUp();
    const code = await codeFor();
    await script({ endpoint: "access_token", delay_ms: 40 });
    const [late, early] = await Promise.all([exchange(code), exchange(code)]);
    expect(late).toHaveProperty("openid");
    expect(early).toMatchObject({ errcode: 40163 });
  });

  it("waits for the AppID it is meant for", async () => {
    const { script, exchange } = setUp();
    await script({ endpoint: "access_token", errcode: 45011, appid: "wxfedcba9876543210" });
    expect(await exchange("x")).toMatchObject({ errcode: 40029 });
    expect(await exchange("x", { appid: "wxfedcba9876543210" })).toMatchObject({ errcode: 45011 });
  });

  it("comes back without a code, with authdeny, with the same code, without unionid, or not at all", async () => {
    const { script, authorize, codeFor, exchange } = setUp();
    const flags = ["no_code", "authdeny", "same_code", "forget_unionid"];
    const first = await codeFor();
    await script(...flags.map((flag) => ({ endpoint: "authorize", [flag]: true })), {
      endpoint: "authorize",
      errcode: 10009,
    });
    expect((await authorize()).headers.get("location")).toBe(`${CALLBACK}?state=abc1`);
    expect((await authorize()).headers.get("location")).toBe(`${CALLBACK}?code=authdeny&state=abc1`);
    expect(await codeFor()).toBe(first);
    expect(await exchange(await codeFor("ming", "snsapi_userinfo"))).not.toHaveProperty("unionid");
    expect((await authorize()).headers.get("x-simulator-problem")).toBe("10009");
  });

  it("loads the callback twice in a browser, and only says so to a test", async () => {
    const { app, script, authorize } = setUp();
    await script({ endpoint: "authorize", twin: true, times: 2 });
    expect((await authorize()).status).toBe(302);
    const page = await (await app.request(`${OPEN}/connect/oauth2/authorize?${GOOD}`)).text();
    expect(page).toContain(`data-callback="${CALLBACK}?code=`);
    const { authorizations } = await (await app.request("/control/authorizations")).json();
    expect(authorizations).toMatchObject([{ twin: true }, { twin: true }]);
  });

  it("makes the next visitor a snapshot visitor, once", async () => {
    const { post, tokens } = setUp();
    await post("/snapshot_once", {});
    const first = await tokens("ming");
    const second = await tokens("ming");
    expect([first.answer.is_snapshotuser, second.answer.is_snapshotuser]).toEqual([1, undefined]);
    expect(first.openid).not.toBe(second.openid);
  });

  it("names every mistake in a script and queues nothing", async () => {
    const { script, state } = setUp();
    const response = await script({ endpoint: "userinfo", errcode: 1 }, { endpoint: "userinfo", twin: true });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("next.1.twin");
    expect(state.faults).toEqual([]);
  });

  it("counts calls without their secrets and forgets all at a reset", async () => {
    const { app, post, codeFor, exchange } = setUp();
    const code = await codeFor();
    await exchange(code);
    const text = await (await app.request("/control/calls")).text();
    expect(JSON.parse(text)).toMatchObject({ counts: { authorize: 1, access_token: 1 } });
    expect(text).toContain('"secret":"[redacted]"');
    expect(text).not.toContain(code);
    await post("/reset", {});
    expect(await exchange(code)).toMatchObject({ errcode: 40029 });
    expect(await (await app.request("/control/calls")).json()).toMatchObject({ counts: { access_token: 1 } });
  });
});

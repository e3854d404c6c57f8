import { describe, expect, it } from "vitest";
import { thumbprint } from "./assertion-keys.ts";
import { configOf, mistakenKeys, mistakesOf, oneSite, SAMPLE_JWK, SAMPLE_SECRETS } from "./sample-env.ts";

const FIRST = SAMPLE_SECRETS.GATEWAY_SECRET;
const SECOND = `B${FIRST.slice(1)}`;
const withRing = (GATEWAY_SECRET: string) => oneSite({}, { GATEWAY_SECRET });
const withKeys = (...keys: unknown[]) => oneSite({}, { ASSERTION_KEYS: JSON.stringify({ keys }) });

describe("GATEWAY_SECRET", () => {
  it("is a ring of keys of 32 bytes, in order", async () => {
    const { gatewayKeys } = await configOf(withRing(`${SECOND} , ${FIRST}`));
    expect(gatewayKeys.map((key) => [key.length, key[0]])).toEqual([
      [32, 5],
      [32, 1],
    ]);
  });

  it.each([
    ["a spare comma", `${FIRST},`, "GATEWAY_SECRET[1]"],
    ["a short key", `${FIRST},AQID`, "GATEWAY_SECRET[1]"],
    ["padding", `${FIRST}=`, "GATEWAY_SECRET[0]"],
    ["base64", FIRST.replace("A", "+"), "GATEWAY_SECRET[0]"],
    ["one key twice", `${FIRST},${FIRST}`, "GATEWAY_SECRET[1]"],
    ["one byte repeated", "A".repeat(43), "GATEWAY_SECRET[0]"],
    ["prose", "correct horse battery staple", "GATEWAY_SECRET[0]"],
    ["nothing", "", "GATEWAY_SECRET"],
  ])("refuses %s", async (_, ring, key) => {
    expect(await mistakenKeys(withRing(ring))).toEqual([key]);
  });
});

describe("ASSERTION_KEYS", () => {
  it("has the thumbprint as kid where none is given", async () => {
    // RFC 7638 with a hash made elsewhere: echo -n '{"crv":…}' | openssl dgst -sha256 -binary | basenc --base64url
    expect(await thumbprint(SAMPLE_JWK)).toBe("iN9_-Rqmo-rEhqZLs_KSswNB79eRMp3_EyU1KFnBkl4");
    const { assertionKeys } = await configOf(withKeys(SAMPLE_JWK));
    expect(assertionKeys).toEqual([{ ...SAMPLE_JWK, kid: "iN9_-Rqmo-rEhqZLs_KSswNB79eRMp3_EyU1KFnBkl4" }]);
  });

  it("keeps kids in order, and nothing but the key itself", async () => {
    const extra = { ...SAMPLE_JWK, kid: "one", alg: "ES256", use: "sig", key_ops: ["sign"], ext: true };
    const { assertionKeys } = await configOf(withKeys(extra, { ...SAMPLE_JWK, kid: "two" }));
    expect(assertionKeys).toEqual([
      { ...SAMPLE_JWK, kid: "one" },
      { ...SAMPLE_JWK, kid: "two" },
    ]);
  });

  const { d, ...publicJwk } = SAMPLE_JWK;
  it.each([
    ["a public key", publicJwk],
    ["another curve", { ...SAMPLE_JWK, crv: "P-384" }],
    ["another type", { ...SAMPLE_JWK, kty: "RSA" }],
    ["a short d", { ...SAMPLE_JWK, d: d.slice(4) }],
    ["a d that is not the point's", { ...SAMPLE_JWK, d: `A${d.slice(1)}` }],
    ["a point that is not on the curve", { ...SAMPLE_JWK, x: SAMPLE_JWK.y }],
    ["another alg", { ...SAMPLE_JWK, alg: "ES384" }],
    ["another use", { ...SAMPLE_JWK, use: "enc" }],
    ["an empty kid", { ...SAMPLE_JWK, kid: "" }],
    ["no object", "key"],
  ])("refuses %s", async (_, jwk) => {
    expect(await mistakenKeys(withKeys(jwk))).toEqual(["ASSERTION_KEYS.keys[0]"]);
  });

  it("refuses a kid used twice", async () => {
    expect(await mistakenKeys(withKeys(SAMPLE_JWK, SAMPLE_JWK))).toEqual(["ASSERTION_KEYS.keys[1]"]);
  });

  it.each(["", "{", "[]", '{"keys":[]}', JSON.stringify(SAMPLE_JWK), '{"key":[]}'])("refuses %s", async (json) => {
    expect(await mistakenKeys(oneSite({}, { ASSERTION_KEYS: json }))).toEqual(["ASSERTION_KEYS"]);
  });

  it("never shows a key", async () => {
    const broken = `${SAMPLE_SECRETS.ASSERTION_KEYS}}`;
    expect(JSON.stringify(await mistakesOf(oneSite({}, { ASSERTION_KEYS: broken })))).not.toContain(d);
  });
});

describe("a secret that was pasted with more than its value", () => {
  const { GATEWAY_SECRET, ASSERTION_KEYS } = SAMPLE_SECRETS;
  it.each([
    ["GATEWAY_SECRET", `'${GATEWAY_SECRET}'`],
    ["GATEWAY_SECRET", `"${GATEWAY_SECRET}"`],
    ["GATEWAY_SECRET", `“${GATEWAY_SECRET}”`],
    ["GATEWAY_SECRET", `GATEWAY_SECRET=${GATEWAY_SECRET}`],
    ["GATEWAY_SECRET", `GATEWAY_SECRET = '${GATEWAY_SECRET}'`],
    ["ASSERTION_KEYS", `'${ASSERTION_KEYS}'`],
    ["ASSERTION_KEYS", `ASSERTION_KEYS='${ASSERTION_KEYS}'`],
    ["ASSERTION_KEYS", JSON.stringify(ASSERTION_KEYS)],
  ])("%s is told so: %s", async (name, value) => {
    const mistakes = await mistakesOf(oneSite({}, { [name]: value }));
    expect(mistakes).toMatchObject([
      { key: name, remedy: expect.stringContaining("without the quotes and the NAME= around it") },
    ]);
  });
});

describe("WECHAT_OPEN_URL and WECHAT_API_URL", () => {
  it("are WeChat's own unless given", async () => {
    expect(await configOf(oneSite({}))).toMatchObject({
      wechatOpenUrl: "https://open.weixin.qq.com",
      wechatApiUrl: "https://api.weixin.qq.com",
      simulated: false,
    });
  });

  it.each(["http://localhost:8788/", "http://127.0.0.2:8788", "http://[::1]:8788"])("may be %s", async (url) => {
    const config = await configOf(oneSite({}, { WECHAT_OPEN_URL: url, WECHAT_API_URL: url }));
    expect(config).toMatchObject({ wechatOpenUrl: url.replace(/\/$/, ""), simulated: true });
  });

  it("are simulated only by the browser's address", async () => {
    const env = oneSite({}, { WECHAT_API_URL: "http://localhost:8788", WECHAT_OPEN_URL: "https://localhost:8788" });
    expect((await configOf(env)).simulated).toBe(false);
  });

  it.each([
    "http://open.weixin.qq.com",
    "http://192.168.0.2",
    "https://a.example/x",
    "https://a.example/?q",
    "https://u:p@a.example",
    "ws://localhost",
    "",
  ])("refuse %s", async (url) => {
    expect(await mistakenKeys(oneSite({}, { WECHAT_OPEN_URL: url }))).toEqual(["WECHAT_OPEN_URL"]);
  });
});

it("refuses API_KEYS of any type, without an exception", async () => {
  for (const value of [5, true, {}, { toString: 1 }, Object.create(null)]) {
    expect(await mistakenKeys(oneSite({}, { API_KEYS: value }))).toEqual(["API_KEYS"]);
  }
});

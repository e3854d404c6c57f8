import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from "jose";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Browser } from "./support/browser.ts";
import { createWorld, HOST, site, type World } from "./support/world.ts";

/** Keys are rotated in stages; at each, and between two versions that run side by side, nobody is signed out. */

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const OLD_RING_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const NEW_RING_KEY = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
let oldKey: object;
let newKey: object;

beforeAll(async () => {
  const make = async (kid: string) => ({
    ...(await exportJWK((await generateKeyPair("ES256", { extractable: true })).privateKey)),
    kid,
  });
  oldKey = await make("old");
  newKey = await make("new");
});

type Stage = "before" | "added" | "in_use" | "dropped";
const RINGS: Record<Stage, string> = {
  before: OLD_RING_KEY,
  added: `${OLD_RING_KEY},${NEW_RING_KEY}`,
  in_use: `${NEW_RING_KEY},${OLD_RING_KEY}`,
  dropped: NEW_RING_KEY,
};
const setOf = (stage: Stage) =>
  ({ before: [oldKey], added: [oldKey, newKey], in_use: [newKey, oldKey], dropped: [newKey] })[stage];

const worldAt = (stage: Stage): World =>
  createWorld([site()], { GATEWAY_SECRET: RINGS[stage], ASSERTION_KEYS: JSON.stringify({ keys: setOf(stage) }) });

/** The same phone, now served by another version. */
function moved(browser: Browser, world: World): Browser {
  const next = new Browser(world, browser.person);
  for (const [host, cookies] of browser.jar) next.jar.set(host, cookies);
  return next;
}

async function keySetOf(world: World) {
  const answer = await world.send(new Request(`https://${HOST}/_wx/jwks.json`));
  return createLocalJWKSet(await answer.json());
}

const SIDE_BY_SIDE: [Stage, Stage][] = [
  ["before", "added"],
  ["added", "in_use"],
];

describe("a key rotation", () => {
  it.each(SIDE_BY_SIDE)(
    "keeps a session that one of two versions (%s, %s) sealed alive on the other, both ways",
    async (one, other) => {
      for (const [first, second] of [
        [one, other],
        [other, one],
      ] as const) {
        const browser = new Browser(worldAt(first), `test-rotation-${first}-${second}`);
        await browser.open("/");
        const world = worldAt(second);
        const { response } = await moved(browser, world).open("/again");
        expect(response.status).toBe(200);
        expect(world.wechatCalls).toEqual([]);
        expect(world.originRequests).toHaveLength(1);
      }
    },
  );

  it.each(SIDE_BY_SIDE)("signs with a key that both of two versions (%s, %s) publish", async (one, other) => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const published = await keySetOf(worldAt(second));
      const world = worldAt(first);
      await new Browser(world, "test-rotation-signer").open("/");
      const assertion = world.originRequests[0]?.headers.get("x-wx-assertion") ?? "";
      const { payload } = await jwtVerify(assertion, published, { algorithms: ["ES256"], audience: HOST });
      expect(payload.openid).toBe(world.originRequests[0]?.headers.get("x-wx-openid"));
    }
  });

  it("lets a login that began before a stage finish after it", async () => {
    const browser = new Browser(worldAt("added"), "test-rotation-login");
    const callback = await browser.upToCallback("/page");
    const codes = browser.world.simulator;
    const world = createWorld([site()], {
      GATEWAY_SECRET: RINGS.in_use,
      ASSERTION_KEYS: JSON.stringify({ keys: setOf("in_use") }),
    });
    // The code is known to the WeChat that gave it: only the gateway's version changes.
    world.useSimulator(codes);
    const response = await moved(browser, world).navigate(callback);
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/page#");
  });

  it("carries a session over all stages when it is seen once in each", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    let browser = new Browser(worldAt("before"), "test-rotation-through");
    await browser.open("/");
    for (const stage of ["added", "in_use", "dropped"] as const) {
      vi.setSystemTime(Date.now() + 6 * 60_000); // past `recheck`: the session is sealed anew
      const world = worldAt(stage);
      browser = moved(browser, world);
      expect((await browser.navigate("/")).status).toBe(200);
      expect(world.wechatCalls).toEqual([]);
    }
    vi.useRealTimers();
  });

  it("leaves a session of a dropped key anonymous, and its cookie alone", async () => {
    const browser = new Browser(worldAt("before"), "test-rotation-dropped");
    await browser.open("/");
    const response = await moved(browser, worldAt("dropped")).fetch("/");
    expect(response.status).toBe(401);
    expect(response.headers.getSetCookie()).toEqual([]);
  });
});

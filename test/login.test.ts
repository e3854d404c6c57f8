import { afterEach, describe, expect, it, vi } from "vitest";
import { Browser } from "./support/browser.ts";
import { createWorld } from "./support/world.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a first visit inside WeChat", () => {
  it("ends on the page that was opened, and the origin receives the openid", async () => {
    const world = createWorld();
    const browser = new Browser(world);
    const { response, url } = await browser.open("/goods?id=7");
    expect(response.status).toBe(200);
    expect(url).toBe("https://shop.example.com/goods?id=7#");
    expect(world.originRequests).toHaveLength(1);
    const headers = world.originRequests[0]?.headers;
    expect(headers?.get("x-wx-openid")).toMatch(/^o[A-Za-z0-9_-]{27}$/);
  });
});

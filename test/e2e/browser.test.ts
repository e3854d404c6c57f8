import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Demo, startDemo } from "./demo-process.ts";

/** The demo in a real browser, by taps: what curl cannot see (CSP, forms, cookies, history). */

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const isThere = existsSync(CHROMIUM);
if (!isThere) console.log(`skipped: no browser at ${CHROMIUM}`);

let demo: Demo;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const complaints: string[] = [];

describe.skipIf(!isThere)("a person with a browser", () => {
  beforeAll(async () => {
    demo = await startDemo(18_887);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  }, 30_000);
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: "zh-CN" });
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  });
  afterEach(async () => {
    await context.close();
    // A page of ours that breaks its own policy would say so here. (Chromium logs 401 and 403 pages as errors too.)
    expect(complaints.splice(0).filter((text) => /policy|refused|blocked/i.test(text))).toEqual([]);
  });

  it("opens the site and is signed in without a tap", async () => {
    await page.goto(`${demo.site}/`);
    expect(page.url()).toMatch(new RegExp(`^${demo.site}/#?$`));
    expect(await page.content()).toContain("x-wx-openid");
  });

  it("taps through the profile page and WeChat's consent, and arrives with a nickname", async () => {
    await page.goto(`${demo.site}/account/hello`);
    await page.getByRole("button", { name: "授权并继续" }).click();
    expect(page.url()).toContain(demo.simulator);
    await page.getByRole("button", { name: /允许/ }).click();
    await page.waitForURL(`${demo.site}/account/hello**`);
    expect(await page.content()).toContain("x-wx-nickname");
  });

  it("signs out by a tap, stays signed out, and signs in again by a tap", async () => {
    await page.goto(`${demo.site}/`);
    await page.goto(`${demo.site}/_wx/logout`);
    await page.locator('form[action="/_wx/logout"] button').click();
    await page.goto(`${demo.site}/`);
    expect(await page.content()).not.toContain("x-wx-openid");
    await page.getByRole("button", { name: "重新登录" }).click();
    await page.waitForURL(`${demo.site}/**`);
    expect(await page.content()).toContain("x-wx-openid");
  });

  it("does not see a signed-in page again by going back after the sign-out", async () => {
    await page.goto(`${demo.site}/goods`);
    expect(await page.content()).toContain("x-wx-openid");
    await page.goto(`${demo.site}/_wx/logout`);
    await page.locator('form[action="/_wx/logout"] button').click();
    await page.getByRole("button", { name: "重新登录" }).waitFor();
    await page.goBack();
    await page.goBack();
    expect(page.url()).toContain("/goods");
    expect(await page.content()).not.toContain("x-wx-openid");
  });

  it("goes back from the page without meeting an error about a used code", async () => {
    await page.goto(`${demo.site}/open/hello`);
    await page.goto(`${demo.site}/goods`);
    await page.goBack();
    await page.goForward();
    expect(await page.content()).toContain("x-wx-openid");
  });

  it("gets twin callbacks at the same moment, and one signed-in page", async () => {
    await fetch(`${demo.simulator}/control`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ next: [{ endpoint: "authorize", twin: true }] }),
    });
    await page.goto(`${demo.site}/twins`);
    await page.waitForURL(`${demo.site}/twins**`);
    expect(await page.content()).toContain("x-wx-openid");
  });

  it("without cookies ends on the page about cookies, not in a loop", async () => {
    const profile = mkdtempSync(join(tmpdir(), "wxgate-browser-"));
    mkdirSync(join(profile, "Default"));
    const settings = { profile: { default_content_setting_values: { cookies: 2 } } }; // 2 = block
    writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify(settings));
    const strict = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      args: FLAGS,
      locale: "zh-CN",
    });
    const blocked = await strict.newPage();
    await blocked.goto(`${demo.site}/cookieless`);
    expect(await blocked.content()).toContain("cookies_blocked");
    await strict.close();
    rmSync(profile, { recursive: true, force: true });
  });
});

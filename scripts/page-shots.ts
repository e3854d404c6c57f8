/** Screenshots of every page of the gateway, for the eye: `node scripts/page-shots.ts [output directory]` (Node 24). */

import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { pageSecurityPolicy, renderPage } from "../src/pages/page.ts";
import { SAMPLE_PAGES } from "../src/pages/sample-pages.ts";

type Look = { width: number; height: number; colorScheme: "light" | "dark"; fontSize?: number };

/** As long as a real one. */
const REQUEST_ID = "3f8a1c52-7d94-4b0e-9c61-5ae2f0d73b18";

const LOOKS: Readonly<Record<string, Look>> = {
  phone: { width: 390, height: 844, colorScheme: "light" },
  "phone-dark": { width: 390, height: 844, colorScheme: "dark" },
  small: { width: 320, height: 568, colorScheme: "light" },
  "large-text": { width: 390, height: 844, colorScheme: "light", fontSize: 28 },
  desktop: { width: 1280, height: 800, colorScheme: "light" },
};

async function shoot(browser: Browser, directory: string, name: string, look: Look): Promise<void> {
  const { colorScheme, fontSize, ...viewport } = look;
  const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: viewport.width < 500 ? 2 : 1 });
  const tab = await context.newPage();
  // The real policy is sent along: a stylesheet it refuses would show at once.
  const policy = await pageSecurityPolicy();
  for (const [sample, page] of Object.entries(SAMPLE_PAGES)) {
    for (const language of ["zh", "en"] as const) {
      const body = await renderPage(page, language, REQUEST_ID);
      await tab.unrouteAll();
      const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy };
      await tab.route("**", (route) => route.fulfill({ body, headers }));
      await tab.goto("https://www.example.com/");
      if (fontSize !== undefined) await tab.evaluate(`document.documentElement.style.fontSize = "${fontSize}px"`);
      const overflow = await tab.evaluate("document.documentElement.scrollWidth - innerWidth");
      const small = await tab.evaluate(
        "[...document.querySelectorAll('button,a')].filter(e => e.getBoundingClientRect().height < 44).length",
      );
      if (overflow !== 0 || small !== 0)
        console.error(`${name} ${sample} ${language}: overflow ${overflow}, small ${small}`);
      await writeFile(join(directory, `${sample}.${language}.${name}.png`), await tab.screenshot({ fullPage: true }));
    }
  }
  await context.close();
}

const directory = process.argv[2] ?? join(tmpdir(), "shots");
await mkdir(directory, { recursive: true });
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
args.push("--disable-component-update", "--disable-sync");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
try {
  for (const [name, look] of Object.entries(LOOKS)) await shoot(browser, directory, name, look);
} finally {
  await browser.close();
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FailureCode } from "../errors.ts";
import { FAILURE_WORDS } from "../errors-reference.ts";
import { headingOf } from "./heading.ts";
import { type Language, PAGE_STYLE, type Page, pageSecurityPolicy, pageTitle, renderPage } from "./page.ts";
import { SAMPLE_PAGES } from "./sample-pages.ts";
import { TEXTS } from "./texts.ts";

const REQUEST_ID = "req_7f3k9x2m";
const HOSTILE = `"><script>alert('x')</script>&`;
const ESCAPED = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;";
const LANGUAGES: readonly Language[] = ["zh", "en"];
const CASES = Object.entries(SAMPLE_PAGES).flatMap(([name, page]) =>
  LANGUAGES.map((language) => ({ name, page, language })),
);

/** The sample with every string of it hostile; `kind` and `scope` are ours and never a visitor's. */
function hostile(page: Page): Page {
  const changed = Object.entries(page).map(([key, value]) =>
    typeof value === "string" && key !== "kind" && key !== "scope" ? [key, HOSTILE] : [key, value],
  );
  return Object.fromEntries(changed) as Page;
}

function count(html: string, part: string): number {
  return html.split(part).length - 1;
}

describe.each(CASES)("$name in $language", async ({ page, language }) => {
  const html = await renderPage(page, language, REQUEST_ID);

  it("is a whole document with one heading, its title, its language and the request id", () => {
    const title = pageTitle(page, language);
    expect(html).toMatch(/^<!doctype html><html lang="(zh-CN|en)"><head><meta charset="utf-8"\/>/);
    expect(html).toContain(`<html lang="${TEXTS[language].tag}">`);
    expect(html).toContain('<meta name="viewport"');
    expect(html).toContain(`<title>${title}</title>`);
    expect(html).toContain(`<h1>${title}</h1>`);
    expect(count(html, "<h1")).toBe(1);
    expect(html).toContain(`<code>${REQUEST_ID}</code>`);
    expect(html.endsWith("</html>")).toBe(true);
  });

  it("shows the code of a failure, and only of a failure", () => {
    expect(html.includes(TEXTS[language].foot.code)).toBe("code" in page);
    if ("code" in page) expect(html).toContain(`<code>${page.code}</code>`);
  });

  it("has no script, handler, inline style or reference to another host", () => {
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\son[a-z]+=|\sstyle=|javascript:|@import|url\(/i);
    const withoutUrl = page.kind === "open_in_wechat" ? html.replace(page.url.replaceAll("&", "&amp;"), "") : html;
    expect(withoutUrl).not.toMatch(/https?:|\/\//);
  });

  it("is small", () => {
    expect(new TextEncoder().encode(html).length).toBeLessThan(page.kind === "open_in_wechat" ? 40_000 : 20_000);
  });

  it("carries exactly the stylesheet that the policy lets in", async () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? "";
    expect(style).toBe(PAGE_STYLE);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
    expect(await pageSecurityPolicy()).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
    );
  });

  it("escapes whatever it shows", async () => {
    const shown = await renderPage(hostile(page), language, HOSTILE);
    expect(shown).not.toContain("<script");
    const fields = Object.entries(hostile(page)).filter(([, value]) => value === HOSTILE).length;
    // Request id and every field; the cancel link shows `to` a second time.
    expect(count(shown, ESCAPED)).toBe(1 + fields + (page.kind === "confirm_sign_out" ? 1 : 0));
  });
});

describe("the two languages", () => {
  it.each(Object.entries(SAMPLE_PAGES))("%s says something different in each", (_name, page) => {
    expect(pageTitle(page, "zh")).toMatch(/\p{Script=Han}/u);
    expect(pageTitle(page, "en")).toMatch(/^[\p{ASCII}’]+$/u);
  });
});

describe("buttons", () => {
  const to = '<input type="hidden" name="to" value="/account/orders?id=42&amp;from=menu"/>';
  const base = '<input type="hidden" name="scope" value="base"/>';
  const login = '<form class="actions" method="post" action="/_wx/login">';
  const form = async (name: string) => {
    const page = SAMPLE_PAGES[name];
    if (page === undefined) throw new Error(`no sample ${name}`);
    return /<form[\s\S]*<\/form>/.exec(await renderPage(page, "zh", REQUEST_ID))?.[0] ?? "";
  };

  it.each(["try_again", "cookies_blocked", "signed_out", "refused_base"])("%s signs in silently", async (name) => {
    expect(await form(name)).toBe(
      `${login}${to}${base}<button class="button primary" type="submit">重新登录</button></form>`,
    );
  });

  it("the profile page asks for the profile", async () => {
    expect(await form("profile")).toBe(
      `${login}${to}<button class="button primary" type="submit">授权并继续</button></form>`,
    );
  });

  it("the profile page can be skipped where that is allowed", async () => {
    const skip = '<button class="button plain" type="submit" name="skip" value="1">暂不授权</button>';
    expect(await form("profile_failed")).toContain(skip);
    expect(await form("profile")).not.toContain("skip");
  });

  it("the profile page names a failed try and the site's own reason", async () => {
    const [plain, failed] = await Promise.all(
      [SAMPLE_PAGES.profile, SAMPLE_PAGES.profile_failed].map((page) =>
        page === undefined ? "" : renderPage(page, "zh", REQUEST_ID),
      ),
    );
    expect(failed).toContain("上次授权未成功");
    expect(failed).toContain("用于会员中心展示您的头像和昵称");
    expect(plain).not.toContain("上次授权未成功");
    expect(plain).toContain(TEXTS.zh.profile.why);
  });

  it("a refused profile is asked again as a profile, and can be skipped where that is allowed", async () => {
    const again = '<button class="button primary" type="submit">重新授权</button>';
    const skip = '<button class="button plain" type="submit" name="skip" value="1">暂不授权</button>';
    expect(await form("refused_profile")).toBe(`${login}${to}${again}</form>`);
    expect(await form("refused_profile_skip")).toBe(`${login}${to}${again}${skip}</form>`);
  });

  it.each(["zh", "en"] as const)("no page with a way out says that there is none (%s)", (language) => {
    const lead = (name: string) => headingOf(SAMPLE_PAGES[name] as Page, language).lead;
    const forced = /继续访问前|才能继续|^To continue|needs/;
    for (const name of ["profile", "refused_profile"]) expect(lead(name)).toMatch(forced);
    for (const name of ["profile_failed", "refused_profile_skip"]) {
      expect(lead(name)).not.toMatch(forced);
      expect(lead(name)).toMatch(/暂不授权|without/);
    }
  });

  it("signing out is a POST, cancelling a link", async () => {
    expect(await form("confirm_sign_out")).toBe(
      `<form class="actions" method="post" action="/_wx/logout">${to}` +
        '<button class="button danger" type="submit">退出登录</button>' +
        '<a class="button" href="/account/orders?id=42&amp;from=menu">取消</a></form>',
    );
  });

  it.each(["open_in_wechat", "snapshot", "blocked", "origin_unreachable", "too_many", "denied", "error_server"])(
    "%s has no form",
    async (name) => {
      expect(await form(name)).toBe("");
    },
  );
});

describe("the guide", () => {
  const guide = (url: string) => renderPage({ kind: "open_in_wechat", url }, "zh", REQUEST_ID);

  it("shows the exact URL as text and as a QR code", async () => {
    const html = await guide("https://www.example.com/a%2Fb?x=1&y=%E4%BD%A0#top");
    expect(html).toContain('<code class="url">https://www.example.com/a%2Fb?x=1&amp;y=%E4%BD%A0#top</code>');
    expect(html).toMatch(/<svg class="qr" role="img" aria-label="[^"]+"/);
  });

  it("stays below 40 KB with the longest path we return to", async () => {
    const html = await guide(`https://${"sub.".repeat(50)}example.com/${"aB3%E4%BD".repeat(120)}`.slice(0, 1320));
    expect(html).toContain("<svg");
    expect(new TextEncoder().encode(html).length).toBeLessThan(40_000);
  });

  it("does without the QR code for what cannot be one, and never throws", async () => {
    expect(await guide(`https://www.example.com/${"a".repeat(5000)}`)).not.toContain("<svg");
    expect(await guide(`https://www.example.com/${"礼".repeat(1000)}`)).not.toContain("<svg");
    expect(await guide("https://www.example.com/\ud83d")).not.toContain("<svg");
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 300 }), async (url) => {
        expect(await guide(url)).toContain('<code class="url">');
      }),
      { numRuns: 50 },
    );
  });
});

describe("the page of a flood", () => {
  it("blames neither the crowd alone nor the visitor alone", () => {
    expect(TEXTS.zh.headings.too_many.lead).toBe("访问过于频繁，或当前访问人数较多。");
    expect(TEXTS.en.headings.too_many.lead).toMatch(/^Too many requests, or many visitors/);
  });
});

describe("what is Chinese on an English page", () => {
  it("is marked as Chinese", async () => {
    const html = await renderPage({ kind: "snapshot" }, "en", REQUEST_ID);
    expect(html).toContain('“<span lang="zh-CN">使用完整服务</span>”');
    expect(html.replace(/<span lang="zh-CN">[^<]*<\/span>/g, "")).not.toMatch(/\p{Script=Han}/u);
  });
});

describe("the style", () => {
  it("leaves buttons a border where forced colours take their background", () => {
    expect(PAGE_STYLE).toMatch(/\.button\{[^}]*border:1px solid transparent/);
  });

  it("never breaks a request id within a line", () => {
    expect(PAGE_STYLE).toMatch(/footer code\{[^}]*display:inline-block/);
  });
});

describe("waiting", () => {
  const html = (seconds: number, language: Language) =>
    renderPage({ kind: "too_many", code: "x", retryAfterSeconds: seconds }, language, REQUEST_ID);

  it.each([
    [0.2, "请在 1 秒后重试。", "in 1 second."],
    [30, "请在 30 秒后重试。", "in 30 seconds."],
    [121, "请在 3 分钟后重试。", "in 3 minutes."],
  ])("%d seconds", async (seconds, zh, en) => {
    expect(await html(seconds, "zh")).toContain(zh);
    expect(await html(seconds, "en")).toContain(en);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("%d is not named", async (seconds) => {
    expect(await html(seconds, "zh")).not.toMatch(/NaN|Infinity|[秒]后|<p class="lead"><\/p>/);
  });
});

describe("an error", () => {
  it.each([
    [404, "页面不存在"],
    [400, "无法打开此页面"],
    [421, "无法打开此页面"],
    [502, "服务暂时不可用"],
    [503, "服务暂时不可用"],
  ])("%d is %s", (status, title) => {
    expect(pageTitle({ kind: "error", code: "x", status }, "zh")).toBe(title);
  });

  it.each([
    ["outside_wechat", "请在微信中打开", "请使用微信打开", "Please open the page in WeChat."],
    ["wechat_refused_user", "微信账号受限", "微信暂不允许您的账号登录", "WeChat does not let your account sign in"],
  ])("%s says what is the matter, and blames no link", (code, title, lead, leadEn) => {
    const page: Page = { kind: "error", code, status: 403 };
    expect(headingOf(page, "zh")).toEqual({ title, lead: expect.stringContaining(lead) });
    expect(headingOf(page, "en").lead).toContain(leadEn);
  });

  it("of an account that WeChat refuses says so at the last try too, where it has a button", () => {
    const page: Page = { kind: "try_again", code: "wechat_refused_user", to: "/" };
    expect(pageTitle(page, "zh")).toBe("微信账号受限");
  });

  /** Answered with a page of another kind, or never with one. */
  const OTHERWISE: ReadonlySet<string> = new Set<FailureCode>([
    ...(["login_required", "denied", "blocked", "consent_refused", "snapshot_visitor", "cookies_blocked"] as const),
    ...(["callback_malformed", "login_expired", "wechat_busy", "wechat_unreachable", "wechat_rubbish"] as const),
    ...(["profile_unavailable", "token_store_unavailable", "wechat_limited", "too_many_callbacks"] as const),
    "origin_unreachable",
  ]);

  it.each(Object.entries(FAILURE_WORDS).filter(([code]) => !OTHERWISE.has(code)))(
    "%s has a heading of its own exactly where docs/errors.md promises more than a reference",
    (code, { visitor }) => {
      const titleOf = (name: string) => pageTitle({ kind: "error", code: name, status: 400 }, "zh");
      expect(visitor === "A page with a reference.").toBe(titleOf(code) === titleOf("x"));
    },
  );
});

import { utf8Bytes } from "../encoding.ts";

/** The one stylesheet of all pages, and the policy that lets in this stylesheet and nothing else. */

/**
 * Plain ASCII without `<`: it goes into `<style>` unescaped, and is hashed as it stands. Sizes in rem follow large text.
 * Every browser reads the `-webkit-` names; older iOS knows no others.
 */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--back:#fff;--text:#191919;--soft:#595959;--line:#e2e2e2;--fill:#f2f2f2;--main:#07793d;--notice-back:#fdeeed;--notice:#98211c;--info:#1a6fc4;--warn:#b35c00}
@media(prefers-color-scheme:dark){:root{--back:#111;--text:#ededed;--soft:#a6a6a6;--line:#333;--fill:#262626;--notice-back:#3b1f1d;--notice:#ffb8b2;--info:#3f8fdb;--warn:#c77a1e}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;background:var(--back);color:var(--text);font:1.0625rem/1.6 system-ui,-apple-system,"PingFang SC","HarmonyOS Sans SC","Noto Sans SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif;overflow-wrap:break-word;overflow-wrap:anywhere;padding:env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left)}
main{flex:1 0 auto;display:flex;flex-direction:column;width:100%;max-width:26rem;margin:0 auto;padding:3rem 1.5rem 1.5rem}
h1{font-size:1.375rem;line-height:1.4;font-weight:600}
h2{margin:1.5rem 0 .75rem;font-size:1.0625rem;font-weight:600}
p,h1,.button{margin:0 0 .75rem}
ol,ul{margin:.25rem 0 .75rem;padding-left:1.5rem}
li{margin:.25rem 0}
.icon{width:4rem;height:4rem;margin:0 auto 1.5rem}
h1,.lead{text-align:center;text-wrap:balance}
.soft{color:var(--soft);font-size:.9375rem}
.text{white-space:pre-line}
.notice,.url{padding:.75rem 1rem;border-radius:.5rem}
.notice{background:var(--notice-back);color:var(--notice)}
.asked{margin:.5rem 0 1rem;padding:0;list-style:none;border-top:1px solid var(--line)}
.asked li{margin:0;padding:.75rem 0;border-bottom:1px solid var(--line)}
figure{margin:.5rem 0 0;text-align:center}
.qr{max-width:100%;height:auto;background:#fff;border-radius:.5rem}
.url{max-height:12rem;overflow:auto;background:var(--fill);font-family:inherit;font-size:.9375rem;word-break:break-all}
.url,footer code{-webkit-user-select:all}
.actions{padding-top:1.5rem}
.button{display:flex;align-items:center;justify-content:center;width:100%;min-height:3rem;padding:.5rem 1rem;border:1px solid transparent;border-radius:.5rem;background:var(--fill);color:var(--text);font:inherit;font-weight:500;text-align:center;text-decoration:none;cursor:pointer;-webkit-appearance:none;touch-action:manipulation}
.primary{background:var(--main);color:#fff}
.danger{background:#c4302b;color:#fff}
.button:active{filter:brightness(.9)}
:focus-visible{outline:3px solid var(--info);outline-offset:2px}
footer{padding:.5rem .75rem 1.25rem;color:var(--soft);font-size:.8125rem;text-align:center}
footer p{margin:0}
footer code{display:inline-block;font-family:ui-monospace,Menlo,Consolas,monospace}
@media(min-width:40rem){main{flex:0 0 auto;margin:auto}}
@media(max-width:40rem) and (min-height:36rem){.actions{margin-top:auto}}
`;

/** Once per isolate. The value and not the promise: a promise of another request may never settle. */
let securityPolicy: string | null = null;

/**
 * The Content-Security-Policy of every page.
 *
 * There is no `form-action` on purpose: Chromium (WeChat's XWEB) holds the whole redirect chain after a POST
 * against it, and ours goes on to open.weixin.qq.com and through hosts we do not know.
 */
export async function pageSecurityPolicy(): Promise<string> {
  if (securityPolicy === null) {
    const digest = await crypto.subtle.digest("SHA-256", utf8Bytes(PAGE_STYLE));
    const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
    securityPolicy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; frame-ancestors 'none'`;
  }
  return securityPolicy;
}

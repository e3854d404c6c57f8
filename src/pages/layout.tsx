import { raw } from "hono/html";
import { Content, ICONS } from "./content.tsx";
import { headingOf } from "./heading.ts";
import { Icon } from "./icon.tsx";
import type { Language } from "./language.ts";
import type { Page } from "./page.ts";
import { FailedNotice } from "./profile.tsx";
import { PAGE_STYLE } from "./style.ts";
import { TEXTS } from "./texts.ts";

/** The `<html>` element. No component is asynchronous, so it is a string at once. */
export function renderDocument(page: Page, language: Language, requestId: string): string {
  const texts = TEXTS[language];
  const { title, lead } = headingOf(page, language);
  const icon = ICONS[page.kind];
  return String(
    <html lang={texts.tag}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        {/* iOS would make a phone number of a request id. */}
        <meta name="format-detection" content="telephone=no" />
        <title>{title}</title>
        <style>{raw(PAGE_STYLE)}</style>
      </head>
      <body>
        <main>
          {icon !== null && <Icon name={icon} />}
          <h1>{title}</h1>
          {page.kind === "profile" && page.failed && <FailedNotice text={texts.profile.failed} />}
          <p class="lead">{lead}</p>
          <Content page={page} texts={texts} />
        </main>
        <footer>
          {"code" in page && <FootLine label={texts.foot.code} value={page.code} />}
          <FootLine label={texts.foot.requestId} value={requestId} />
        </footer>
      </body>
    </html>,
  );
}

/** For whoever asks the site for help; the only technical thing on a page. */
function FootLine(props: { label: string; value: string }) {
  return (
    <p>
      {props.label} <code>{props.value}</code>
    </p>
  );
}

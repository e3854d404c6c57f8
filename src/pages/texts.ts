/** Every text of every page. Both languages have one type: a missing text does not compile. */

import type { Language } from "./language.ts";
import type { Markup } from "./markup.ts";
import type { Page } from "./page.ts";
import { EN } from "./texts-en.ts";
import { ZH } from "./texts-zh.ts";

/** Kinds of pages, those apart that say different things by their data. */
export type HeadingKey =
  | Exclude<Page["kind"], "refused" | "error">
  | "refused_base"
  | "refused_profile"
  | "error_account"
  | "error_not_found"
  | "error_request"
  | "error_server";

export type Heading = { title: string; lead: string };

/** With another lead where the visitor may say 暂不授权. */
type OptionalHeading = Heading & { optional: string };

export type Texts = {
  /** For the `lang` attribute. */
  tag: string;
  headings: Record<HeadingKey, Heading> & Record<"profile" | "refused_profile", OptionalHeading>;
  guide: { scan: string; qrLabel: string; copy: string; steps: readonly [string, string, string] };
  profile: { asked: readonly [string, string]; why: string; next: string; failed: string };
  snapshotSteps: readonly (string | Markup)[];
  cookieSteps: readonly string[];
  askForHelp: string;
  waitSeconds: (count: number) => string;
  waitMinutes: (count: number) => string;
  buttons: {
    authorise: string;
    authoriseAgain: string;
    skip: string;
    signIn: string;
    signOut: string;
    cancel: string;
    reload: string;
  };
  foot: { code: string; requestId: string };
};

export const TEXTS: Readonly<Record<Language, Texts>> = { zh: ZH, en: EN };

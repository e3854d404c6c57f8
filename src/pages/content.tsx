import { LinkButton, LoginForm, LogoutForm, Submit } from "./forms.tsx";
import { Guide } from "./guide.tsx";
import type { IconName } from "./icon.tsx";
import type { Page } from "./page.ts";
import { Profile } from "./profile.tsx";
import { Steps } from "./steps.tsx";
import type { Texts } from "./texts.ts";
import { waitText } from "./wait-text.ts";

/** The sign above the heading. The guide has none: its QR code should be in sight at once. */
export const ICONS: Readonly<Record<Page["kind"], IconName | null>> = {
  open_in_wechat: null,
  profile: "person",
  snapshot: "info",
  refused: "info",
  try_again: "warning",
  cookies_blocked: "warning",
  blocked: "warning",
  signed_out: "done",
  confirm_sign_out: "info",
  origin_unreachable: "warning",
  too_many: "warning",
  denied: "warning",
  error: "warning",
};

/** What stands below the heading and the first sentence. */
export function Content(props: { page: Page; texts: Texts }) {
  const { page, texts } = props;
  switch (page.kind) {
    case "open_in_wechat":
      return <Guide url={page.url} texts={texts.guide} />;
    case "profile":
      return <Profile page={page} texts={texts} />;
    case "snapshot":
      return <Steps steps={texts.snapshotSteps} ordered />;
    case "cookies_blocked":
      return (
        <>
          <Steps steps={texts.cookieSteps} ordered={false} />
          <SignInAgain to={page.to} texts={texts} />
        </>
      );
    case "try_again":
      return (
        <>
          <p class="lead soft">{texts.askForHelp}</p>
          <SignInAgain to={page.to} texts={texts} />
        </>
      );
    case "signed_out":
      return <SignInAgain to={page.to} texts={texts} />;
    case "refused":
      return (
        <LoginForm to={page.to} scope={page.scope}>
          <Submit look="primary" label={page.scope === "base" ? texts.buttons.signIn : texts.buttons.authoriseAgain} />
        </LoginForm>
      );
    case "confirm_sign_out":
      return (
        <LogoutForm to={page.to}>
          <Submit look="danger" label={texts.buttons.signOut} />
          <LinkButton href={page.to} label={texts.buttons.cancel} />
        </LogoutForm>
      );
    case "origin_unreachable":
      // An empty reference is this page's own address: a reload without a script.
      return (
        <div class="actions">
          <LinkButton href="" label={texts.buttons.reload} />
        </div>
      );
    case "too_many":
      return <Wait seconds={page.retryAfterSeconds} texts={texts} />;
    case "error":
      return page.status >= 500 && <p class="lead soft">{texts.askForHelp}</p>;
    case "blocked":
    case "denied":
      return null;
  }
}

function SignInAgain(props: { to: string; texts: Texts }) {
  return (
    <LoginForm to={props.to} scope="base">
      <Submit look="primary" label={props.texts.buttons.signIn} />
    </LoginForm>
  );
}

function Wait(props: { seconds: number; texts: Texts }) {
  const text = waitText(props.seconds, props.texts);
  return text !== null && <p class="lead">{text}</p>;
}

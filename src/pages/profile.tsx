import { LoginForm, Submit } from "./forms.tsx";
import type { Page } from "./page.ts";
import type { Texts } from "./texts.ts";

/** Why this page is here again; said before what it asks. */
export function FailedNotice(props: { text: string }) {
  return (
    <p class="notice" role="alert">
      {props.text}
    </p>
  );
}

/** What is asked and why. WeChat's own consent follows only after this tap: else it shows a snapshot instead. */
export function Profile(props: { page: Extract<Page, { kind: "profile" }>; texts: Texts }) {
  const { page, texts } = props;
  return (
    <>
      <ul class="asked">
        {texts.profile.asked.map((item) => (
          <li>{item}</li>
        ))}
      </ul>
      <p class="soft text">{page.consentText ?? texts.profile.why}</p>
      <p class="soft">{texts.profile.next}</p>
      <LoginForm to={page.to} scope="profile">
        <Submit look="primary" label={texts.buttons.authorise} />
        {page.canSkip && <Submit look="plain" label={texts.buttons.skip} name="skip" />}
      </LoginForm>
    </>
  );
}

/** Buttons. Whatever changes something is a POST by a real button; a link only goes somewhere. */

import type { Child } from "hono/jsx";

/** A form to `/_wx/login`. With scope `base` the sign-in is silent; the endpoint's default asks for the profile. */
export function LoginForm(props: { to: string; scope: "base" | "profile"; children: Child }) {
  return (
    <form class="actions" method="post" action="/_wx/login">
      <input type="hidden" name="to" value={props.to} />
      {props.scope === "base" && <input type="hidden" name="scope" value="base" />}
      {props.children}
    </form>
  );
}

export function LogoutForm(props: { to: string; children: Child }) {
  return (
    <form class="actions" method="post" action="/_wx/logout">
      <input type="hidden" name="to" value={props.to} />
      {props.children}
    </form>
  );
}

/** A form's submit button. `name` is sent, with the value 1, only by the button that was tapped. */
export function Submit(props: { look: "primary" | "danger" | "plain"; label: string; name?: string }) {
  return (
    <button
      class={`button ${props.look}`}
      type="submit"
      {...(props.name !== undefined && { name: props.name, value: "1" })}
    >
      {props.label}
    </button>
  );
}

export function LinkButton(props: { href: string; label: string }) {
  return (
    <a class="button" href={props.href}>
      {props.label}
    </a>
  );
}

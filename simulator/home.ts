/** The simulator's own page: who one is. */

import { Hono } from "hono";
import { setCookie } from "hono/cookie";
import { html } from "hono/html";
import { currentPerson, PERSON_COOKIE } from "./current-person.ts";
import { bilingual, page } from "./page.ts";
import { findPerson, nicknameText, PEOPLE } from "./people.ts";
import type { SimulatorState } from "./state.ts";

const YEAR_S = 365 * 24 * 3_600;

export function homeRoutes(state: SimulatorState): Hono {
  const app = new Hono();
  app.get("/", (c) => {
    const current = currentPerson(c, state);
    const others = current !== null && !PEOPLE.includes(current) ? [current] : [];
    const buttons = [...PEOPLE, ...others].map(
      (one) => html`<button name="person" value="${one.id}" ${one.id === current?.id ? html`aria-current="true"` : ""}>
${nicknameText(one) || "（无昵称）"}<br>${bilingual(one.about.zh, `${one.id}: ${one.about.en}`)}</button>`,
    );
    return c.html(
      page(
        "微信模拟器",
        html`<h1>${bilingual("你是谁？", "Who are you?")}</h1>
<form action="/person" method="post">${buttons}</form>
<form action="/person" method="post">
<p><label>${bilingual("其他测试用户：test-任意", "or anybody: test-ANYTHING")}
<input name="person" value="test-1" pattern="test-[A-Za-z0-9_.\\-]{1,64}" required></label></p>
<button class="plain">${"使用"} · Use</button>
</form>
<p>${bilingual("脚本化应答", "scripting the next answers")}: <a href="/control">/control</a></p>`,
      ),
    );
  });
  app.post("/person", async (c) => {
    const { person } = await c.req.parseBody();
    if (typeof person !== "string" || findPerson(person) === undefined) return c.text("no such person\n", 400);
    setCookie(c, PERSON_COOKIE, person, { path: "/", sameSite: "Lax", httpOnly: true, maxAge: YEAR_S });
    return c.redirect("/", 303);
  });
  return app;
}

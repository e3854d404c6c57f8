/** `open.weixin.qq.com/connect/oauth2/authorize` and the consent page behind it. */

import { type Context, Hono } from "hono";
import { type App, findApp, isRegistered } from "./apps.ts";
import { consentPage, problemPage, refusedPage, twinPage } from "./authorize-pages.ts";
import { type AuthorizeProblemId, authorizeProblem } from "./authorize-problems.ts";
import { type AuthorizeRequest, checkAuthorizeQuery } from "./authorize-query.ts";
import { callbackUrl } from "./callback-url.ts";
import { keep, recordCall } from "./calls.ts";
import { CONSENT_HEADER, currentPerson, PERSON_HEADER } from "./current-person.ts";
import { type AuthorizeFault, takeFault } from "./faults.ts";
import { issueCode, makeGrant } from "./grants.ts";
import type { Person } from "./people.ts";
import { randomTicket } from "./random.ts";
import { dressAsScripted, ownBody, waitAsScripted } from "./scripted-response.ts";
import type { SimulatorState } from "./state.ts";

/** An authorize request that passed every check, waiting for an answer or just having one. */
export type Ticket = {
  app: App;
  request: AuthorizeRequest;
  person: Person;
  isSnapshot: boolean;
  fault: AuthorizeFault | null;
};

export function authorizeRoutes(state: SimulatorState): Hono {
  const app = new Hono();
  app.get("/connect/oauth2/authorize", async (c) => {
    const call = recordCall(state, "authorize", c.req.raw);
    const fault = takeFault(state, "authorize", c.req.query("appid") ?? "");
    call.scripted = fault !== null;
    const hung = await waitAsScripted(fault, c.req.raw.signal);
    const response = hung ?? dressAsScripted(ownBody(fault) ?? (await authorize(c, state, fault)), fault);
    call.status = response.status;
    return response;
  });
  app.get("/connect/oauth2/consent", (c) => {
    recordCall(state, "consent", c.req.raw);
    return consent(c, state, c.req.query("ticket") ?? "", c.req.query("answer") ?? "");
  });
  return app;
}

async function authorize(c: Context, state: SimulatorState, fault: AuthorizeFault | null): Promise<Response> {
  if (fault?.errcode !== undefined) return problem(c, fault.errcode);
  const rawQuery = /\?([^#]*)/.exec(c.req.url)?.[1] ?? "";
  const checked = checkAuthorizeQuery(rawQuery);
  if (!checked.ok) return problem(c, checked.problem);
  const { request } = checked;
  const app = findApp(state.apps, request.appid);
  if (app === undefined) return problem(c, "appid");
  if (app.problem !== null) return problem(c, app.problem);
  if (!isRegistered(app, new URL(request.redirectUri))) return problem(c, 10003);
  const person = currentPerson(c, state);
  if (person === null) return c.text(`no such person: ${c.req.header(PERSON_HEADER)}\n`, 400);

  const wantsProfile = request.scope === "snsapi_userinfo";
  const isSnapshot = person.isSnapshot || state.snapshotOnce || (wantsProfile && request.forceSnapShot);
  state.snapshotOnce = false;
  const ticket: Ticket = { app, request, person, isSnapshot, fault };
  // A snapshot visitor is never asked: the page just opens, browse-only.
  if (!wantsProfile || isSnapshot) return goBack(c, state, ticket);
  const id = randomTicket();
  state.tickets.set(id, ticket);
  const preset = request.forcePopup ? "ask" : state.consent;
  return consent(c, state, id, c.req.header(CONSENT_HEADER) ?? preset);
}

function consent(c: Context, state: SimulatorState, id: string, answer: string): Response | Promise<Response> {
  const ticket = state.tickets.get(id);
  if (ticket === undefined) return c.text("this consent page is gone; start again\n", 404);
  if (answer === "allow") return goBack(c, state, ticket);
  if (answer === "return")
    return goBack(c, state, { ...ticket, fault: { endpoint: "authorize", times: 1, no_code: true } });
  if (answer === "refuse") return c.html(refusedPage(id));
  return c.html(consentPage(ticket.request, ticket.person, id));
}

async function goBack(c: Context, state: SimulatorState, ticket: Ticket): Promise<Response> {
  const { app, request, person, isSnapshot, fault } = ticket;
  const { appid, scope, redirectUri } = request;
  let code: string | null = null;
  if (fault?.authdeny === true) code = "authdeny";
  else if (fault?.no_code !== true) {
    const forgetUnionid = fault?.forget_unionid === true;
    const grant = await makeGrant(app, person, scope, { isSnapshot, forgetUnionid });
    code = issueCode(state, grant, fault?.same_code === true);
  }
  const callback = callbackUrl(redirectUri, { ...(code === null ? {} : { code }), state: request.state });
  const twin = fault?.twin === true || fault?.twin === "after";
  keep(state.authorizations, { person: person.id, appid, scope, state: request.state, code, callback, twin });
  c.header("cache-control", "no-cache, must-revalidate");
  // A test drives its own twin: it gets the redirect and asks for the callback twice.
  if (twin && c.req.header(PERSON_HEADER) === undefined) return c.html(twinPage(callback, fault?.twin === "after"));
  return c.redirect(callback, 302);
}

function problem(c: Context, id: AuthorizeProblemId | number): Response | Promise<Response> {
  c.header("x-simulator-problem", String(id));
  return c.html(problemPage(authorizeProblem(id)));
}

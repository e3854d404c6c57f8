/** `api.weixin.qq.com/sns/*`: counts the call, plays a scripted answer or gives the real one. */

import { Hono } from "hono";
import { type Call, recordCall } from "./calls.ts";
import { errmsgOf } from "./errcodes.ts";
import { type ApiEndpoint, type ApiFault, takeFault } from "./faults.ts";
import { randomRid } from "./random.ts";
import { dressAsScripted, ownBody, waitAsScripted } from "./scripted-response.ts";
import type { SimulatorState } from "./state.ts";
import { accessToken, refreshToken } from "./tokens.ts";
import { auth, userinfo } from "./userinfo.ts";
import { type WireFields, wireJson, wireResponse } from "./wire.ts";

export type ApiAnswer = { errcode: number; errmsg?: string | undefined } | { fields: WireFields };

type Answerer = (state: SimulatorState, params: URLSearchParams) => ApiAnswer | Promise<ApiAnswer>;

const ENDPOINTS: readonly (readonly [path: string, name: ApiEndpoint, answer: Answerer])[] = [
  ["/sns/oauth2/access_token", "access_token", accessToken],
  ["/sns/oauth2/refresh_token", "refresh_token", refreshToken],
  ["/sns/auth", "auth", auth],
  ["/sns/userinfo", "userinfo", userinfo],
];

/** The four endpoints of web authorization; every other path below `/sns` is 40066. */
export function apiRoutes(state: SimulatorState): Hono {
  const app = new Hono();
  for (const [path, name, answer] of ENDPOINTS) app.all(path, (c) => serve(state, name, answer, c.req.raw));
  app.all("/sns/*", () => send({ errcode: 40066 }, null));
  return app;
}

async function serve(state: SimulatorState, name: ApiEndpoint, answer: Answerer, request: Request): Promise<Response> {
  const call = recordCall(state, name, request);
  if (request.method !== "GET") return finish(call, send({ errcode: 43001 }, call));
  const params = new URL(request.url).searchParams;
  const fault = takeFault(state, name, appidOf(state, params));
  call.scripted = fault !== null;

  const own = ownBody(fault);
  const replaced = own !== null || fault?.errcode !== undefined || fault?.hang === true;
  // The real answer comes first and the wait after it: a client that gives up has spent its code.
  const real = !replaced || fault?.consume === true ? await answer(state, params) : null;
  const hung = await waitAsScripted(fault, request.signal);
  if (hung !== null) return finish(call, hung);
  if (own !== null) return finish(call, dressAsScripted(own, fault));
  if (fault?.errcode !== undefined) {
    return finish(call, dressAsScripted(send({ errcode: fault.errcode, errmsg: fault.errmsg }, call), fault));
  }
  return finish(call, dressAsScripted(send(changed(real ?? { errcode: -1 }, fault), call), fault));
}

function changed(answer: ApiAnswer, fault: ApiFault | null): ApiAnswer {
  if ("errcode" in answer || fault === null) return answer;
  const omitted = new Set(fault.omit);
  const fields = Object.entries({ ...answer.fields, ...fault.set }).filter(([name]) => !omitted.has(name));
  return { fields: Object.fromEntries(fields) };
}

function send(answer: ApiAnswer, call: Call | null): Response {
  if ("fields" in answer) return wireResponse(wireJson(answer.fields));
  const { errcode, errmsg = errmsgOf(errcode) } = answer;
  if (call !== null) call.errcode = errcode;
  return wireResponse(wireJson({ errcode, errmsg: `${errmsg}, rid: ${randomRid()}` }));
}

function finish(call: Call, response: Response): Response {
  call.status = response.status;
  return response;
}

/** Userinfo and auth name no AppID: theirs is that of the token. */
function appidOf(state: SimulatorState, params: URLSearchParams): string {
  const token = params.get("access_token");
  return params.get("appid") ?? (token === null ? undefined : state.accessTokens.get(token)?.grant.appid) ?? "";
}

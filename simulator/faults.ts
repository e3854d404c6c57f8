/** Scripted answers: what `POST /control {"next":[…]}` may ask for, and who gets it next. */

import * as v from "valibot";
import type { SimulatorState } from "./state.ts";

const API_ENDPOINTS = ["access_token", "refresh_token", "auth", "userinfo"] as const;
export type ApiEndpoint = (typeof API_ENDPOINTS)[number];

const MAX_DELAY_MS = 60_000;

const flag = v.optional(v.boolean());
const delayMs = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_DELAY_MS)));

/** Options of every endpoint. */
const common = {
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
  appid: v.optional(v.string()),
  errcode: v.optional(v.pipe(v.number(), v.integer())),
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599))),
  html: flag,
  body: v.optional(v.string()),
  bytes: v.optional(v.pipe(v.string(), v.base64())),
  headers: v.optional(v.record(v.string(), v.string())),
  delay_ms: delayMs,
  hang: flag,
};

const fieldValue = v.union([v.string(), v.number(), v.boolean(), v.null(), v.array(v.string())]);

const apiFault = v.strictObject({
  endpoint: v.picklist(API_ENDPOINTS),
  ...common,
  errmsg: v.optional(v.string()),
  consume: flag,
  omit: v.optional(v.array(v.string())),
  set: v.optional(v.record(v.string(), fieldValue)),
});

const authorizeFault = v.strictObject({
  endpoint: v.literal("authorize"),
  ...common,
  twin: v.optional(v.union([v.boolean(), v.literal("after")])),
  same_code: flag,
  no_code: flag,
  authdeny: flag,
  forget_unionid: flag,
});

export const faultSchema = v.variant("endpoint", [apiFault, authorizeFault]);

export type ApiFault = v.InferOutput<typeof apiFault>;
export type AuthorizeFault = v.InferOutput<typeof authorizeFault>;
export type Fault = ApiFault | AuthorizeFault;

/** Takes the next scripted answer for an endpoint, if there is one; `appid` filters are exact. */
export function takeFault(state: SimulatorState, endpoint: "authorize", appid: string): AuthorizeFault | null;
export function takeFault(state: SimulatorState, endpoint: ApiEndpoint, appid: string): ApiFault | null;
export function takeFault(state: SimulatorState, endpoint: Fault["endpoint"], appid: string): Fault | null {
  const index = state.faults.findIndex(
    (fault) => fault.endpoint === endpoint && (fault.appid === undefined || fault.appid === appid),
  );
  const fault = state.faults[index];
  if (fault === undefined) return null;
  fault.times -= 1;
  if (fault.times <= 0) state.faults.splice(index, 1);
  return fault;
}

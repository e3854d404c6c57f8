/** Which endpoint was called how often and with what: the last ones in full, secrets left out. */

import type { SimulatorState } from "./state.ts";

const CALLS_KEPT = 500;
const SECRET_PARAMS = new Set(["secret", "code", "access_token", "refresh_token"]);

export type Call = {
  endpoint: string;
  method: string;
  query: Record<string, string>;
  /** `null` until answered: a hanging or delayed call shows as such. */
  status: number | null;
  errcode: number | null;
  /** Changed by a scripted answer. */
  scripted: boolean;
};

/** Counts a call and returns its record, to be filled in with the answer. */
export function recordCall(state: SimulatorState, endpoint: string, request: Request): Call {
  const query: Record<string, string> = {};
  for (const [name, value] of new URL(request.url).searchParams) {
    query[name] = SECRET_PARAMS.has(name) && value !== "" ? "[redacted]" : value;
  }
  const call: Call = { endpoint, method: request.method, query, status: null, errcode: null, scripted: false };
  state.counts.set(endpoint, (state.counts.get(endpoint) ?? 0) + 1);
  keep(state.calls, call);
  return call;
}

/** Appends to a list that stays short. */
export function keep<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > CALLS_KEPT) list.shift();
}

import type { ApiKey, ApiScope } from "../config/config.ts";
import type { Visit } from "../visit.ts";
import { type Fields, readJson, readObject, readParameters, type Values } from "./input.ts";
import { type InputMistake, problem } from "./problems.ts";

/** Far more than any of our objects; an endpoint that takes lists sets its own. */
const BODY_MAX_BYTES = 65_536;

/** One endpoint of the management API: its schemas are its parser and its entry in the OpenAPI document. */
export type Endpoint = {
  scope: ApiScope;
  params: Fields;
  query: Fields;
  /** `null`: the body, if there is one, is not looked at. */
  body: Fields | null;
  run: (visit: Visit, key: ApiKey, params: Record<string, string>) => Promise<Response>;
};

type NoFields = Record<never, never>;
type Spec<P extends Fields, Q extends Fields, B extends Fields> = {
  scope: ApiScope;
  params?: P;
  query?: Q;
  body?: B;
  bodyMaxBytes?: number;
  /** `actor`: who makes the call, for the event. */
  handle: (visit: Visit, input: Values<P> & Values<Q> & Values<B>, actor: string) => Promise<Response>;
};

export function endpoint<P extends Fields = NoFields, Q extends Fields = NoFields, B extends Fields = NoFields>({
  scope,
  params = {} as P,
  query = {} as Q,
  body,
  bodyMaxBytes = BODY_MAX_BYTES,
  handle,
}: Spec<P, Q, B>): Endpoint {
  async function run(visit: Visit, key: ApiKey, given: Record<string, string>): Promise<Response> {
    const mistakes: InputMistake[] = [];
    const read = body === undefined ? { json: {} } : await readJson(visit.request, bodyMaxBytes);
    if ("code" in read) return problem(visit, read.code);
    const input = {
      ...readParameters(params, Object.entries(given), mistakes),
      ...readParameters(query, new URLSearchParams(visit.search), mistakes),
      ...readObject(body ?? ({} as B), read.json, mistakes),
    };
    if (mistakes.length > 0) return problem(visit, "input_invalid", { errors: mistakes });
    return handle(visit, input, `api:${key.name}`);
  }
  return { scope, params, query, body: body ?? null, run };
}

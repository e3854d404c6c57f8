import type { ApiKey } from "../config/config.ts";
import type { Visit } from "../visit.ts";
import type { Contract } from "./contract.ts";
import { type Fields, readJson, readObject, readParameters, type Values } from "./input.ts";
import { problem } from "./problem-answer.ts";
import type { InputMistake } from "./problems.ts";

/** Far more than any of our objects; an endpoint that takes lists sets its own. */
const BODY_MAX_BYTES = 65_536;

type NoFields = Record<never, never>;
type Part<C extends Contract, Name extends "params" | "query" | "body"> =
  C extends Record<Name, infer F extends Fields> ? Values<F> : NoFields;

/** What a call says, of path, query and body together. */
export type Input<C extends Contract> = Part<C, "params"> & Part<C, "query"> & Part<C, "body">;

/** Answers a call whose input has no mistake; `actor`: who makes it, for the event. */
export type Handler<C extends Contract> = (visit: Visit, input: Input<C>, actor: string) => Promise<Response>;

export type Endpoint = {
  contract: Contract;
  run: (visit: Visit, key: ApiKey, params: Record<string, string>) => Promise<Response>;
};

/** Joins a contract and its handler: reads the input by the one, and lists every mistake before the other is asked. */
export function endpoint<C extends Contract>(
  contract: C,
  handle: Handler<C>,
  { bodyMaxBytes = BODY_MAX_BYTES } = {},
): Endpoint {
  const { params = {}, query = {}, body }: Contract = contract;
  async function run(visit: Visit, key: ApiKey, given: Record<string, string>): Promise<Response> {
    const mistakes: InputMistake[] = [];
    const read = body === undefined ? { json: {} } : await readJson(visit.request, bodyMaxBytes);
    if ("code" in read) return problem(visit, read.code);
    const input = {
      ...readParameters(params, Object.entries(given), mistakes),
      ...readParameters(query, new URLSearchParams(visit.search), mistakes),
      ...readObject(body ?? {}, read.json, mistakes),
    };
    if (mistakes.length > 0) return problem(visit, "input_invalid", { errors: mistakes });
    return handle(visit, input as Input<C>, `api:${key.name}`);
  }
  return { contract, run };
}

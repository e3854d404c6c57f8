import { toBase64Url, utf8Bytes } from "../encoding.ts";
import { jsonAnswer } from "../respond.ts";
import type { Stored } from "../storage/d1.ts";
import type { Page } from "../storage/page.ts";
import type { Visit } from "../visit.ts";
import type { CONTRACT, Contract, EndpointName } from "./contract.ts";
import { type Fields, readJson, readObject, readParameters, type Values } from "./input.ts";
import { problem, storageProblem } from "./problem-answer.ts";
import type { InputMistake } from "./problems.ts";

type NoFields = Record<never, never>;
type Part<C extends Contract, Name extends "params" | "query" | "body"> =
  C extends Record<Name, infer F extends Fields> ? Values<F> : NoFields;

/** What a call says, of path, query and body together. */
type Input<C extends Contract> = Part<C, "params"> & Part<C, "query"> & Part<C, "body">;

/** Answers a call whose input has no mistake; `actor`: who makes it, for the event. */
export type Handler<Name extends EndpointName> = (
  visit: Visit,
  input: Input<(typeof CONTRACT)[Name]>,
  actor: string,
) => Promise<Response>;

/** Reads the input of a call by its endpoint's contract; or the answer that lists every mistake in it. */
export async function readInput(
  visit: Visit,
  { params = {}, query = {}, exclusive = [], body, bodyMaxBytes = 65_536 }: Contract,
  given: Record<string, string>,
): Promise<Record<string, unknown> | Response> {
  const read = body === undefined ? { json: {} } : await readJson(visit.request, bodyMaxBytes);
  if ("code" in read) return problem(visit, read.code);
  const mistakes: InputMistake[] = [];
  const input: Record<string, unknown> = {
    ...readParameters(params, Object.entries(given), mistakes),
    ...readParameters(query, new URLSearchParams(visit.search), mistakes),
    ...readObject(body ?? {}, read.json, mistakes),
  };
  const [first, ...others] = exclusive.filter((name) => input[name] !== undefined);
  for (const parameter of others) mistakes.push({ parameter, detail: `cannot go with ${first}` });
  return mistakes.length > 0 ? problem(visit, "input_invalid", { errors: mistakes }) : input;
}

/** A page of a list. Callers hand its cursor back as it is; what is in it is nobody's business. */
export function pageAnswer<Item>(
  visit: Visit,
  name: string,
  listed: Stored<Page<Item>>,
  show: (item: Item) => unknown = (item) => item,
): Response {
  if (!listed.ok) return storageProblem(visit, listed);
  const { items, next } = listed.value;
  const next_cursor = next === null ? null : toBase64Url(utf8Bytes(next));
  return jsonAnswer(visit, 200, { [name]: items.map(show), next_cursor });
}

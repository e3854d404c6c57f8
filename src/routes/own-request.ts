import { originOf } from "../gate/host.ts";
import { readBounded } from "../read-bounded.ts";
import { refuse } from "../refuse.ts";
import { failureAnswer } from "../respond.ts";
import type { Visit } from "../visit.ts";

/**
 * Does this request come from a page of this very host? Sec-Fetch-Site says so where it is sent; older browsers send
 * an Origin with every POST. Neither = no.
 */
function isOwnRequest(visit: Visit): boolean {
  const { headers } = visit.request;
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  return headers.get("origin") === originOf(visit);
}

/** Our forms have a few short fields. */
const FORM_MAX_BYTES = 16_384;

/** The fields of a POST from a page of this host, or the refusal. */
export async function ownForm(visit: Visit): Promise<URLSearchParams | Response> {
  if (!isOwnRequest(visit)) return refuse(visit, "foreign_request");
  return (await readForm(visit.request)) ?? failureAnswer(visit, "form_malformed");
}

/** None in a body that is no form; `null` when it is too long. */
async function readForm(request: Request): Promise<URLSearchParams | null> {
  const type = (request.headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded" || request.body === null) return new URLSearchParams();
  try {
    const bytes = await readBounded(request, FORM_MAX_BYTES);
    return bytes === null ? null : new URLSearchParams(new TextDecoder().decode(bytes));
  } catch {
    return null; // the client broke off
  }
}

import { fromBase64Url } from "../encoding.ts";
import { jsonAnswer } from "../respond.ts";
import type { Handler } from "./endpoint.ts";
import { OPENAPI_DEFLATED } from "./openapi-document.ts";

/** Made from the contract at build time and packed, so that its words take little of the bundle. */
export const getOpenapi: Handler<"getOpenapi"> = async (visit) => {
  const packed = new Blob([fromBase64Url(OPENAPI_DEFLATED) ?? ""]).stream();
  return jsonAnswer(visit, 200, await new Response(packed.pipeThrough(new DecompressionStream("deflate-raw"))).json());
};

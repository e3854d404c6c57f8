import { fromBase64Url } from "../encoding.ts";
import { jsonAnswer } from "../respond.ts";
import { endpoint } from "./endpoint.ts";
import { OPENAPI_DEFLATED } from "./openapi-document.ts";

/** The OpenAPI document: made from the endpoints' schemas at build time, so that its words take little of the bundle. */
export const openapi = endpoint({
  scope: "read",
  handle: async (visit) => {
    const packed = new Blob([fromBase64Url(OPENAPI_DEFLATED) ?? ""]).stream();
    return jsonAnswer(
      visit,
      200,
      await new Response(packed.pipeThrough(new DecompressionStream("deflate-raw"))).json(),
    );
  },
});

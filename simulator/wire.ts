/** WeChat's answers as bytes: JSON in `text/plain`, slashes escaped, nicknames as dirty as people make them. */

/** A `Uint8Array` goes between the quotes as it is. */
type WireValue = string | number | boolean | null | readonly string[] | Uint8Array;
export type WireFields = Record<string, WireValue>;

const encoder = new TextEncoder();

/** Encodes the fields in their order. */
export function wireJson(fields: WireFields): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [encoder.encode("{")];
  for (const [index, [name, value]] of Object.entries(fields).entries()) {
    chunks.push(encoder.encode(`${index > 0 ? "," : ""}${JSON.stringify(name)}:`));
    chunks.push(value instanceof Uint8Array ? concat([encoder.encode('"'), value, encoder.encode('"')]) : json(value));
  }
  chunks.push(encoder.encode("}"));
  return concat(chunks);
}

/** The answer WeChat sends, errors included: HTTP 200 and `text/plain`. */
export function wireResponse(body: Uint8Array<ArrayBuffer>, status = 200): Response {
  return new Response(body, {
    status,
    headers: { "content-type": "text/plain", "cache-control": "no-cache, must-revalidate" },
  });
}

function json(value: Exclude<WireValue, Uint8Array>): Uint8Array {
  return encoder.encode(JSON.stringify(value).replaceAll("/", "\\/"));
}

function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

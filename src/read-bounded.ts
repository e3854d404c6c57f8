/** Reads a body up to the limit; `null` when it is longer, or says so. Throws when the connection does. */
export async function readBounded({ headers, body }: Request | Response, maxBytes: number): Promise<Uint8Array | null> {
  if (!(Number(headers.get("content-length") ?? 0) <= maxBytes)) return null;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

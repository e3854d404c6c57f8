/** Node 24 has no `Uint8Array` base64 yet, workerd has: the little that the sealing code uses. */

const prototype = Uint8Array.prototype as { toBase64?: unknown };

if (prototype.toBase64 === undefined) {
  Object.assign(prototype, {
    toBase64(this: Uint8Array) {
      return Buffer.from(this.buffer, this.byteOffset, this.byteLength).toString("base64url");
    },
  });
  Object.assign(Uint8Array, {
    fromBase64: (text: string) => new Uint8Array(Buffer.from(text, "base64url")),
  });
}

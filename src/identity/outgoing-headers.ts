import { isAscii } from "../encoding.ts";

/**
 * The visitor's headers on their way to the origin: kept, then set. A plain object and not the runtime's `Headers`, which
 * would be one more list of strings to allocate, copy and collect for each request (docs/decisions/0020).
 */
export class OutgoingHeaders {
  /** By lower-case name, so that what is set replaces what was sent. No prototype: `__proto__` is a legal name. */
  readonly #values: Record<string, string> = Object.create(null);
  readonly #incoming: Headers;
  /** Other values are beyond our strings, byte for byte: they may be UTF-8, Latin-1, or an old phone's GBK. */
  #isAscii = true;

  constructor(incoming: Headers, isKept: (name: string, value: string) => boolean) {
    this.#incoming = incoming;
    incoming.forEach((value, name) => {
      if (!isKept(name, value)) return;
      this.#values[name] = value;
      if (!isAscii(value)) this.#isAscii = false;
    });
  }

  set(name: string, value: string): void {
    this.#values[name.toLowerCase()] = value;
  }

  /** Where the visitor sent none. */
  setDefault(name: string, value: string): void {
    this.#values[name.toLowerCase()] ??= value;
  }

  delete(name: string): void {
    delete this.#values[name.toLowerCase()];
  }

  /** For `fetch`. */
  toInit(): Record<string, string> | Headers {
    return this.#isAscii ? this.#values : this.#copied();
  }

  /** The runtime's own copy, where values that were not changed keep their bytes. */
  #copied(): Headers {
    const headers = new Headers(this.#incoming);
    for (const name of this.#incoming.keys()) {
      if (this.#values[name] === undefined) headers.delete(name);
    }
    for (const [name, value] of Object.entries(this.#values)) {
      if (isAscii(value) || headers.get(name) !== value) headers.set(name, value);
    }
    return headers;
  }
}

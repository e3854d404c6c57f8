import { describe, expect, it } from "vitest";
import { OutgoingHeaders } from "./outgoing-headers.ts";

const keepAll = () => true;
const sentAs = (headers: OutgoingHeaders) => Object.fromEntries(new Headers(headers.toInit()));

/** With a value that strings cannot carry, and without: what `fetch` gets is another object, and must say the same. */
describe.each([
  ["ASCII", "plain"],
  ["other bytes", "caf\u00e9"],
])("headers on their way to the origin, with %s among them", (_, value) => {
  const incoming = () => new Headers({ "x-any": value, accept: "a", "x-ours": "forged", "x-dropped": "1" });
  const outgoing = () =>
    new OutgoingHeaders(incoming(), (name) => name !== "x-ours" && name !== "x-dropped" && name !== "x-absent");

  it("are those that are kept", () => {
    expect(sentAs(outgoing())).toEqual({ accept: "a", "x-any": incoming().get("x-any") });
  });

  it("hold what is set, in any case, in the place of what was sent", () => {
    const headers = outgoing();
    headers.set("X-Ours", "ours");
    headers.set("ACCEPT", "b");
    headers.set("x-absent", "c");
    expect(sentAs(headers)).toEqual({
      accept: "b",
      "x-absent": "c",
      "x-any": incoming().get("x-any"),
      "x-ours": "ours",
    });
  });

  it("hold what is set beyond ASCII in the place of what was sent", () => {
    const headers = outgoing();
    headers.set("X-Ours", "\u00e9");
    expect(sentAs(headers)["x-ours"]).toBe("\u00e9");
  });

  it("hold nothing that is deleted, in any case, also after it was set", () => {
    const headers = outgoing();
    headers.set("x-set", "1");
    for (const name of ["X-Set", "Accept", "x-never"]) headers.delete(name);
    expect(sentAs(headers)).toEqual({ "x-any": incoming().get("x-any") });
  });

  it("may be called 1, __proto__ or constructor", () => {
    const sent = new Headers([
      ["1", "0"],
      ["__proto__", "1"],
      ["constructor", "2"],
      ["x-any", value],
    ]);
    expect([...new Headers(new OutgoingHeaders(sent, keepAll).toInit())]).toEqual([...sent]);
  });

  it("are one line for a name that was sent twice", () => {
    const sent = new Headers({ "x-any": value });
    sent.append("x-twice", "a");
    sent.append("x-twice", "b");
    expect(sentAs(new OutgoingHeaders(sent, keepAll))["x-twice"]).toBe("a, b");
  });
});

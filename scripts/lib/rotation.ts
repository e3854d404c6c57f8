/** Key rotation in three stages, of the sealing ring and the assertion keys together; pure. */

/** A private JWK of ours; `iat` (Unix seconds, an extra member that readers ignore) says when it was made. */
export type StoredAssertionKey = { iat?: number } & Record<string, unknown>;
export type KeyPairing = { gateway: readonly string[]; assertion: readonly StoredAssertionKey[] };

export type Stage =
  /** One key of each: nothing under way. */
  | "steady"
  /** A new key is published and opens, but does not sign or seal. */
  | "added"
  /** The new key signs and seals, the old ones still open and are published. */
  | "in_use"
  /** Several keys, and nothing tells their age; or the two secrets have different numbers of keys. */
  | "unclear";

export const ROTATIONS = ["add", "use", "drop"] as const;
export type Rotation = (typeof ROTATIONS)[number];

export function stageOf({ gateway, assertion }: KeyPairing): Stage {
  if (gateway.length !== assertion.length || gateway.length === 0) return "unclear";
  if (gateway.length === 1) return "steady";
  const [first, last] = [assertion[0]?.iat, assertion.at(-1)?.iat];
  if (first === undefined || last === undefined) return "unclear";
  return first >= last ? "in_use" : "added";
}

/** The keys after a rotation step, or why the step cannot be taken now. */
export function rotate(
  keys: KeyPairing,
  rotation: Rotation,
  fresh: () => KeyPairing,
): KeyPairing | { refused: string } {
  const stage = stageOf(keys);
  switch (rotation) {
    case "add": {
      if (stage !== "steady") return { refused: `a rotation is under way already (stage: ${stage}); finish it first` };
      const added = fresh();
      return { gateway: [...keys.gateway, ...added.gateway], assertion: [...keys.assertion, ...added.assertion] };
    }
    case "use":
      if (stage !== "added") return { refused: `no added key waits to be used (stage: ${stage})` };
      return { gateway: lastFirst(keys.gateway), assertion: lastFirst(keys.assertion) };
    case "drop":
      if (stage !== "in_use") return { refused: `no replaced key waits to be dropped (stage: ${stage})` };
      return { gateway: keys.gateway.slice(0, 1), assertion: keys.assertion.slice(0, 1) };
  }
}

function lastFirst<Key>(keys: readonly Key[]): Key[] {
  return [...keys.slice(-1), ...keys.slice(0, -1)];
}

/** The next step's command and what must pass before it, and why. */
export function nextStep(stage: Stage, file = ".dev.vars"): string {
  const command = (rotation: Rotation) =>
    `npm run keys -- --rotate ${rotation}${file === ".dev.vars" ? "" : ` --file ${file}`}`;
  switch (stage) {
    case "steady":
      return command("add");
    case "added":
      return `${command("use")}, at the earliest 10 minutes after the added key is deployed: origins keep the key set for 5 minutes, and every version that runs must open the new key`;
    case "in_use":
      return `${command("drop")}, when the longest session lifetime has passed since the new key is deployed, and 30 days where profile_max_age is shorter than 30d: cookies, and the tokens that renew profiles, are sealed with the old key until then`;
    case "unclear":
      return "bring both secrets to the same number of keys, made by npm run keys, the signing one first";
  }
}

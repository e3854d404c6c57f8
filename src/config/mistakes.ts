/** Collects mistakes, so that all are reported at once, and keeps secrets out of their texts. */
import type { Complaint } from "./complaint.ts";
import type { Mistake } from "./config.ts";
import type { Issue } from "./schema.ts";
import { hideSecretLooking, joinKey, show } from "./show.ts";

/** Shorter values are too likely to be ordinary words. */
const MIN_HIDDEN_LENGTH = 8;

type Hidden = Iterable<readonly [name: string, value: string]>;

/** The values as they may stand in a text, each with its name. */
function spellingsOf(hidden: Hidden): [name: string, spelling: string][] {
  return [...hidden]
    .filter(([, value]) => value.length >= MIN_HIDDEN_LENGTH)
    .flatMap(([name, value]) => [
      [name, value],
      [name, JSON.stringify(value).slice(1, -1)], // JSON's escapes are how it would stand in a shown text
    ]);
}

export class Mistakes {
  readonly #list: Mistake[] = [];
  readonly #seen = new Set<string>();
  readonly #hidden: Hidden;
  #spellings: ReturnType<typeof spellingsOf> | null = null;

  /** `hidden`: name → value of what may be secret; a message says the name instead of the value. */
  constructor(hidden: Hidden = []) {
    this.#hidden = hidden;
  }

  /** Looks for secrets at the first mistake only: nearly every start makes none. */
  readonly #hide = (text: string): string => {
    this.#spellings ??= spellingsOf(this.#hidden);
    return this.#spellings.reduce((shown, [name, value]) => shown.replaceAll(value, () => `(value of ${name})`), text);
  };

  /** A mistake in a value that may be shown. */
  add(key: string, value: unknown, complaint: Complaint): void {
    this.#push({ key, value: show(value, this.#hide), ...complaint });
  }

  /** What a schema found, each at its place under `key`. */
  addIssues(key: string, issues: readonly Issue[]): void {
    for (const { path, value, problem, remedy } of issues) this.add(joinKey(key, path), value, { problem, remedy });
  }

  /** A mistake in a secret: of its value, only the length is told. */
  addSecret(key: string, value: string, complaint: Complaint): void {
    this.#push({ key, value: `a secret of ${value.length} characters`, ...complaint });
  }

  /**
   * A secret that is not set: whoever checks elsewhere than in the Worker may know that it is set there. Once per
   * name, whoever needs it.
   */
  addMissingSecret(name: string, complaint: Complaint): void {
    // A secret written in its name's place is no name that anybody should be told.
    if (this.#clean(name) !== name) this.#push({ key: name, value: "not set", ...complaint });
    else this.#push({ key: name, value: "not set", ...complaint, missingSecret: name }, name);
  }

  get list(): Mistake[] {
    return [...this.#list];
  }

  #clean(text: string): string {
    return hideSecretLooking(this.#hide(text));
  }

  /** A value that DEFAULTS gives is met once per site: mistakes of one identity are kept once. */
  #push({ key, problem, remedy, ...rest }: Mistake, identity = `${key}\n${problem}`): void {
    if (this.#seen.has(identity)) return;
    this.#seen.add(identity);
    this.#list.push({ key: this.#clean(key), problem: this.#clean(problem), remedy: this.#clean(remedy), ...rest });
  }
}

/** The text of the log line and of the doctor. */
export function formatMistakes(mistakes: readonly Mistake[]): string {
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  const lines = mistakes.map(
    ({ key, value, problem, remedy }, index) => `${index + 1}. ${key} (${value}): ${problem}.\n   → ${remedy}`,
  );
  return [`${count} in the configuration:`, ...lines].join("\n");
}

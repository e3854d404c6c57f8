/** Collects mistakes, so that all are reported at once, and keeps secrets out of their texts. */
import type { Issue, Wrong } from "./complaint.ts";
import type { Mistake } from "./config.ts";
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

/** What is wrong, or may be. */
type Found = { readonly issues: readonly Issue[] };

const stepInto = (value: unknown, step: string | number) => (value as Record<string | number, unknown>)[step];

export class Mistakes {
  /** By what makes each one a mistake of its own. */
  readonly #found = new Map<string, Mistake>();
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

  /** What is wrong with a value that may be shown, each at its place under `key`. */
  add(key: string, value: unknown, { issues }: Found): void {
    for (const issue of issues) {
      const { path } = issue;
      const shown = "shown" in issue ? issue.shown : path.reduce<unknown>(stepInto, value);
      this.#push(joinKey(key, path), show(shown, this.#hide), issue);
    }
  }

  /** A mistake in a secret: of its value, only the length is told. */
  addSecret(key: string, value: unknown, { issues }: Wrong): void {
    const shown = typeof value === "string" ? `a secret of ${value.length} characters` : typeof value;
    for (const issue of issues) this.#push(key, shown, issue);
  }

  /**
   * A secret that is not set: whoever checks elsewhere than in the Worker may know that it is set there. Once per
   * name, whoever needs it.
   */
  addMissingSecret(name: string, { issues }: Wrong): void {
    // A secret written in its name's place is no name that anybody should be told.
    const isName = this.#clean(name) === name;
    for (const issue of issues) this.#push(name, "not set", issue, isName ? name : undefined);
  }

  get list(): Mistake[] {
    return [...this.#found.values()];
  }

  #clean(text: string): string {
    return hideSecretLooking(this.#hide(text));
  }

  /** A value that DEFAULTS gives is met once per site: mistakes of one identity are kept once. */
  #push(key: string, value: string, { problem, remedy }: Issue, missingSecret?: string): void {
    const identity = missingSecret ?? `${key}\n${problem}`;
    if (this.#found.has(identity)) return;
    this.#found.set(identity, {
      key: this.#clean(key),
      value,
      problem: this.#clean(problem),
      remedy: this.#clean(remedy),
      ...(missingSecret !== undefined && { missingSecret }),
    });
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

/** Readers answer with a value or with what is wrong with it, in words: the problem, and what to do about it. */

export type Issue = {
  problem: string;
  remedy: string;
  /** The way down to its place, where that is inside the value. */
  path: readonly (string | number)[];
  /** What to show, where that is not what stands at the place. */
  shown?: unknown;
};

/** What a reader gives instead of a value. */
export class Wrong {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    this.issues = issues;
  }

  /** A part's issues as issues of the whole. */
  within(key: string | number): Issue[] {
    return this.issues.map((issue) => ({ ...issue, path: [key, ...issue.path] }));
  }
}

export type Read<T> = T | Wrong;

/** Makes a complaint; both texts are whole sentences or ends of one that begins with the key. */
export function complain(problem: string, remedy: string, place: Partial<Issue> = {}): Wrong {
  return new Wrong([{ problem, remedy, path: [], ...place }]);
}

/** What is wrong with a text, by the first of some patterns that it matches. */
export type Faults = readonly (readonly [pattern: RegExp, problem: string, remedy: string])[];

export function faultOf(text: string, faults: Faults): Wrong | null {
  const [, problem, remedy] = faults.find(([pattern]) => pattern.test(text)) ?? [];
  return problem === undefined || remedy === undefined ? null : complain(problem, remedy);
}

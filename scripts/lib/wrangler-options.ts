/** Which options of the pinned wrangler belong to which command of a deployment; a test holds them to its `--help`. */

/** `value`: one, `values`: all up to the next option, `flag`: none, or `true` or `false`. */
type Kind = "value" | "values" | "flag";

const kinds = (kind: Kind, names: string): Record<string, Kind> =>
  Object.fromEntries(names.split(" ").map((name) => [name, kind]));

export const OPTIONS = {
  /** Of `wrangler d1 migrations apply` too: which file, which environment, which account. */
  shared: {
    ...kinds("value", "config cwd env profile"),
    ...kinds("values", "env-file"),
    ...kinds("flag", "install-skills"),
  },
  /** Of `wrangler deploy` alone. */
  deployment: {
    ...kinds("value", "name tag message outdir outfile compatibility-date assets jsx-factory jsx-fragment tsconfig"),
    ...kinds("value", "secrets-file durable-objects-code-update-mode metafile old-asset-ttl dispatch-namespace"),
    ...kinds("value", "containers-rollout"),
    ...kinds("values", "compatibility-flags compatibility-flag var define alias triggers schedule schedules"),
    ...kinds("values", "routes route zone zones zone-id zone-ids domains domain"),
    ...kinds("flag", "no-bundle latest minify upload-source-maps keep-vars strict logpush autoconfig"),
    ...kinds("flag", "experimental-route-zones x-route-zones"),
  },
} as const;

const SHORT: Record<string, string> = { c: "config", e: "env" };

/** An option's name as `--help` has it: wrangler also takes `--envFile`. */
function nameOf(option: string): string | undefined {
  const [, short, long] = /^(?:-(\w)|--([A-Za-z][\w-]*))(?:=.*)?$/s.exec(option) ?? [];
  if (short !== undefined) return SHORT[short];
  return long?.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function kindOf(name: string, among: Record<string, Kind>): Kind | undefined {
  if (Object.hasOwn(among, name)) return among[name];
  const positive = name.replace(/^no-/, "");
  return Object.hasOwn(among, positive) && among[positive] === "flag" ? "flag" : undefined;
}

/** How many of the words after an option are its values. */
function valuesAfter(option: string, kind: Kind, rest: readonly string[]): number {
  const end = rest.findIndex((word) => word.startsWith("-"));
  const free = end === -1 ? rest.length : end;
  if (kind === "values") return free;
  if (option.includes("=") || free === 0) return 0;
  return kind === "value" || /^(?:true|false)$/.test(rest[0] ?? "") ? 1 : 0;
}

export type Sorted = { shared: string[]; deployment: string[]; isDryRun: boolean };

/** Those of both commands, and all for the deployment, word for word; throws at what is neither's. */
export function sortOptions(words: readonly string[]): Sorted {
  const sorted: Sorted = { shared: [], deployment: [], isDryRun: false };
  for (let index = 0; index < words.length; ) {
    const word = words[index] ?? "";
    const name = nameOf(word) ?? "";
    if (name === "dry-run") return { ...sorted, isDryRun: true };
    const shared = kindOf(name, OPTIONS.shared);
    const kind = shared ?? kindOf(name, OPTIONS.deployment);
    if (kind === undefined) throw new Error(`${word} is no option that is known here`);
    const count = valuesAfter(word, kind, words.slice(index + 1));
    // Without its value a shared option would name another environment or account to one command than to the other.
    if (shared !== undefined && kind !== "flag" && count === 0 && !word.includes("=")) {
      throw new Error(`${word} has no value`);
    }
    const taken = words.slice(index, index + 1 + count);
    if (shared !== undefined) sorted.shared.push(...taken);
    sorted.deployment.push(...taken);
    index += taken.length;
  }
  return sorted;
}

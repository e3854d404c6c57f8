/** How long a session lasts. */
import { outcome, type Schema } from "./schema.ts";
import { type Hint, type Options, readTable, tableSchema, type Values } from "./table.ts";
import { durationBetween } from "./values/duration.ts";

export const SESSION_OPTIONS = {
  lifetime: {
    schema: durationBetween("10s", "90d"),
    default: "24h",
  },
  renew: {
    schema: durationBetween("10s", "90d"),
    default: "2h",
  },
  recheck: {
    schema: durationBetween("30s", "1h"),
    default: "5m",
  },
} as const satisfies Options;

type SessionValues = Values<typeof SESSION_OPTIONS>;

/** A schema for the table, without defaults: a site's is merged with that of DEFAULTS first. */
export function sessionTable(misplaced: Hint): Schema<SessionValues> {
  return tableSchema('{ lifetime = "24h" }', (raw) => {
    const { values, issues } = readTable(SESSION_OPTIONS, raw, misplaced);
    return outcome(values, issues);
  });
}

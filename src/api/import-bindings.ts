import { jsonAnswer } from "../respond.ts";
import { importBindings as storeBindings } from "../storage/import.ts";
import { checkRow, type ImportRow, REFUSALS, type Refusal } from "../storage/import-row.ts";
import type { Visit } from "../visit.ts";
import type { Handler } from "./endpoint.ts";
import { storageProblem } from "./problem-answer.ts";

/**
 * Stores the good rows of a batch and says of each of the others why not. A row may name an AppID that no site of the
 * deployment has (a Mini Program's); those of other sites are theirs to import.
 */
export const importBindings: Handler<"importBindings"> = async (visit, { rows }, actor) => {
  const { site, runtime, now } = visit;
  const context = {
    appId: site.account.appId,
    withheldAppIds: withheldAppIds(visit),
    storeProfile: site.storeProfile,
  };
  const good: { index: number; row: ImportRow }[] = [];
  const refused: { row: number; refusals: Refusal[] }[] = [];
  for (const [index, given] of rows.entries()) {
    const checked = checkRow(given, context);
    if (checked.ok) good.push({ index, row: checked.row });
    else refused.push({ row: index, refusals: checked.refusals });
  }
  const source = { site: site.id, actor, malformed: refused.length };
  const stored = await storeBindings(
    runtime.env.DB,
    source,
    good.map(({ row }) => row),
    now,
  );
  if (!stored.ok) return storageProblem(visit, stored);
  const { created, newUsers, updated, siteUsers } = stored.value;
  for (const { row, refusals } of stored.value.refused) refused.push({ row: good[row]?.index ?? -1, refusals });
  return jsonAnswer(visit, 200, {
    created,
    new_users: newUsers,
    updated,
    site_users: siteUsers,
    refused: refused
      .sort((a, b) => a.row - b.row)
      .map(({ row, refusals }) => ({ row, reasons: refusals.map((code) => ({ code, detail: REFUSALS[code] })) })),
  });
};

/** The accounts of the deployment's other sites. */
export function withheldAppIds({ runtime, site }: Visit): ReadonlySet<string> {
  const appIds = new Set(runtime.config.sites.map(({ account }) => account.appId));
  appIds.delete(site.account.appId);
  return appIds;
}

import { jsonAnswer } from "../respond.ts";
import { stored } from "../storage/d1.ts";
import { CURSOR, exportPage, readCursor as readPlace, writeCursor } from "../storage/export.ts";
import { CONTRACT } from "./contract.ts";
import { CURSOR_MISTAKE, cursorFrom, readCursor } from "./cursor.ts";
import { endpoint } from "./endpoint.ts";
import { withheldAppIds } from "./import-bindings.ts";
import { problem, storageProblem } from "./problem-answer.ts";

const READ_TIMEOUT_MS = 10_000;

/** What `importBindings` takes, page by page: the site's bindings, and those at accounts of no site. */
export const exportBindings = endpoint(CONTRACT.exportBindings, async (visit, { limit, cursor }) => {
  const place = cursor === undefined ? null : readPlace(readCursor(cursor, CURSOR)?.[0] ?? "");
  if (cursor !== undefined && place === null) return problem(visit, "input_invalid", { errors: [CURSOR_MISTAKE] });
  const { site, runtime } = visit;
  const scope = { site: site.id, withheldAppIds: withheldAppIds(visit) };
  const read = async (sql: string, ...values: (string | number)[]) =>
    (
      await runtime.env.DB.prepare(sql)
        .bind(...values)
        .all()
    ).results;
  const page = await stored(() => exportPage(read, scope, place, limit), READ_TIMEOUT_MS);
  if (!page.ok) return storageProblem(visit, page.detail);
  const { rows, next } = page.value;
  return jsonAnswer(visit, 200, { rows, next_cursor: cursorFrom(next === null ? null : writeCursor(next)) });
});

import { stored } from "../storage/d1.ts";
import { exportPage, writeCursor } from "../storage/export.ts";
import { type Handler, pageAnswer } from "./endpoint.ts";
import { withheldAppIds } from "./import-bindings.ts";

const READ_TIMEOUT_MS = 10_000;

/** What `importBindings` takes, page by page: the site's bindings, and those at accounts of no site. */
export const exportBindings: Handler<"exportBindings"> = async (visit, { limit, cursor = null }) => {
  const { DB } = visit.runtime.env;
  const scope = { site: visit.site.id, withheldAppIds: withheldAppIds(visit) };
  const read = async (sql: string, ...values: (string | number)[]) =>
    (
      await DB.prepare(sql)
        .bind(...values)
        .all()
    ).results;
  const page = await stored(async () => {
    const { rows, next } = await exportPage(read, scope, cursor, limit);
    return { items: rows, next: next && writeCursor(next) };
  }, READ_TIMEOUT_MS);
  return pageAnswer(visit, "rows", page);
};

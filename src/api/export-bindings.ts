import * as v from "valibot";
import { jsonAnswer } from "../respond.ts";
import { stored } from "../storage/d1.ts";
import { exportPage, readCursor as readPlace, writeCursor } from "../storage/export.ts";
import { endpoint } from "./endpoint.ts";
import { CURSOR_MISTAKE, cursorFrom, readCursor } from "./fields.ts";
import { withheldAppIds } from "./import-bindings.ts";
import { problem, storageProblem } from "./problems.ts";

const LIMIT_MAX = 1_000;
const LIMIT_MESSAGE = `must be a whole number from 1 to ${LIMIT_MAX}`;
const READ_TIMEOUT_MS = 10_000;

/** What `importBindings` takes, page by page: the site's bindings, and those at accounts of no site. */
export const exportBindings = endpoint({
  scope: "read",
  query: {
    limit: v.optional(
      v.pipe(
        v.number(LIMIT_MESSAGE),
        v.integer(LIMIT_MESSAGE),
        v.minValue(1, LIMIT_MESSAGE),
        v.maxValue(LIMIT_MAX, LIMIT_MESSAGE),
      ),
      LIMIT_MAX,
    ),
    // An openid of 128 characters makes a longer one than those of the other lists.
    cursor: v.optional(v.pipe(v.string(CURSOR_MISTAKE.detail), v.regex(/^[\w-]{1,256}$/, CURSOR_MISTAKE.detail))),
  },
  handle: async (visit, { limit, cursor }) => {
    const place = cursor === undefined ? null : readPlace(readCursor(cursor, /^[^]*$/)?.[0] ?? "");
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
  },
});

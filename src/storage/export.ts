/** Bindings page by page, by (app_id, openid): a page begins where the last one ended, whatever was added meanwhile. */

export type ExportRow = {
  openid: string;
  appid: string;
  unionid: string | null;
  site_user: string | null;
  nickname: string | null;
};

export type ExportCursor = { appId: string; openid: string };
export type ExportPage = { rows: ExportRow[]; next: ExportCursor | null };

/** Runs one reading statement. */
export type Read = (sql: string, ...values: (string | number)[]) => Promise<unknown[]>;

export const EXPORT_SQL = {
  // One AppID at a time, so that each page is one walk along the primary key.
  page: `
    SELECT b.openid, b.app_id AS appid, b.unionid, su.site_user, b.nickname
    FROM bindings b LEFT JOIN site_users su ON su.site = ?3 AND su.user_id = b.user_id
    WHERE b.app_id = ?1 AND b.openid > ?2 ORDER BY b.openid LIMIT ?4`,
  nextAppId: `SELECT app_id FROM bindings WHERE app_id > ?1 ORDER BY app_id LIMIT 1`,
} as const;

/** `withheldAppIds`: accounts that whoever exports may not see. */
export async function exportPage(
  read: Read,
  { site, withheldAppIds }: { site: string; withheldAppIds: ReadonlySet<string> },
  cursor: ExportCursor | null,
  limit: number,
): Promise<ExportPage> {
  const rows: ExportRow[] = [];
  let at = cursor;
  for (;;) {
    if (at !== null && !withheldAppIds.has(at.appId)) {
      const left = limit - rows.length;
      rows.push(...((await read(EXPORT_SQL.page, at.appId, at.openid, site, left)) as ExportRow[]));
      const last = rows.at(-1);
      if (rows.length >= limit && last !== undefined) {
        return { rows, next: { appId: last.appid, openid: last.openid } };
      }
    }
    const [found] = (await read(EXPORT_SQL.nextAppId, at?.appId ?? "")) as { app_id: string }[];
    if (found === undefined) return { rows, next: null };
    at = { appId: found.app_id, openid: "" };
  }
}

/** Both parts keep to characters that a URL takes as they are. */
export const writeCursor = ({ appId, openid }: ExportCursor): string => `${appId}.${openid}`;

/** `null` for what `writeCursor` did not write. */
export function readCursor(text: string): ExportCursor | null {
  const [, appId, openid] = /^(wx[0-9a-f]{16})\.([A-Za-z0-9_-]{1,128})$/.exec(text) ?? [];
  return appId === undefined || openid === undefined ? null : { appId, openid };
}

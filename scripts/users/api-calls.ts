import type { ExportRow } from "../../src/storage/export.ts";
import type { BatchOutcome, Store } from "./store.ts";

const TRIES = 6;
const FIRST_WAIT_MS = 500;
const WAIT_MAX_MS = 60_000;
const CALL_TIMEOUT_MS = 60_000;
/** The gateway, or Cloudflare before it, is busy or restarting. */
const WORTH_ANOTHER_TRY = new Set([429, 500, 502, 503, 504, 520, 522, 524]);

export type ApiAccess = {
  /** Any address of the site. */
  url: URL;
  key: string;
  isStopping: () => boolean;
  wait: (ms: number) => Promise<unknown>;
  ask: (url: string, init: RequestInit) => Promise<Response>;
};

/** The store behind `/_wx/api/v1/`. Without Node's own modules, so that tests can run it in workerd. */
export function apiStore(access: ApiAccess): Store {
  return {
    name: access.url.host,
    // The gateway knows the site's account, and judges again.
    context: { appId: "", withheldAppIds: new Set(), storeProfile: true },
    importRows: async (rows) => {
      if (rows.length === 0) return { created: 0, newUsers: 0, updated: 0, siteUsers: 0, refused: [] };
      const body = JSON.stringify({ rows: rows.map(({ values }) => values) });
      const answer = await call<ImportAnswer>(access, "import", { method: "POST", body }, "refused");
      const { created, new_users: newUsers, updated, site_users: siteUsers, refused } = answer;
      return { created, newUsers, updated, siteUsers, refused };
    },
    exportPage: async (cursor) => {
      const query = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
      const { rows, next_cursor } = await call<ExportAnswer>(access, `export${query}`, { method: "GET" }, "rows");
      return { rows, next: next_cursor };
    },
    close: async () => undefined,
  };
}

type ImportAnswer = {
  created: number;
  new_users: number;
  updated: number;
  site_users: number;
  refused: BatchOutcome["refused"];
};
type ExportAnswer = { rows: ExportRow[]; next_cursor: string | null };

/** `list`: a member that every answer of this endpoint has, a list; without it somebody else has answered. */
async function call<Answer>(
  access: ApiAccess,
  path: string,
  init: { method: string; body?: string },
  list: keyof Answer & string,
): Promise<Answer> {
  const url = new URL(`/_wx/api/v1/${path}`, access.url).href;
  const headers = {
    Authorization: `Bearer ${access.key}`,
    Accept: "application/json",
    ...(init.body !== undefined && { "Content-Type": "application/json" }),
  };
  for (let attempt = 1; ; attempt++) {
    const tried = await tryOnce(access, url, { ...init, headers });
    if ("value" in tried) {
      const answer = tried.value as Answer | null;
      if (Array.isArray(answer?.[list])) return answer;
      throw new Error(`${url}: answers 200, but not as wxgate does; is it wxgate?`);
    }
    if (!tried.again || attempt === TRIES || access.isStopping()) throw new Error(tried.problem);
    await access.wait(tried.waitMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
  }
}

type Tried = { value: unknown } | { problem: string; again: boolean; waitMs?: number | null };

async function tryOnce({ ask }: ApiAccess, url: string, init: RequestInit): Promise<Tried> {
  let response: Response;
  let text: string;
  try {
    // A redirect could carry the key elsewhere.
    response = await ask(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
    text = await response.text();
  } catch (error) {
    const { message, cause } = error as Error;
    return { problem: `${url}: ${cause instanceof Error ? cause.message : message}`, again: true };
  }
  if (response.ok) {
    try {
      return { value: JSON.parse(text) };
    } catch {
      return { problem: `${url}: answers ${response.status}, but not with JSON; is it wxgate?`, again: false };
    }
  }
  const again = WORTH_ANOTHER_TRY.has(response.status);
  return { problem: `${url}: ${problemOf(response, text)}`, again, waitMs: retryAfter(response) };
}

/** The words of a problem answer (RFC 9457), or what there is. */
function problemOf(response: Response, text: string): string {
  const { status } = response;
  if (status >= 300 && status < 400) {
    return `redirects to ${response.headers.get("location")}; give the address that visitors see`;
  }
  try {
    const { title, detail, code } = JSON.parse(text);
    return [status, code, title, detail].filter((word) => word !== undefined).join(" · ");
  } catch {
    return `${status} ${text.slice(0, 200)}`.trim();
  }
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return seconds > 0 ? Math.min(WAIT_MAX_MS, seconds * 1_000) : null;
}

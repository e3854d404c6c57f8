import { log } from "../log.ts";
import { jsonAnswer } from "../respond.ts";
import type { Runtime } from "../runtime.ts";
import { type Stored, stored } from "../storage/d1.ts";
import type { Visit } from "../visit.ts";

/** Anybody may ask, so the answer is remembered: a flood of deep checks reaches nothing. */
const DEEP_MEMO_SECONDS = 30;
const WECHAT_TIMEOUT_MS = 3_000;
const POLL_MS = 50;
const TABLES = ["users", "bindings", "site_users", "blocks", "sessions", "logins", "events", "event_counts", "joins"];

/** `GET /_wx/health`: liveness and version; `?deep=1` names the parts that fail, and only those. */
export async function health(visit: Visit): Promise<Response> {
  const { runtime } = visit;
  if (new URLSearchParams(visit.search).get("deep") !== "1") {
    return jsonAnswer(visit, 200, { status: "ok", version: runtime.version });
  }
  const failing = await deepHealth(visit);
  const status = failing.length === 0 ? "ok" : "failing";
  return jsonAnswer(visit, failing.length === 0 ? 200 : 503, { status, version: runtime.version, failing });
}

async function deepHealth({ runtime, now }: Visit): Promise<string[]> {
  const known = runtime.deepHealth;
  if (known !== null && now - known.checkedAt < DEEP_MEMO_SECONDS && now >= known.checkedAt) {
    const remembered = known.failing ?? (await firstAnswer(runtime));
    if (remembered !== null) return remembered;
  }
  // Noted before it is asked: whoever comes meanwhile gets the last answer, and a flood reaches nothing.
  runtime.deepHealth = { checkedAt: now, failing: known?.failing ?? null };
  const failing = await failingParts(runtime);
  runtime.deepHealth = { checkedAt: now, failing };
  return failing;
}

/** Another request asks for the first time: no verdict before it has one. `null` = it takes too long. */
async function firstAnswer(runtime: Runtime): Promise<string[] | null> {
  // Looked for, not awaited: a promise of another request's I/O cannot be.
  for (let waited = 0; waited <= WECHAT_TIMEOUT_MS; waited += POLL_MS) {
    const failing = runtime.deepHealth?.failing;
    if (failing) return failing;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return null;
}

async function failingParts(runtime: Runtime): Promise<string[]> {
  const { env, config } = runtime;
  const parts: Array<[string, Promise<Stored<unknown>>]> = [
    // Every table: missing migrations are a failing database too.
    ["d1", stored(() => env.DB.prepare(`SELECT ${TABLES.map((table) => `(SELECT 1 FROM ${table} LIMIT 1)`)}`).first())],
    ["kv", stored(() => env.TOKENS.get("health"))],
    ["wechat", stored(() => reachWechat(config.wechatApiUrl), WECHAT_TIMEOUT_MS)],
  ];
  const failing = await Promise.all(
    parts.map(async ([name, answer]) => {
      const found = await answer;
      if (found.ok) return [];
      log(runtime.version, { event: "failure", level: "error", detail: `health: ${name}: ${found.detail}` });
      return [name];
    }),
  );
  return failing.flat();
}

/** `sns/auth` without parameters: WeChat refuses it, which shows that it answers. */
async function reachWechat(wechatApiUrl: string): Promise<void> {
  const response = await fetch(`${wechatApiUrl}/sns/auth`, {
    redirect: "manual",
    signal: AbortSignal.timeout(WECHAT_TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (response.status >= 500) throw new Error("WeChat answers with a server error");
}

import * as v from "valibot";

/** What the API answers, as schemas: for the OpenAPI document and the tests, not in the Worker's bundle. */

const seconds = v.pipe(v.number(), v.integer(), v.description("Unix seconds"));
const text = (description: string) => v.pipe(v.string(), v.description(description));
const USER_ID = /^wxu_[a-z2-7]{26}$/;
const cursor = v.pipe(
  v.nullable(v.string()),
  v.description(
    "Ask for the next page with it; null = this was the last. A page may be short and still have a next one.",
  ),
);

export const binding = v.strictObject({
  appid: v.string(),
  openid: v.string(),
  unionid: v.nullable(v.string()),
  nickname: v.pipe(v.nullable(v.string()), v.description("As WeChat gave it, up to 1,024 characters.")),
  avatar: v.nullable(v.string()),
  profile_at: v.pipe(v.nullable(seconds), v.description("When the consented profile was last read.")),
  created_at: seconds,
  seen_at: v.pipe(seconds, v.description("Last login; of an imported binding until then, the import.")),
});

export const user = v.strictObject({
  user: v.pipe(v.string(), v.regex(USER_ID), v.description("As asked for.")),
  merged_into: v.pipe(
    v.nullable(v.pipe(v.string(), v.regex(USER_ID))),
    v.description("The older user that this one is now. Everything else here is the older user's."),
  ),
  created_at: seconds,
  site_user: v.pipe(v.nullable(v.string()), v.description("The site's own id for the user: X-WX-SITE-USER.")),
  blocked: v.pipe(v.boolean(), v.description("On this site.")),
  bindings: v.pipe(v.array(binding), v.description("At every account of the deployment.")),
});

export const session = v.strictObject({
  sid: text("As in the assertion."),
  host: v.string(),
  appid: v.string(),
  openid: v.string(),
  amr: v.picklist(["silent", "consent"]),
  created_at: seconds,
  expires_at: seconds,
});

export const event = v.strictObject({
  id: v.pipe(v.number(), v.integer()),
  at: seconds,
  kind: text("More kinds may come."),
  user: v.nullable(v.string()),
  actor: text("visitor, system, or api:NAME of the key."),
  detail: v.nullable(v.record(v.string(), v.unknown())),
});

export const userPage = v.strictObject({ users: v.array(user), next_cursor: cursor });
export const sessionPage = v.strictObject({ sessions: v.array(session), next_cursor: cursor });
export const eventPage = v.strictObject({ events: v.array(event), next_cursor: cursor });

export const importReport = v.strictObject({
  created: v.pipe(v.number(), v.integer(), v.description("New bindings.")),
  new_users: v.pipe(v.number(), v.integer(), v.description("Users that did not exist.")),
  updated: v.pipe(v.number(), v.integer(), v.description("Bindings that learnt something.")),
  site_users: v.pipe(v.number(), v.integer(), v.description("Users that got their id at the site.")),
  refused: v.pipe(
    v.array(
      v.strictObject({
        row: v.pipe(v.number(), v.integer(), v.description("Index in rows.")),
        reasons: v.array(v.strictObject({ code: v.string(), detail: v.string() })),
      }),
    ),
    v.description("Nothing of these rows is stored."),
  ),
});

const exportRow = v.strictObject({
  openid: v.string(),
  appid: v.string(),
  unionid: v.nullable(v.string()),
  site_user: v.nullable(v.string()),
  nickname: v.nullable(v.string()),
});
export const exportPage = v.strictObject({ rows: v.array(exportRow), next_cursor: cursor });

export const problem = v.strictObject({
  type: v.string(),
  title: v.string(),
  status: v.pipe(v.number(), v.integer()),
  detail: v.string(),
  code: text("Stable; docs/api.md has the list."),
  request_id: text("As in X-Request-Id and the log line."),
  errors: v.optional(
    v.pipe(
      v.array(
        v.union([
          v.strictObject({ parameter: v.string(), detail: v.string() }),
          v.strictObject({ pointer: v.string(), detail: v.string() }),
        ]),
      ),
      v.description("Every mistake of the input."),
    ),
  ),
});

/** By their names in the document. */
export const NAMED = { Binding: binding, User: user, Session: session, Event: event, Problem: problem };

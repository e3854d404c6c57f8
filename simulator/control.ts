/** `/control`: scripts the next answers and shows what was asked. */

import { type Context, Hono } from "hono";
import * as v from "valibot";
import { DOMAINS_PER_APP, makeApp } from "./apps.ts";
import { controlHelp } from "./control-help.ts";
import { faultSchema } from "./faults.ts";
import { findPerson } from "./people.ts";
import { createState, type SimulatorOptions, type SimulatorState } from "./state.ts";

const nextSchema = v.strictObject({ next: v.array(faultSchema) });
const personSchema = v.strictObject({
  person: v.pipe(
    v.string(),
    v.check((id) => findPerson(id) !== undefined, "no such person: see / for the list, or test-ANYTHING"),
  ),
});
const consentSchema = v.strictObject({ answer: v.picklist(["ask", "allow", "refuse"]) });
const clockSchema = v.strictObject({ advance_seconds: v.pipe(v.number(), v.finite()) });
const appsSchema = v.strictObject({
  apps: v.array(
    v.strictObject({
      appid: v.pipe(v.string(), v.minLength(1)),
      secret: v.optional(v.nullable(v.string())),
      domains: v.optional(v.pipe(v.array(v.string()), v.maxLength(DOMAINS_PER_APP))),
      group: v.optional(v.nullable(v.string())),
      problem: v.optional(v.nullable(v.pipe(v.number(), v.integer()))),
    }),
  ),
});

/** The control endpoint; `options` is what a reset goes back to. */
export function controlRoutes(state: SimulatorState, options: SimulatorOptions): Hono {
  const app = new Hono().basePath("/control");
  app.use(async (c, next) => {
    // A page from elsewhere must not script a simulator that runs on this machine.
    if (c.req.header("sec-fetch-site") === "cross-site") return c.text("not from another site\n", 403);
    await next();
    return;
  });
  app.get("/", (c) => c.text(controlHelp()));
  app.get("/next", (c) => c.json({ next: state.faults }));
  app.get("/calls", (c) => c.json({ counts: Object.fromEntries(state.counts), calls: state.calls }));
  app.get("/authorizations", (c) => c.json({ authorizations: state.authorizations }));
  app.post("/", (c) =>
    apply(c, nextSchema, ({ next }) => {
      state.faults.push(...next);
      return { queued: state.faults.length };
    }),
  );
  app.post("/person", (c) =>
    apply(c, personSchema, ({ person }) => {
      state.personId = person;
      return { person };
    }),
  );
  app.post("/consent", (c) =>
    apply(c, consentSchema, ({ answer }) => {
      state.consent = answer;
      return { answer };
    }),
  );
  app.post("/clock", (c) =>
    apply(c, clockSchema, ({ advance_seconds }) => {
      state.clockOffsetMs += advance_seconds * 1_000;
      return { offset_seconds: state.clockOffsetMs / 1_000 };
    }),
  );
  app.post("/apps", (c) =>
    apply(c, appsSchema, ({ apps }) => {
      state.apps = new Map(apps.map((one) => [one.appid, makeApp(one)]));
      return { apps: apps.length };
    }),
  );
  app.post("/snapshot_once", (c) => {
    state.snapshotOnce = true;
    return c.json({ ok: true });
  });
  app.post("/reset", (c) => {
    Object.assign(state, createState(options));
    return c.json({ ok: true });
  });
  return app;
}

async function apply<S extends v.GenericSchema>(
  c: Context,
  schema: S,
  change: (input: v.InferOutput<S>) => Record<string, unknown>,
): Promise<Response> {
  let input: unknown;
  try {
    input = await c.req.json();
  } catch {
    return c.json({ ok: false, mistakes: ["the body is not JSON; GET /control for help"] }, 400);
  }
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return c.json({ ok: true, ...change(parsed.output) });
  const mistakes = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "body"}: ${issue.message}`);
  return c.json({ ok: false, mistakes }, 400);
}

import { gateway } from "./app.ts";
import type { Env } from "./env.ts";
import { keepHouse } from "./jobs/housekeeping.ts";

export default {
  fetch: (request, env, ctx) => gateway(request, env, ctx),
  scheduled: ({ scheduledTime }, env) => keepHouse(env, Math.floor(scheduledTime / 1_000)),
} satisfies ExportedHandler<Env>;

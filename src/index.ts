import { gateway } from "./app.ts";
import type { Env } from "./env.ts";

export default {
  fetch: (request, env, ctx) => gateway(request, env, ctx),
} satisfies ExportedHandler<Env>;

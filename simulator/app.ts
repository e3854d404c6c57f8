/**
 * A WeChat that runs here: `open.weixin.qq.com` and `api.weixin.qq.com` on one Hono app, for `npm start` and
 * for tests. Web-standard APIs only, so that it runs inside workerd as well as under Node.
 */

import { Hono } from "hono";
import { apiRoutes } from "./api.ts";
import { authorizeRoutes } from "./authorize.ts";
import { controlRoutes } from "./control.ts";
import { homeRoutes } from "./home.ts";
import { createState, type SimulatorOptions, type SimulatorState } from "./state.ts";

export type { SimulatorOptions, SimulatorState } from "./state.ts";

/** A simulator of its own: two never share anything. The host of a request does not matter. */
export function createSimulator(options: SimulatorOptions = {}): { app: Hono; state: SimulatorState } {
  const state = createState(options);
  const app = new Hono();
  app.route("/", homeRoutes(state));
  app.route("/", authorizeRoutes(state));
  app.route("/", apiRoutes(state));
  app.route("/", controlRoutes(state, options));
  return { app, state };
}

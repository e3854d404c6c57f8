/** The simulator under Node: `node simulator/server.ts [--port 8788] [--host 127.0.0.1]`. */

import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import { createSimulator } from "./app.ts";

const DEFAULT_PORT = "8788";
const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

const { values } = parseArgs({
  options: { port: { type: "string", default: DEFAULT_PORT }, host: { type: "string", default: "127.0.0.1" } },
});

const { app } = createSimulator();
const server = serve({ fetch: app.fetch, port: Number(values.port), hostname: values.host }, ({ port }) => {
  console.log(`WeChat simulator: http://localhost:${port}`);
  if (!LOOPBACK.has(values.host)) warnOfOpenDoor(values.host);
});
server.on("error", (error) => {
  console.error(`WeChat simulator: ${error.message} (--port and --host change the address)`);
  process.exit(1);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(0));
// Started by start.ts: do not outlive it, however it ends.
process.on("disconnect", () => process.exit(0));

function warnOfOpenDoor(host: string): void {
  const bar = "!".repeat(78);
  console.error(
    [
      bar,
      `!! The simulator listens on ${host}: everybody who reaches it can sign in as anybody.`,
      "!! 模拟器对外可见：任何人都可以冒充任何人登录。切勿用于真实网站。",
      "!! Never point a gateway with real users at it.",
      bar,
    ].join("\n"),
  );
}

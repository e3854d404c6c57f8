/** The flags of `npm start`, and its help. */

import { parseArgs } from "node:util";

export type Ports = { gateway: number; simulator: number; origin: number };

export const DEFAULT_PORTS: Ports = { gateway: 8787, simulator: 8788, origin: 8789 };

/** Which flag changes which port; said again when a port is taken. */
export const PORT_FLAGS = {
  gateway: "--port",
  simulator: "--simulator-port",
  origin: "--origin-port",
} as const satisfies Record<keyof Ports, string>;

export const HELP = `npm start -- [--port 8787] [--simulator-port 8788] [--origin-port 8789]

Runs wxgate on this machine, on loopback only: the gateway, a WeChat simulator and a demo site behind.
在本机运行 wxgate：网关、微信模拟器和演示网站，仅监听本机回环地址。

  --port N             the gateway (wrangler dev)
  --simulator-port N   the WeChat simulator
  --origin-port N      the demo origin
  --help               this text

State and development keys live in .wrangler/demo and .wrangler/demo-state (with -PORT behind the name for
another --port); delete both for a fresh start.
Ctrl-C stops everything.
`;

/** Ports by the command line; `null` = only help was asked for. Throws an Error whose message is for the user. */
export function parseOptions(args: readonly string[]): Ports | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: `${DEFAULT_PORTS.gateway}` },
      "simulator-port": { type: "string", default: `${DEFAULT_PORTS.simulator}` },
      "origin-port": { type: "string", default: `${DEFAULT_PORTS.origin}` },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  const ports: Ports = {
    gateway: portOf(PORT_FLAGS.gateway, values.port),
    simulator: portOf(PORT_FLAGS.simulator, values["simulator-port"]),
    origin: portOf(PORT_FLAGS.origin, values["origin-port"]),
  };
  if (new Set(Object.values(ports)).size < 3) throw new Error("the three ports must differ");
  return ports;
}

function portOf(flag: string, value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port < 1 || port > 65_535) throw new Error(`${flag} ${value}: not a port (1 to 65535)`);
  return port;
}

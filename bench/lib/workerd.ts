import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type Child, startChild } from "./children.ts";
import { SCRATCH, WORKERD } from "./paths.ts";

/** A running workerd and the ports of its sockets, by name. */
export type Workerd = Child & { ports: ReadonlyMap<string, number> };

type WorkerdOptions = { name: string; config: string; core: string | undefined; inspectorPort?: number };

/** Writes the configuration, starts workerd on it and waits until every socket listens. */
export async function startWorkerd({ name, config, core, inspectorPort }: WorkerdOptions): Promise<Workerd> {
  const file = join(SCRATCH, `${name}.capnp`);
  writeFileSync(file, config);
  const sockets = [...config.matchAll(/\(name = "([^"]+)", address = /g)].length;
  const inspector = inspectorPort === undefined ? [] : [`--inspector-addr=127.0.0.1:${inspectorPort}`];
  const child = startChild(WORKERD, ["serve", file, "--experimental", "--control-fd=3", ...inspector], {
    core,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const ports = await listening(child, sockets);
  return { ...child, ports };
}

export function portOf(workerd: Workerd, socket = "http"): number {
  const port = workerd.ports.get(socket);
  if (port === undefined) throw new Error(`workerd has no socket ${socket}`);
  return port;
}

/** workerd reports each socket that listens as a line of JSON on the control descriptor. */
function listening(child: Child, sockets: number): Promise<ReadonlyMap<string, number>> {
  const control = child.process.stdio[3] as Readable;
  const ports = new Map<string, number>();
  let text = "";
  return new Promise((resolve, reject) => {
    child.process.once("exit", () => reject(new Error(`workerd ended early:\n${child.output()}`)));
    control.on("data", (chunk: Buffer) => {
      const lines = (text + chunk.toString()).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const message = JSON.parse(line) as { event?: string; socket?: string; port?: number };
        if (message.event === "listen" && message.socket !== undefined && message.port !== undefined)
          ports.set(message.socket, message.port);
      }
      if (ports.size >= sockets) resolve(ports);
    });
  });
}

/** An empty directory for databases. */
export function freshDirectory(name: string): string {
  const path = join(SCRATCH, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}

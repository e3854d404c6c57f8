import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { MINIFLARE_WORKERS, ROOT, SCRATCH } from "./paths.ts";
import type { Values } from "./settings.ts";

/**
 * Configurations for workerd itself: a Worker on a socket and nothing between. The local D1 and KV are those of
 * `wrangler dev`, in a workerd of their own, so that the Worker's CPU is the Worker's.
 */

/** An ES module: its name, and its file. */
type Module = { name: string; file: string };

type WorkerConfig = {
  modules: readonly Module[];
  values: Values;
  /** Ports of the storage's workerd; `null` = the Worker has no D1 and no KV. */
  storage: StoragePorts | null;
};

export type StoragePorts = { d1: number; kv: number };

const HEADER = 'using Workerd = import "/workerd/workerd.capnp";\n\nconst config :Workerd.Config = ';

/** Cap'n Proto's text strings escape as JSON's do, for what JSON text and paths contain. */
const quote = (text: string) => JSON.stringify(text);

/** Relative to the configuration: workerd looks for an absolute path in its import directories only. */
const embed = ({ name, file }: Module) => `(name = ${quote(name)}, esModule = embed ${quote(relative(SCRATCH, file))})`;

export function workerConfig({ modules, values, storage }: WorkerConfig): string {
  const bindings = Object.entries(values).map(([name, value]) =>
    typeof value === "string"
      ? `(name = ${quote(name)}, text = ${quote(value)})`
      : `(name = ${quote(name)}, json = ${quote(JSON.stringify(value))})`,
  );
  if (storage !== null) {
    bindings.push(
      `(name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "d1")]))`,
      `(name = "TOKENS", kvNamespace = "kv")`,
    );
  }
  const external = (name: string, port: number) =>
    `(name = ${quote(name)}, external = (address = "127.0.0.1:${port}", http = ()))`;
  return `${HEADER}(
  services = [
    (name = "main", worker = (
      modules = [${modules.map(embed).join(", ")}],
      compatibilityDate = ${quote(compatibilityDate())},
      bindings = [
        ${bindings.join(",\n        ")}
      ],
    )),
    (name = "internet", network = (allow = ["public", "private"])),
    ${storage === null ? "" : `${external("d1", storage.d1)},\n    ${external("kv", storage.kv)},`}
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

/** @param directories where the databases' files go */
export function storageConfig(directories: { d1: string; kv: string }): string {
  const file = (path: string) => join(MINIFLARE_WORKERS, path);
  const entry = (name: string, className: string, service: string, source: string, flags: string) => `
    (name = ${quote(name)}, worker = (
      modules = [${embed({ name: "entry.js", file: file(source) })}],
      compatibilityDate = "2023-07-24",${flags}
      bindings = [
        (name = "MINIFLARE_NAMESPACE", text = "bench"),
        (name = "MINIFLARE_OBJECT", durableObjectNamespace = (className = ${quote(className)}, serviceName = ${quote(service)})),
      ],
    )),`;
  const objects = (name: string, className: string, source: string, disk: string) => `
    (name = ${quote(name)}, worker = (
      modules = [${embed({ name: "object.js", file: file(source) })}],
      compatibilityDate = "2023-07-24",
      compatibilityFlags = ["nodejs_compat", "experimental"],
      durableObjectNamespaces = [(className = ${quote(className)}, uniqueKey = ${quote(`bench-${className}`)}, enableSql = true)],
      durableObjectStorage = (localDisk = ${quote(disk)}),
      bindings = [(name = "MINIFLARE_BLOBS", service = ${quote(disk)})],
    )),`;
  const extension = (name: string, source: string) => embed({ name, file: file(source) });
  return `${HEADER}(
  services = [
    ${entry("d1", "D1DatabaseObject", "d1-objects", "d1/entry.worker.js", ' compatibilityFlags = ["enhanced_error_serialization"],')}
    ${objects("d1-objects", "D1DatabaseObject", "d1/database.worker.js", "d1-disk")}
    ${entry("kv", "KVNamespaceObject", "kv-objects", "shared/object-entry.worker.js", "")}
    ${objects("kv-objects", "KVNamespaceObject", "kv/namespace.worker.js", "kv-disk")}
    (name = "d1-disk", disk = (path = ${quote(directories.d1)}, writable = true)),
    (name = "kv-disk", disk = (path = ${quote(directories.kv)}, writable = true)),
  ],
  sockets = [
    (name = "d1", address = "127.0.0.1:0", http = (), service = "d1"),
    (name = "kv", address = "127.0.0.1:0", http = (), service = "kv"),
  ],
  extensions = [(modules = [
    ${extension("miniflare:shared", "shared/index.worker.js")},
    ${extension("miniflare:zod", "shared/zod.worker.js")},
  ])],
);
`;
}

/** The Worker runs as it is deployed, the bare one under the same date. */
function compatibilityDate(): string {
  const date = /^compatibility_date = "([\d-]+)"/m.exec(readFileSync(join(ROOT, "wrangler.toml"), "utf8"))?.[1];
  if (date === undefined) throw new Error("wrangler.toml has no compatibility_date");
  return date;
}

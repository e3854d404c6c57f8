import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

/** Imports go one way: a module uses what lies below it. Types are shared freely; they vanish at build time. */

const LAYERS: readonly (readonly string[])[] = [
  // Pure helpers that know nothing of the gateway, and the two pure readers of a request's URL.
  [
    "env.ts",
    "encoding.ts",
    "read-bounded.ts",
    "bounded-map.ts",
    "sealed-values.ts",
    "errors.ts",
    "errors-reference.ts",
    "log.ts",
    "gate/path.ts",
    "gate/host.ts",
  ],
  ["config"],
  ["gate"],
  ["seal.ts", "cookies.ts", "identity", "accounts", "pages"],
  ["storage", "origin"],
  ["runtime.ts"],
  ["find-route.ts", "visit.ts", "respond.ts", "report.ts", "refuse.ts"],
  ["session"],
  ["login"],
  ["api"],
  ["routes"],
  ["load-runtime.ts"],
  ["app.ts", "jobs"],
  ["index.ts"],
];

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => /\.ts$/.test(file) && !/\.test\.ts$/.test(file))
  .map((file) => file.replaceAll("\\", "/"));

function layerOf(file: string): number {
  const exact = LAYERS.findIndex((names) => names.includes(file));
  return exact >= 0 ? exact : LAYERS.findIndex((names) => names.includes(file.split("/")[0] ?? ""));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join("src", file), "utf8");
  return [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)";$/gms)]
    .filter(([statement]) => !/^(?:import|export) \{(?:\s*type \w+(?: as \w+)?,?)+\s*\} from/.test(statement))
    .map(([, path = ""]) => relative("src", resolve("src", dirname(file), path)).replaceAll("\\", "/"));
}

it.each(files)("%s has its layer and imports nothing from above it", (file) => {
  expect(layerOf(file), "no layer: add it to LAYERS").toBeGreaterThanOrEqual(0);
  expect(importsOf(file).filter((imported) => layerOf(imported) > layerOf(file))).toEqual([]);
});

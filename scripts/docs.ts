import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { apiPage } from "./docs/api-page.ts";
import { decisionsPage } from "./docs/decisions-page.ts";
import { errorsPage } from "./docs/errors-page.ts";
import { openapiModule, openapiPage } from "./docs/openapi.ts";
import { readmeWithReference } from "./docs/readme-reference.ts";
import { verifyPage } from "./docs/verify-page.ts";

/** `npm run docs` writes the generated pages; with `--check` it fails when one is stale. */

const PAGES: Record<string, () => string> = {
  "docs/api.md": apiPage,
  "docs/errors.md": errorsPage,
  "docs/openapi.json": openapiPage,
  "src/api/openapi-document.ts": openapiModule,
  "docs/decision-table.md": decisionsPage,
  "docs/origin/verify.md": verifyPage,
  "README.md": () => readmeWithReference("README.md", "en"),
  "README.zh-CN.md": () => readmeWithReference("README.zh-CN.md", "zh"),
};

const checking = process.argv.includes("--check");
const stale = Object.entries(PAGES).filter(
  ([path, page]) => !existsSync(path) || readFileSync(path, "utf8") !== page(),
);
for (const [path, page] of stale) {
  if (checking) console.error(`${path} is stale: run "npm run docs" and commit it`);
  else writeFileSync(path, page());
}
if (checking && stale.length > 0) process.exit(1);
console.log(
  checking
    ? "generated pages are up to date"
    : `written: ${stale.map(([path]) => path).join(", ") || "nothing changed"}`,
);

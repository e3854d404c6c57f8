import { readFileSync } from "node:fs";
import { CONTRACT, type Contract, type EndpointName, scopeOf } from "../../src/api/contract.ts";
import { OPERATIONS } from "../../src/api/openapi-reference.ts";
import { PROBLEMS, type ProblemCode } from "../../src/api/problems.ts";
import { PROBLEM_WORDS } from "../../src/api/problems-reference.ts";

/** `docs/api.md`: written by hand, but for its two tables. */
export function apiPage(): string {
  const endpoints = Object.entries<Contract>(CONTRACT).map(([name, contract]) => {
    const { method, path, query } = contract;
    const parameters = Object.keys(query ?? {}).map((parameter) => `\`${parameter}\``);
    const shown = path.replace(/:(\w+)/g, "{$1}");
    return `| \`${method} ${shown}\` | ${scopeOf(contract)} | ${OPERATIONS[name as EndpointName].summary} | ${parameters.join(", ")} |`;
  });
  const problems = Object.entries(PROBLEMS).map(
    ([code, [status]]) => `| \`${code}\` | ${status} | ${PROBLEM_WORDS[code as ProblemCode]} |`,
  );
  const page = readFileSync("docs/api.md", "utf8");
  const withEndpoints = fill(page, "endpoints", [
    "| endpoint | scope | does | parameters |",
    "|---|---|---|---|",
    ...endpoints,
  ]);
  return fill(withEndpoints, "problems", ["| code | status | when |", "|---|---|---|", ...problems]);
}

function fill(page: string, name: string, lines: readonly string[]): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  if (!page.includes(start) || !page.includes(end)) throw new Error(`docs/api.md has no markers ${start} … ${end}`);
  const before = page.slice(0, page.indexOf(start) + start.length);
  return `${before}\n\n${lines.join("\n")}\n\n${page.slice(page.indexOf(end))}`;
}

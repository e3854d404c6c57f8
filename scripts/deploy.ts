/** `npm run deploy`: migrations and the Worker, in the order in which no code meets a schema older than itself. */
import { spawn } from "node:child_process";
import { OPTIONS, type Sorted, sortOptions } from "./lib/wrangler-options.ts";

const HELP = `npm run deploy [-- --first] [options of wrangler deploy, such as --env staging]

Applies the migrations, then deploys: the running version works with the newer schema, a newer version not with the
older one. If the migrations fail, nothing is deployed. With --first the deployment comes first, and creates the
database. For a look without a deployment: npx wrangler deploy --dry-run

Options that both commands know go to both: ${Object.keys(OPTIONS.shared)
  .map((name) => `--${name}`)
  .join(", ")}. Ends with 2, and does nothing, at one that is not known here.
`;

/** Of wrangler, for the name in wrangler.toml and for a database that it would name itself. */
const NO_DATABASE = /Couldn't find an? (?:auto-provisioned )?D1 DB named/;

type Ran = { code: number; errors: string };

/** The terminal stays wrangler's, for its questions; only what it says of errors is read along. */
function wrangler(...args: string[]): Promise<Ran> {
  console.log(`deploy: wrangler ${args.join(" ")}`);
  // npm has wrangler in the PATH; on Windows as a .cmd, which only a shell starts.
  const child = spawn("wrangler", args, {
    stdio: ["inherit", "inherit", "pipe"],
    shell: process.platform === "win32",
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
    process.stderr.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`wrangler did not start (${error.message}): run npm ci first`)));
    child.once("close", (code) => resolve({ code: code ?? 1, errors }));
  });
}

async function deploy({ shared, deployment, isDryRun }: Sorted, isFirst: boolean): Promise<string | null> {
  if (isDryRun) return "nothing was done. Run npx wrangler deploy --dry-run";
  const migrate = () => wrangler("d1", "migrations", "apply", "DB", "--remote", ...shared);
  const upload = () => wrangler("deploy", ...deployment);

  if (!isFirst) {
    const migrated = await migrate();
    if (migrated.code !== 0 && NO_DATABASE.test(migrated.errors)) {
      return "there is no such database, so nothing was deployed. The first deployment creates it: npm run deploy -- --first. Otherwise correct database_name or database_id in wrangler.toml";
    }
    if (migrated.code !== 0) {
      return "the migrations were not applied, so nothing was deployed: what runs goes on as it is. Remove the cause above and run it again";
    }
  }
  if ((await upload()).code !== 0) {
    return isFirst
      ? "the Worker was not deployed. Remove the cause above and run it again"
      : "the Worker was not deployed; the migrations are applied, and what runs works with them. Remove the cause above and run it again";
  }
  if (isFirst && (await migrate()).code !== 0) {
    return "the Worker runs, but without its tables it answers 503. Remove the cause above and run it again";
  }
  return null;
}

/** An option for one command only could migrate one database and deploy to another: nothing is guessed. */
function sorted(options: readonly string[]): Sorted | null {
  try {
    return sortOptions(options);
  } catch (error) {
    console.error(
      `deploy: ${error instanceof Error ? error.message : error}, so nothing was done. Correct it (npm run deploy -- --help), or run both commands yourself, each with its options: npx wrangler d1 migrations apply DB --remote, then npx wrangler deploy.`,
    );
    return null;
  }
}

const options = process.argv.slice(2);
if (options.includes("--help") || options.includes("-h")) console.log(HELP);
else {
  const known = sorted(options.filter((option) => option !== "--first"));
  try {
    const mistake = known && (await deploy(known, options.includes("--first")));
    if (mistake !== null) throw new Error(mistake);
    if (known === null) process.exitCode = 2;
    else console.log("deploy: done. Look at https://YOUR-HOST/_wx/health?deep=1");
  } catch (error) {
    console.error(`deploy: ${error instanceof Error ? error.message : error}.`);
    process.exitCode = 1;
  }
}

import { join } from "node:path";
import type { Bundle } from "./build.ts";
import { BENCH } from "./paths.ts";
import { gatewayValues, type Values } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";
import { workerConfig } from "./workerd-config.ts";

/** The Workers of the bench, each in a workerd of its own. */

/** Times of the report are short against it: no session is asked for again while a round runs. */
const CALM_SESSION: Values = { recheck: "1h" };

type StartOptions = { session?: Values; inspectorPort?: number };

/** The gateway, as it is deployed. */
export function startGateway(stage: Stage, bundle: Bundle, options: StartOptions = {}): Promise<Workerd> {
  return start(stage, "gateway", [{ name: "index.js", file: bundle.file }], options);
}

/** The gateway with its bindings watched. */
export function startInstrumented(stage: Stage, bundle: Bundle, options: StartOptions = {}): Promise<Workerd> {
  const main = { name: "index.js", file: join(BENCH, "workers", "instrumented.js") };
  return start(stage, "instrumented", [main, { name: "gateway.js", file: bundle.file }], options);
}

function start(
  stage: Stage,
  name: string,
  modules: Array<{ name: string; file: string }>,
  { session = CALM_SESSION, inspectorPort }: StartOptions,
): Promise<Workerd> {
  return startWorkerd({
    name,
    config: workerConfig({ modules, values: gatewayValues(stage, session), storage: stage.storagePorts }),
    core: stage.pinning?.gateway,
    ...(inspectorPort === undefined ? {} : { inspectorPort }),
  });
}

/** The pass-through that everything is compared with. */
export function startBare(stage: Stage, { inspectorPort }: Pick<StartOptions, "inspectorPort"> = {}): Promise<Workerd> {
  return startWorkerd({
    name: "bare",
    config: workerConfig({
      modules: [{ name: "index.js", file: join(BENCH, "workers", "bare.js") }],
      values: { ORIGIN: `http://127.0.0.1:${stage.originPort}` },
      storage: null,
    }),
    core: stage.pinning?.gateway,
    ...(inspectorPort === undefined ? {} : { inspectorPort }),
  });
}

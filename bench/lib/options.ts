import { type ParseArgsConfig, parseArgs } from "node:util";

/** The command line's options. `--help` and what is unknown end the program here, with the help. */
export function readOptions<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  help: string,
  options: Options,
) {
  if (process.argv.slice(2).some((word) => word === "--help" || word === "-h")) {
    console.log(help);
    process.exit(0);
  }
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return refuseOptions(help, error instanceof Error ? error.message : String(error));
  }
}

/** Ends the program. */
export function refuseOptions(help: string, problem: string): never {
  console.error(`${problem}\n\n${help}`);
  process.exit(2);
}

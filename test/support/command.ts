/** How a command that runs tests of its own begins and ends. */

interface Command<Options> {
  readonly usage: string;
  /** Null asks for the usage. Throws an Error that says what is wrong with the command line. */
  readonly parse: (args: readonly string[]) => Options | null;
  /** The exit code. */
  readonly run: (options: Options) => Promise<number>;
}

/** Runs the command on the arguments of this process: exit code 2 if they are wrong, 1 if it rejects. */
export async function runCommand<Options>({ usage, parse, run }: Command<Options>): Promise<void> {
  let options: Options | null;
  try {
    options = parse(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  if (options === null) process.stdout.write(usage);
  else {
    process.exitCode = await run(options).catch((error: unknown) => {
      process.stderr.write(`\n${messageOf(error)}\n`);
      return 1;
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

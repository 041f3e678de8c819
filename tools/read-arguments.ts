import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** A command line by its options. Throws `refused(message)`, whose message says what is wrong with it and where help is. */
export function readArguments<const T extends Options>(
  args: readonly string[],
  options: T,
  refused: (message: string) => Error,
) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw refused(`${error instanceof Error ? error.message : String(error)}\nTry --help.`);
  }
}

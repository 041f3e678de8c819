import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** The value of an option that is written as a whole number, digits alone. @throws Error that says what was expected. */
export function wholeNumber(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= from && value <= to) return value;
  throw new Error(`${name} is a whole number from ${from} to ${to}, not "${text}"`);
}

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

import { dirname, resolve } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** The value of an option that is written as a whole number, digits alone. @throws Error that says what was expected. */
export function wholeNumber(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= from && value <= to) return value;
  throw new Error(`${name} is a whole number from ${from} to ${to}, not "${text}"`);
}

/**
 * The folder in which somebody called a command: npm runs its scripts in the package's folder, wherever it is called, and tells in
 * `INIT_CWD` where that was.
 */
export function callersFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  folder = process.cwd(),
): string {
  const { INIT_CWD: called, npm_package_json: packageFile } = env;
  // A program that npm has started may start this one elsewhere.
  return called !== undefined && packageFile !== undefined && dirname(packageFile) === folder ? called : folder;
}

/** A path as its writer sees it: as it was written where this runs in the caller's folder, absolute elsewhere. */
export function fromCaller(path: string): string {
  const folder = callersFolder();
  return folder === process.cwd() ? path : resolve(folder, path);
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

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fromCaller, wholeNumber } from '../../tools/read-arguments';
import { dropAwsSettings } from '../aws-settings';
import { BUNDLE } from '../exporter/tick';
import { type DemoOptions, runDemo } from './demo';
import { DEMO_FOLDER } from './folder';

const USAGE = `Shows the whole export on this machine: cases changed through the API, ticks, SQL, a comparison of every row, and the check of an archive that was altered.

Usage: npm run demo -- [--cases <number>] [--seed <number>] [--folder <folder>]

  --cases   how many cases to make, 1 … 5000 (default 300)
  --seed    another number, another history (default 1)
  --folder  where its files go, in place of those of the demo before (default demo-output)
  --help    this text
`;

/** A failed demo ends after this long, even if something of it never closes. */
const MAX_CLOSING_MS = 2_000;

/** Parses the command line; null asks for the usage. Throws an Error with the reason if it is wrong. */
export function parseCommandLine(args: readonly string[]): DemoOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
      folder: { type: 'string', default: DEMO_FOLDER },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    cases: wholeNumber('--cases', values.cases, 1, 5_000),
    seed: wholeNumber('--seed', values.seed, 0, 2 ** 31),
    folder: resolve(fromCaller(values.folder)),
  };
}

async function main(): Promise<boolean> {
  const options = parseCommandLine(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(USAGE);
    return true;
  }
  // The reader of the output may stop reading it: then the demo can end.
  process.stdout.on('error', () => process.exit(1));
  if (!existsSync(BUNDLE)) throw new Error('The bundle is not built yet: npm run build');
  // The SDK's warning about old versions of Node concerns deployments only.
  dropAwsSettings(process.env);
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const exact = await runDemo(options, (line = '') => process.stdout.write(`${line}\n`));
  if (!exact) process.stderr.write('\nThe export is NOT exact, or its evidence is not as expected: see above.\n');
  return exact;
}

if (require.main === module) {
  main().then(
    (exact) => {
      process.exitCode = exact ? 0 : 1;
    },
    (error: unknown) => {
      process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
      // Open handles must not keep the process alive.
      setTimeout(() => process.exit(), MAX_CLOSING_MS).unref();
    },
  );
}

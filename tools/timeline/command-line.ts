import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { DEMO_FOLDER } from '../../local/demo/folder';
import { readArguments } from '../read-arguments';
import { type Clock, clockIn } from './html/times';
import { InputError } from './input-error';

export const USAGE = `Writes the timeline of a case as one HTML file: every event, who, old and new values, and what proves it.

Usage: npm run timeline -- <caseId> [--folder <folder>] [--domain <domainId>] [--out <file>] [--time-zone <zone>] [--users <file>]

  --folder     folder of a demo (default ${relative(process.cwd(), DEMO_FOLDER) || '.'}), or of an archive as "aws s3 sync" leaves it
  --domain     where a case id occurs in several domains
  --out        default <caseId>.timeline.html, beside the archive's folder
  --time-zone  IANA name, such as Europe/Berlin (default UTC)
  --users      CSV with the header user_arn,name,team, or a folder of such files (default work-area/users beside the archive)
  --help       this text
`;

const OPTIONS = {
  folder: { type: 'string', default: DEMO_FOLDER },
  domain: { type: 'string' },
  out: { type: 'string' },
  'time-zone': { type: 'string', default: 'UTC' },
  users: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

export interface Settings {
  readonly caseId: string;
  readonly folder: string;
  readonly domain: string | undefined;
  readonly out: string | undefined;
  readonly clock: Clock;
  readonly users: string | undefined;
}

/** The command line as settings; null asks for the usage. Throws InputError that says what is wrong with it. */
export function parseCommandLine(args: readonly string[]): Settings | null {
  const { values, positionals } = readArguments(args, OPTIONS, (message) => new InputError(message));
  if (values.help) return null;
  const [caseId, ...others] = positionals;
  if (caseId === undefined || caseId === '' || others.length > 0) {
    throw new InputError(`Expected one case id, got ${positionals.length}. Try --help.`);
  }
  return {
    caseId,
    folder: values.folder,
    domain: values.domain,
    out: values.out,
    clock: clockOf(values['time-zone']),
    users: values.users,
  };
}

/** Where the page goes: `out`, or a file named for the case beside the archive's folder. Throws InputError for no such folder. */
export function outputFile(out: string | undefined, archive: string, fileName: string): string {
  const file = out === undefined ? join(dirname(archive), fileName) : resolve(out);
  if (existsSync(file) && statSync(file).isDirectory()) throw new InputError(`${file} is a folder: --out names a file`);
  if (!existsSync(dirname(file))) throw new InputError(`There is no folder ${dirname(file)} for the page`);
  return file;
}

function clockOf(zone: string): Clock {
  try {
    // Some versions of Node take offsets such as +01:00, which say nothing of summer time.
    if (/^[A-Za-z]/.test(zone)) return clockIn(zone.toUpperCase() === 'UTC' ? 'UTC' : zone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new InputError(`There is no time zone "${zone}": expected an IANA name, such as Europe/Berlin or UTC`);
}

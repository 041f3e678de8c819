import { dirname, join, relative, resolve } from 'node:path';
import { DEMO_FOLDER } from '../../local/demo/folder';
import { clockOf } from '../cases-audit/case/page-options';
import { WrongCallError } from '../cases-audit/outcome';
import { readArguments } from '../read-arguments';
import type { Clock } from './html/times';

export const USAGE = `Writes the timeline of a case as one HTML file: every event, who, old and new values, and what proves it.

Usage: npm run timeline -- <caseId> [--folder <folder>] [--domain <domainId>] [--out <file>] [--time-zone <zone>] [--users <file>]

  --folder     folder of a demo (default ${relative(process.cwd(), DEMO_FOLDER) || '.'}), or of an archive as "aws s3 sync" leaves it
  --domain     where a case id occurs in several domains
  --out        default <caseId>.timeline.html, beside the archive's folder
  --time-zone  IANA name, such as Europe/Berlin (default UTC)
  --users      CSV with the header user_arn,name,team, or a folder of such files (default work-area/users beside the archive)
  --help       this text

cases-audit case makes the same page, also from a bucket, and a bag to hand over (--extract).
`;

const OPTIONS = {
  folder: { type: 'string', default: DEMO_FOLDER },
  domain: { type: 'string' },
  out: { type: 'string' },
  'time-zone': { type: 'string', default: 'UTC' },
  users: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

interface Settings {
  readonly caseId: string;
  readonly folder: string;
  readonly domain: string | undefined;
  readonly out: string | undefined;
  readonly clock: Clock;
  readonly users: string | undefined;
}

/** The command line as settings; null asks for the usage. @throws WrongCallError that says what is wrong with it. */
export function parseCommandLine(args: readonly string[]): Settings | null {
  const { values, positionals } = readArguments(args, OPTIONS, (message) => new WrongCallError(message));
  if (values.help) return null;
  const [caseId, ...others] = positionals;
  if (caseId === undefined || caseId === '' || others.length > 0) {
    throw new WrongCallError(`Expected one case id, got ${positionals.length}. Try --help.`);
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

/** `out`, seen from where the caller is, as npm runs scripts elsewhere; or a file of this name beside the archive's folder. */
export function placeOf(out: string | undefined, archive: string, fileName: string): string {
  if (out === undefined) return join(dirname(archive), fileName);
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), out);
}

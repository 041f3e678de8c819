/** `cases-audit recheck`: the command line. */
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import type { Archive } from '../archive/archive';
import { partitionsOf } from '../archive/manifests';
import { archiveCommand, openPlaces, type PlaceOptions } from '../archive/places';
import { type Console, printAnswer, underProgress } from '../console';
import { WrongCallError } from '../outcome';
import { counted } from '../words';
import { DEFAULT_PACE } from './polite-calls';
import { type RecheckRequest, recheck } from './recheck';
import { recheckReport } from './report';

interface RecheckOptions extends PlaceOptions {
  readonly sample?: string;
  readonly seed?: string;
  readonly search: boolean;
  readonly pace?: string;
  readonly domain?: string;
  readonly casesDomain?: string;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  cases-audit recheck --stack CaseAuditExport --sample 300
  cases-audit recheck --offline ./archive --json 6f1f5a0e-51c7-4f5d-9d0f-0a4f7a1f7f5e

Exit codes: 0 agrees · 1 differs · 2 wrong call · 3 agrees as far as checked, but something could not be read · 130 interrupted
It reads the Cases service under your own role, and writes nothing anywhere. No value of a case is printed.
`;

const MAX_SAMPLE = 100_000;
const MAX_PACE = 10_000;

/** @param console where lines go, and how the command's end is told. */
export function recheckCommand(console: Console): Command {
  return archiveCommand(
    'recheck',
    'Reads cases again from the service and says whether the archive agrees, event by event and field by field.',
    EXAMPLES,
  )
    .argument('[ids...]', 'ids of cases')
    .option(
      '--sample <n>',
      'check this many cases at random instead: of the archive, and of those that only the search shows',
    )
    .option('--seed <text>', 'of an earlier sample, to draw it again (default: a new one, which is printed)')
    .option('--no-search', 'do not look for cases that the archive lacks')
    .option(
      '--pace <n>',
      `calls per second of each operation (default: ${DEFAULT_PACE}, below what the exporter leaves)`,
    )
    .option('--domain <id>', 'the domain of the archive, where it has several')
    .option('--cases-domain <id>', 'the domain to ask the service for (default: the same)')
    .option('--json', 'the answer as JSON (cases-audit-recheck/v1)', false)
    .action(async (ids: string[], options: RecheckOptions) => console.exit(await run(ids, options, console)));
}

/** Answers with the exit code. Rejects with WrongCallError, InterruptedError, ArchiveError. */
async function run(ids: readonly string[], options: RecheckOptions, console: Console): Promise<number> {
  const which = whichOf(ids, options);
  const pace = numberOf('--pace', options.pace ?? String(DEFAULT_PACE), MAX_PACE);
  const { archive } = await openPlaces(options, console);
  const partition = await onlyPartition(archive, options.domain);
  // Loaded only here: the SDK is large.
  const [{ createCasesApi, createCasesClient }, { createClock }] = await Promise.all([
    import('../../../lambda/export/aws/cases-api'),
    import('../../../lambda/export/aws/clock'),
  ]);
  const { signal } = console;
  const answer = await underProgress(console, '', (onProgress) =>
    recheck({
      archive,
      partition,
      casesDomain: options.casesDomain ?? null,
      which,
      api: createCasesApi(createCasesClient(options.region === undefined ? {} : { region: options.region })),
      clock: console.clock ?? { ...createClock(), now: console.now },
      pace,
      signal,
      onProgress,
      onStart: ({ cases }) => console.err(startWords(cases, pace, which)),
    }),
  );
  return printAnswer(console, answer, options.json, recheckReport);
}

/** @throws WrongCallError unless cases are named or a sample is asked for, one of the two. */
function whichOf(ids: readonly string[], { sample, seed, search }: RecheckOptions): RecheckRequest['which'] {
  if (ids.length > 0 === (sample !== undefined)) {
    const came = sample === undefined ? 'Neither case nor sample was' : 'Both cases and a sample were';
    throw new WrongCallError(`${came} named; expected ids of cases, or --sample <n> such as --sample 300.`);
  }
  if (sample === undefined) {
    if (seed !== undefined) throw new WrongCallError('--seed draws a sample again; expected --sample <n> beside it.');
    return { caseIds: [...new Set(ids)] };
  }
  if (!/^\d+$/.test(sample)) throw wrongNumber('--sample', sample, `a whole number from 1 to ${MAX_SAMPLE}`);
  if (seed !== undefined && !/^[\w-]{1,64}$/.test(seed)) {
    throw new WrongCallError(
      `--seed is "${seed}"; expected 1 to 64 letters, digits, _ or -, as an earlier check printed it.`,
    );
  }
  return {
    size: numberOf('--sample', sample, MAX_SAMPLE),
    seed: seed ?? randomBytes(8).toString('hex'),
    searches: search,
  };
}

function numberOf(option: string, text: string, max: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= max) return value;
  throw wrongNumber(option, text, `a number above 0, at most ${max}`);
}

function wrongNumber(option: string, text: string, expected: string): WrongCallError {
  return new WrongCallError(`${option} is "${text}"; expected ${expected}.`);
}

/** One domain at a time: a sample says something of the cases it was drawn from. */
async function onlyPartition(archive: Archive, wanted: string | undefined): Promise<string> {
  const chosen = await partitionsOf(archive, wanted);
  const [only] = chosen;
  if (only !== undefined && chosen.length === 1) return only;
  if (only === undefined)
    throw new WrongCallError('The archive has no domain: there is nothing to hold cases against.');
  throw new WrongCallError(
    `The archive has the domains ${chosen.join(', ')}; expected --domain <id>, as one is checked at a time.`,
  );
}

/** A check that is cut off can be drawn again by its seed. */
function startWords(cases: number, pace: number, which: RecheckRequest['which']): string {
  const minutes = Math.ceil(cases / pace / 60);
  const seed = 'seed' in which ? `, drawn with --seed ${which.seed}` : '';
  return `${counted(cases, 'case')} to read${seed}: at least ${counted(minutes, 'minute')} at ${pace} calls per second.\n`;
}

/** What a release changes, worked out from texts and arguments alone: no file, no git, no clock. */
import { readArguments } from '../tools/read-arguments';

const PACKAGE = 'connect-cases-audit-export';
const BUMPS = ['major', 'minor', 'patch'] as const;
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;
const EXPECTED_BUMP = `${BUMPS.join(', ')} or a version like 1.2.3`;

/** Files that name the version, in the order in which they are written. */
export const RELEASE_FILES = [
  'CHANGELOG.md',
  'package.json',
  'package-lock.json',
  'examples/cdk-app/package.json',
  'examples/cdk-app/README.md',
  'README.md',
] as const;

export type ReleaseFile = (typeof RELEASE_FILES)[number];

/** The command line is wrong. The message says what came and what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The release cannot be made as things are. The message says what was found, what was expected and what to do. */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
}

interface ReleaseOptions {
  /** `major`, `minor`, `patch` or a version. */
  readonly bump: string;
  readonly dryRun: boolean;
}

const FLAG = { type: 'boolean', default: false } as const;
const OPTIONS = { 'dry-run': FLAG, help: FLAG } as const;

/** The command line as options; undefined asks for the usage. */
export function parseCommandLine(args: readonly string[]): ReleaseOptions | undefined {
  const { values, positionals } = readArguments(args, OPTIONS, (message) => new UsageError(message));
  if (values.help) return undefined;
  const [bump, ...more] = positionals;
  if (bump === undefined || more.length > 0 || !(isBump(bump) || VERSION.test(bump))) {
    throw new UsageError(`Received "${positionals.join(' ')}", expected one of ${EXPECTED_BUMP}. Try --help.`);
  }
  return { bump, dryRun: values['dry-run'] };
}

function isBump(text: string): text is (typeof BUMPS)[number] {
  return BUMPS.some((bump) => bump === text);
}

/**
 * The version after `current`. A version given as such may be the current one, so that the first release can be what
 * `package.json` already says, but never a lower one.
 */
export function nextVersion(current: string, bump: string): string {
  const from = numbersOf(current);
  if (!isBump(bump)) {
    if (isLower(numbersOf(bump), from)) {
      throw new ReleaseError(`The version given is ${bump}, expected at least ${current}, which package.json has`);
    }
    return bump;
  }
  const place = BUMPS.indexOf(bump);
  return from.map((number, index) => (index < place ? number : index === place ? number + 1 : 0)).join('.');
}

function numbersOf(version: string): number[] {
  const match = VERSION.exec(version);
  if (match === null) throw new ReleaseError(`The version is "${version}", expected three numbers like 1.2.3`);
  return match.slice(1).map(Number);
}

function isLower(version: readonly number[], other: readonly number[]): boolean {
  const place = version.findIndex((number, index) => number !== other[index]);
  return place >= 0 && (version[place] ?? 0) < (other[place] ?? 0);
}

/** The changelog with what is unreleased below a heading of the version; `Unreleased` stays above it, empty. */
export function releaseChangelog(changelog: string, version: string, date: string): string {
  if (changelog.includes(`\n## [${version}]`)) {
    throw new ReleaseError(`CHANGELOG.md has a heading [${version}] already. Choose the next version.`);
  }
  const heading = '\n## [Unreleased]\n';
  const [before, after, ...more] = changelog.split(heading);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new ReleaseError('CHANGELOG.md has no single heading "## [Unreleased]", expected one');
  }
  const [unreleased = ''] = after.split('\n## ');
  if (!/^- /m.test(unreleased)) {
    throw new ReleaseError('CHANGELOG.md lists nothing under [Unreleased]. Say there what this release changes.');
  }
  return `${before}${heading}\n## [${version}] - ${date}\n${after}`;
}

/** Name of the tarball that `npm pack` makes of a version. */
export function tarballOf(version: string): string {
  return `${PACKAGE}-${version}.tgz`;
}

interface Versions {
  readonly current: string;
  readonly next: string;
  /** UTC, YYYY-MM-DD. */
  readonly date: string;
}

/** The text of a file with the next version in place of the current one. */
export function releasedText(file: ReleaseFile, text: string, { current, next, date }: Versions): string {
  if (file === 'CHANGELOG.md') return releaseChangelog(text, next, date);
  if (file === 'package.json') return replaced(file, text, ownVersion(current, 2), ownVersion(next, 2), 1);
  if (file === 'package-lock.json') {
    const top = replaced(file, text, ownVersion(current, 2), ownVersion(next, 2), 1);
    return replaced(file, top, ownVersion(current, 6), ownVersion(next, 6), 1);
  }
  const mentions = file === 'examples/cdk-app/package.json' ? 1 : undefined;
  return replaced(file, text, tarballOf(current), tarballOf(next), mentions);
}

function ownVersion(version: string, spaces: number): string {
  const indent = ' '.repeat(spaces);
  return `\n${indent}"name": "${PACKAGE}",\n${indent}"version": "${version}",\n`;
}

/** @param times how often `from` has to be there; undefined: any number of times, also never. */
function replaced(file: string, text: string, from: string, to: string, times: number | undefined): string {
  const parts = text.split(from);
  const found = parts.length - 1;
  if (times !== undefined && found !== times) {
    throw new ReleaseError(`${file} has ${JSON.stringify(from)} ${found} times, expected ${times}`);
  }
  return parts.join(to);
}

/** What changed, for people to read: line by line if as many came as went, else all between the equal ends. */
export function changedLines(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  if (old.length === now.length) {
    return old.flatMap((line, index) => (line === now[index] ? [] : [`- ${line.trim()}`, `+ ${now[index]?.trim()}`]));
  }
  const start = equalLines(old, now);
  const end = equalLines(old.slice(start).reverse(), now.slice(start).reverse());
  const [gone, come] = [old.slice(start, old.length - end), now.slice(start, now.length - end)];
  return [...gone.map((line) => `- ${line}`.trim()), ...come.map((line) => `+ ${line}`.trim())];
}

/** How many lines are equal from the first one on. */
function equalLines(some: readonly string[], others: readonly string[]): number {
  const different = some.findIndex((line, index) => line !== others[index]);
  return different < 0 ? some.length : different;
}

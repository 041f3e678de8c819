/** `npm run release`: from a clean, green main branch to a commit, a tag and a tarball that is known to install. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../lib/text-file';
import {
  changedLines,
  nextVersion,
  parseCommandLine,
  RELEASE_FILES,
  ReleaseError,
  type ReleaseFile,
  releasedText,
  tarballOf,
  UsageError,
} from './release-plan';

const ROOT = join(__dirname, '..');
const BRANCH = 'main';
const QUICK_CHECKS = [
  ['npm', 'run', '--silent', 'typecheck'],
  ['npm', 'run', '--silent', 'lint'],
  ['npm', 'test'],
] as const;

const USAGE = `Makes a release of what is on ${BRANCH}: checks, version, changelog, tarball, commit, tag. It pushes nothing.

Usage: npm run release -- [--dry-run] <major | minor | patch | 1.2.3>

  --dry-run  checks that a release could begin and prints what it would do; changes nothing
  --help     this text

Needs a clean work tree on ${BRANCH} and entries under [Unreleased] in CHANGELOG.md. The tarball is installed into a copy of
examples/cdk-app and synthesised before anything is committed; if that fails, the files are put back as they were.
`;

interface Release {
  readonly version: string;
  readonly tag: string;
  readonly tarball: string;
  readonly edits: readonly { readonly file: ReleaseFile; readonly before: string; readonly after: string }[];
}

/** Whatever stands in the way of a release is thrown here, before anything has changed. */
function planRelease(bump: string, date: string): Release {
  const status = git('status', '--porcelain').trim();
  if (status !== '') throw new ReleaseError(`The work tree is not clean. Commit or stash this first:\n${status}`);
  const branch = git('rev-parse', '--abbrev-ref', 'HEAD').trim();
  if (branch !== BRANCH)
    throw new ReleaseError(`HEAD is ${branch}, expected ${BRANCH}: releases are made of ${BRANCH}`);
  const { version: current } = JSON.parse(read('package.json')) as { readonly version: string };
  const next = nextVersion(current, bump);
  const tag = `v${next}`;
  if (git('tag', '--list', tag).trim() !== '')
    throw new ReleaseError(`The tag ${tag} exists. Choose the next version.`);
  const edits = RELEASE_FILES.map((file) => {
    const before = read(file);
    return { file, before, after: releasedText(file, before, { current, next, date }) };
  });
  return { version: next, tag, tarball: tarballOf(next), edits: edits.filter(({ before, after }) => before !== after) };
}

/** After it either all is done, or the work tree is as it was. */
function carryOut(release: Release): void {
  for (const check of QUICK_CHECKS) run(check);
  try {
    for (const { file, after } of release.edits) writeFileSync(join(ROOT, file), after);
    for (const command of packAndCheck(release)) run(command);
    for (const command of record(release)) run(command);
  } catch (error) {
    undo(release);
    throw error;
  }
}

function packAndCheck({ tarball }: Release): string[][] {
  return [
    ['npm', 'pack', '--silent'],
    ['.ci/package/run.sh', tarball],
  ];
}

function record({ version, tag, edits }: Release): string[][] {
  const message = `build(release): version ${version}`;
  return [
    ['git', 'commit', '--quiet', '--message', message, '--', ...edits.map(({ file }) => file)],
    ['git', 'tag', '--annotate', '--message', `Version ${version}`, tag],
  ];
}

/** A commit that was made stays: only its tag is missing then, and the error of git says why. */
function undo({ edits, tarball }: Release): void {
  const files = edits.map(({ file }) => file);
  git('restore', '--staged', '--worktree', '--', ...files);
  rmSync(join(ROOT, tarball), { force: true });
}

function describe(release: Release): string[] {
  const commands = (all: readonly (readonly string[])[]) => all.map((command) => `would run    ${shown(command)}`);
  const edits = release.edits.flatMap(({ file, before, after }) => [
    `would write  ${file}`,
    ...changedLines(before, after).map((line) => `               ${line}`),
  ]);
  return [...commands(QUICK_CHECKS), ...edits, ...commands([...packAndCheck(release), ...record(release)])];
}

function shown(command: readonly string[]): string {
  return command.map((word) => (/^[\w./:@=-]+$/.test(word) ? word : `'${word}'`)).join(' ');
}

function read(file: string): string {
  return readText(join(ROOT, file));
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' });
}

function run(command: readonly string[]): void {
  print(`\n> ${shown(command)}`);
  const [program = '', ...args] = command;
  try {
    execFileSync(program, args, { cwd: ROOT, stdio: 'inherit' });
  } catch (error) {
    throw new ReleaseError(`There is no release: ${shown(command)} failed, see above`, { cause: error });
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function main(): void {
  const options = parseCommandLine(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  const release = planRelease(options.bump, new Date().toISOString().slice(0, 10));
  // `npm run release --dry-run patch`, without the two dashes, hands the flag to npm.
  if (options.dryRun || process.env['npm_config_dry_run'] === 'true') {
    for (const line of describe(release)) print(line);
    print(`\nDry run of version ${release.version}: nothing was changed.`);
    return;
  }
  carryOut(release);
  print(
    `\n${release.tag} is committed and tagged, and ${release.tarball} installs. Publish it: git push --follow-tags`,
  );
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

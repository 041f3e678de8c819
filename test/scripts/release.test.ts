/** Promise: a release names its version in every file that has to, refuses what it cannot release, and says why. */
import { join } from 'node:path';
import { readText } from '../../lib/text-file';
import {
  changedLines,
  nextVersion,
  parseCommandLine,
  RELEASE_FILES,
  ReleaseError,
  releaseChangelog,
  releasedText,
  tarballOf,
  UsageError,
} from '../../scripts/release-plan';

const ROOT = join(__dirname, '../..');
const read = (file: string) => readText(join(ROOT, file));

describe('The command line of a release', () => {
  test('asks for a bump or a version', () => {
    expect(parseCommandLine(['patch'])).toEqual({ bump: 'patch', dryRun: false });
    expect(parseCommandLine(['--dry-run', 'minor'])).toEqual({ bump: 'minor', dryRun: true });
    expect(parseCommandLine(['1.0.0', '--dry-run'])).toEqual({ bump: '1.0.0', dryRun: true });
    expect(parseCommandLine(['--help'])).toBeUndefined();
  });

  test.each([
    [[], 'Received "", expected one of major, minor, patch or a version like 1.2.3'],
    [['huge'], 'Received "huge", expected one of'],
    [['patch', 'minor'], 'Received "patch minor", expected one of'],
    [['v1.2.3'], 'Received "v1.2.3", expected one of'],
    [['1.2.3-beta.1'], 'Received "1.2.3-beta.1", expected one of'],
    [['--force', 'patch'], "Unknown option '--force'"],
  ])('that is wrong is refused with what came and what was expected: %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
    expect(() => parseCommandLine(args)).toThrow(message);
  });
});

test.each([
  ['0.1.0', 'patch', '0.1.1'],
  ['0.1.9', 'minor', '0.2.0'],
  ['0.9.9', 'major', '1.0.0'],
  ['1.10.3', 'patch', '1.10.4'],
  ['0.1.0', '0.1.0', '0.1.0'],
  ['0.9.9', '0.10.0', '0.10.0'],
])('after %s, %s is %s', (current, bump, next) => {
  expect(nextVersion(current, bump)).toBe(next);
});

test.each([
  ['1.0.0', '0.9.9', 'The version given is 0.9.9, expected at least 1.0.0'],
  ['0.10.0', '0.9.9', 'expected at least 0.10.0'],
  ['1.0.0-beta', 'patch', 'The version is "1.0.0-beta", expected three numbers'],
])('after %s, %s is refused', (current, bump, message) => {
  expect(() => nextVersion(current, bump)).toThrow(ReleaseError);
  expect(() => nextVersion(current, bump)).toThrow(message);
});

describe('The changelog of a release', () => {
  const older = '## [0.1.0] - 2026-01-01\n\n### Added\n\n- The start.\n';

  test('has what was unreleased under the version and its day, and keeps an empty place for what comes next', () => {
    const changelog = `# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n- A label.\n\n${older}`;
    expect(releaseChangelog(changelog, '0.1.1', '2026-11-26')).toBe(
      `# Changelog\n\n## [Unreleased]\n\n## [0.1.1] - 2026-11-26\n\n### Fixed\n\n- A label.\n\n${older}`,
    );
  });

  test.each([
    [`# Changelog\n\n## [Unreleased]\n\n${older}`, 'lists nothing under [Unreleased]'],
    [`# Changelog\n\n${older}`, 'no single heading "## [Unreleased]"'],
    ['# Changelog\n\n## [Unreleased]\n\n- One.\n\n## [Unreleased]\n\n- Two.\n', 'no single heading'],
    ['# Changelog\n\n## [Unreleased]\n\n- One.\n\n## [0.1.1] - 2026-01-01\n', 'has a heading [0.1.1] already'],
  ])('that does not say what changes is refused: %j', (changelog, message) => {
    expect(() => releaseChangelog(changelog, '0.1.1', '2026-11-26')).toThrow(ReleaseError);
    expect(() => releaseChangelog(changelog, '0.1.1', '2026-11-26')).toThrow(message);
  });
});

describe('In the files of this project', () => {
  const current: string = JSON.parse(read('package.json')).version;
  const versions = { current, next: '98.76.54', date: '2099-12-31' };
  // Right after a release the changelog lists nothing yet, which is no fault.
  const files = RELEASE_FILES.filter((file) => file !== 'CHANGELOG.md');
  const after = new Map(files.map((file) => [file, releasedText(file, read(file), versions)]));

  test('the package, its lock and the example get the next version, and nothing else changes in them', () => {
    const changed = [...after].filter(([file]) => file.endsWith('.json'));
    const replaced = [`- "version": "${current}",`, '+ "version": "98.76.54",'];
    const installed = (version: string) => `"connect-cases-audit-export": "file:../../${tarballOf(version)}",`;
    expect(changed.map(([file, text]) => [file, changedLines(read(file), text)])).toEqual([
      ['package.json', replaced],
      ['package-lock.json', [...replaced, ...replaced]],
      ['examples/cdk-app/package.json', [`- ${installed(current)}`, `+ ${installed('98.76.54')}`]],
    ]);
  });

  test('the changelog has the place where the next release begins', () => {
    expect(read('CHANGELOG.md').split('\n## [Unreleased]\n')).toHaveLength(2);
  });

  test('no page names the tarball of the version before', () => {
    for (const text of after.values()) expect(text).not.toContain(tarballOf(current));
    expect(after.get('examples/cdk-app/README.md')).toContain(tarballOf('98.76.54'));
  });

  test('a file that does not have the version it should have is refused', () => {
    expect(() => releasedText('package.json', '{\n  "version": "7.0.0"\n}\n', versions)).toThrow(
      /^package\.json has .* 0 times, expected 1$/,
    );
  });
});

test('the example is built with the versions that this project is built with', () => {
  const { devDependencies } = JSON.parse(read('package.json'));
  const example = JSON.parse(read('examples/cdk-app/package.json'));
  const { 'connect-cases-audit-export': _, ...others } = { ...example.dependencies, ...example.devDependencies };
  expect(devDependencies).toMatchObject(others);
});

/** Promise: whatever a page or a comment cites is there: files, sections, folders of code, commands. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { readText } from '../../lib/text-file';
import { anchorOf, anchorsOf, codeSpansOf, headingsOf, linksOf } from './markdown';

const ROOT = resolve(__dirname, '../..');
const { scripts, files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  files: string[];
};

const NOT_OURS = new Set([
  'node_modules',
  'dist',
  'cdk.out',
  'coverage',
  'demo-output',
  'reports',
  '.git',
  '.stryker-tmp',
  '.venv',
]);
// Its own patterns are no citations.
const all = filesBelow(ROOT).filter((file) => file !== relative(ROOT, __filename));
const pages = all.filter((file) => file.endsWith('.md'));
const sources = all.filter(
  (file) => /\.(ts|mjs|cjs|js|sh|sql|json)$|^\.ci\/run$/.test(file) && !/^package-lock/.test(file),
);

/** Folders of the repository whose paths are checked where a page names them; further ones hold keys of buckets. */
const CODE_FOLDERS = [
  'lambda',
  'lib',
  'bin',
  'local',
  'tools',
  'scripts',
  'bench',
  'test',
  'sql',
  'docs',
  '.ci',
  '.github',
];
/** The function's own folders, which pages name without `lambda/export/`. */
const EXPORTER_FOLDERS = ['find', 'read', 'commit', 'run', 'operate', 'domain', 'aws', 'parquet'];
/** A file of a package, not of ours. */
const NOT_HERE = new Set(['lib/shred.js']);
/** Pages that a bag of `cases-audit` holds, by their places in it. */
const IN_A_BAG = /^(?:(?:extract\/)?data\/)?(?:CERTIFICATE|VERIFY)\.md$/;

describe.each(pages)('%s', (page) => {
  const markdown = read(page);

  test('links to files and sections that are there', () => {
    const broken = linksOf(markdown)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(ROOT, file))) return true;
        return anchor !== undefined && !(file.endsWith('.md') && anchorsOf(read(file)).has(anchor));
      });
    expect(broken).toEqual([]);
  });

  test('names files and folders of code that are there', () => {
    const missing = codeSpansOf(markdown)
      .filter((code) => /^[\w.-]+(\/[\w.-]+)*\/?$/.test(code) && !NOT_HERE.has(code))
      .filter((code) => (code.includes('/') ? isMissingPath(code, page) : isMissingFile(code)));
    expect(missing).toEqual([]);
  });

  test('names commands that package.json has', () => {
    const named = [...markdown.matchAll(/npm run (?:--silent )?([\w:-]*\w)/g)].flatMap(([, name]) => name ?? []);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

test('every page that code, configuration or another page names is there', () => {
  const missing = mentions(/[\w./-]*[\w-]+\.md\b/g).filter(({ text }) => !isThere(text) && !IN_A_BAG.test(text));
  expect(missing).toEqual([]);
});

test('every section that is cited by a page’s name is there', () => {
  const cited = mentions(/((?:docs|bench)\/[\w./-]+\.md)`?, ([A-Z][\w ]*)/g);
  expect(cited.length).toBeGreaterThan(5);
  const missing = cited.filter(({ groups: [page = '', section = ''] }) => {
    return !headingsOf(read(page)).some((heading) => section.startsWith(heading) || heading.startsWith(section));
  });
  expect(missing).toEqual([]);
});

test('every section of the runbook that an error message cites is there', () => {
  const anchors = anchorsOf(read('docs/runbook.md'));
  const cited = mentions(/runbook, "([^"]+)"/g);
  expect(cited.length).toBeGreaterThan(5);
  expect(cited.filter(({ groups: [section = ''] }) => !anchors.has(anchorOf(section)))).toEqual([]);
});

test('the package carries every page and picture below docs/ that its README links to', () => {
  const linked = linksOf(read('README.md')).flatMap((target) => target.match(/^docs\/[^#]*/)?.[0] ?? []);
  expect(linked.length).toBeGreaterThan(5);
  const packed = (path: string) => files.some((entry) => path === entry || `${path}/`.startsWith(`${entry}/`));
  expect(linked.filter((path) => !packed(path.replace(/\/$/, '')))).toEqual([]);
});

interface Mention {
  readonly file: string;
  readonly text: string;
  readonly groups: readonly string[];
}

function mentions(pattern: RegExp): Mention[] {
  return [...pages, ...sources].flatMap((file) =>
    [...read(file).matchAll(pattern)].map(([text, ...groups]) => ({ file, text, groups })),
  );
}

/** Paths into folders of code only: others may be keys of a bucket. */
function isMissingPath(path: string, page: string): boolean {
  const [first = ''] = path.split('/');
  const isThereFrom = (folder: string) => existsOrModule(join(folder, path));
  if (CODE_FOLDERS.includes(first)) return !isThereFrom('') && !isThereFrom(dirname(page));
  const isOfExporter = EXPORTER_FOLDERS.includes(first) && (/\.\w+$/.test(path) || path === `${first}/`);
  return isOfExporter && !isThereFrom('lambda/export') && !isThereFrom(dirname(page));
}

function isMissingFile(name: string): boolean {
  return /\.(ts|sql|sh|mjs)$/.test(name) && !all.some((file) => basename(file) === name);
}

/** A name without a folder is that of any page; a path leads to one from the root, or from the folder that names it. */
function isThere(path: string): boolean {
  const tail = path.replace(/^(\.{0,2}\/)+/, '');
  return pages.some((page) => page === tail || page.endsWith(`/${tail}`));
}

function existsOrModule(path: string): boolean {
  return (
    existsSync(join(ROOT, path)) || existsSync(join(ROOT, `${path}.ts`)) || existsSync(join(ROOT, `${path}.test.ts`))
  );
}

function read(file: string): string {
  return readText(join(ROOT, file));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name) || entry.isSymbolicLink()) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [relative(ROOT, path)];
  });
}

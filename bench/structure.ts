/**
 * How the code is built, area by area: size, depth, length of functions, breadth of records, duplicates, tests.
 * `docs/architecture.md` shows the table.
 *
 *     npx tsx bench/structure.ts [--duplicates] [--json] [folder]
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Duplicate, duplicatesAmong } from './structure/duplicates';
import { type FileFacts, factsOf, type MutableRecord } from './structure/facts';

/** Areas of the table and their folders. */
const AREAS = {
  exporter: ['lambda/export'],
  lib: ['lib'],
  local: ['local'],
  tools: ['tools'],
  test: ['test'],
} as const;

/** Folders whose tests are tests of the exporter. */
const EXPORTER_TESTS = ['chaos', 'contracts', 'export', 'fakes', 'integration', 'simulation', 'support'];

const SHALLOW_LINES = 40;
const LONG_FILE_LINES = 300;
const LONG_FUNCTION_LINES = 30;

interface Structure {
  readonly areas: Readonly<Record<string, Area>>;
  /** Lines of the exporter's tests per line of the exporter. */
  readonly testRatio: number;
  readonly duplicates: readonly Duplicate[];
}

interface Area {
  readonly files: number;
  readonly lines: number;
  readonly linesPerExport: number;
  /** Shares are between 0 and 1. */
  readonly shallowFiles: number;
  readonly longFiles: number;
  readonly longFunctions: number;
  readonly shortFunctions: number;
  readonly mostParameters: number;
  /** The one with the most fields. */
  readonly largestRecord: (MutableRecord & { readonly path: string }) | null;
  /** Of two source files, or with a test file where the area is `test`. */
  readonly duplicates: number;
}

main();

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { duplicates: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  });
  const structure = measure(resolve(positionals[0] ?? '.'));
  console.log(values.json ? JSON.stringify(structure) : table(structure));
  if (values.duplicates) for (const each of structure.duplicates) console.log(describe(each));
}

function measure(root: string): Structure {
  const folders = Object.values(AREAS).flat();
  const files = factsOf(
    root,
    folders.filter((folder) => existsSync(join(root, folder))),
  );
  const duplicates = duplicatesAmong(files);
  const within = (folder: string) => files.filter(({ path }) => path.startsWith(`${folder}/`));
  const exporterTests = EXPORTER_TESTS.flatMap((folder) => within(`test/${folder}`));
  return {
    areas: Object.fromEntries(
      Object.entries(AREAS).map(([name, [folder]]) => [name, areaOf(folder, within(folder), duplicates)]),
    ),
    testRatio: linesOf(exporterTests) / linesOf(within(AREAS.exporter[0])),
    duplicates,
  };
}

function areaOf(folder: string, files: readonly FileFacts[], duplicates: readonly Duplicate[]): Area {
  const functions = files.flatMap((file) => file.functions);
  const longFunctions = functions.filter(({ lines }) => lines > LONG_FUNCTION_LINES).length;
  const records = files.flatMap((file) => file.records.map((record) => ({ path: file.path, ...record })));
  const [largest = null] = records.sort((a, b) => b.fields - a.fields || b.reassignable - a.reassignable);
  return {
    files: files.length,
    lines: linesOf(files),
    linesPerExport: linesOf(files) / files.reduce((sum, file) => sum + file.exports, 0),
    shallowFiles: files.filter(({ lines }) => lines <= SHALLOW_LINES).length / files.length,
    longFiles: files.filter(({ lines }) => lines > LONG_FILE_LINES).length,
    longFunctions,
    shortFunctions: 1 - longFunctions / functions.length,
    mostParameters: Math.max(0, ...functions.map(({ parameters }) => parameters)),
    largestRecord: largest,
    duplicates: duplicates.filter((each) => concerns(each, folder)).length,
  };
}

/** A duplicate that has part of it in a test is the tests' affair alone. */
function concerns({ places }: Duplicate, folder: string): boolean {
  const isTest = places.some(({ path }) => path.startsWith('test/'));
  return isTest ? folder === 'test' : places.some(({ path }) => path.startsWith(`${folder}/`));
}

function linesOf(files: readonly FileFacts[]): number {
  return files.reduce((sum, { lines }) => sum + lines, 0);
}

function table({ areas, testRatio }: Structure): string {
  const rows = Object.entries(areas).map(([name, area]) => [name, ...cells(area)]);
  const head = [
    ['', 'files', 'lines', 'lines per export', `files of ≤ ${SHALLOW_LINES} lines`, `files > ${LONG_FILE_LINES}`],
    [`functions > ${LONG_FUNCTION_LINES} (share of the others)`, 'most parameters'],
    ['largest mutable record: fields (reassignable)', 'duplicates of 6 lines'],
  ].flat();
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return [...lines, '', `Lines of the exporter's tests per line of the exporter: ${testRatio.toFixed(2)}`].join('\n');
}

function cells(area: Area): string[] {
  const record = area.largestRecord;
  return [
    area.files.toLocaleString('en'),
    area.lines.toLocaleString('en'),
    area.linesPerExport.toFixed(1),
    percent(area.shallowFiles),
    String(area.longFiles),
    `${area.longFunctions} (${percent(area.shortFunctions)})`,
    String(area.mostParameters),
    record === null ? 'none' : `${record.name} ${record.fields} (${record.reassignable})`,
    String(area.duplicates),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function describe({ lines, places }: Duplicate): string {
  return `${lines} lines: ${places.map(({ path, line }) => `${path}:${line}`).join(', ')}`;
}

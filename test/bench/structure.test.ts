/** Promise: the table of how the code is built counts what is there, and nothing that is not. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scratchOfFile } from '../support/scratch';
import { runByTsx } from '../support/tsx';

const scratch = scratchOfFile();

/** Six lines of code with logic, between other lines; a comment or a blank line in them changes nothing. */
const SIX = ['let sum = 0;', 'let most = 0;', 'for (const n of list)', 'sum += n;', 'most = 1;', 'console.log(sum);'];
const LIST = 'declare const list: number[];';

const FILES: Record<string, string[]> = {
  'lambda/export/run.ts': [
    '/** export function inAComment() {} */',
    "export { one, type Two } from './two';",
    "export * from './other';",
    'export const three = 3,',
    '  four = 4;',
    'export interface Run {',
    '  readonly id: string;',
    '  rows: number;',
    '  open(): void;',
    '  next: Run | null;',
    '}',
    'export type Frozen = { readonly one: 1; readonly two: 2; readonly three: 3; readonly four: 4 };',
    'function inner(a: number, b: number, { c, d }: Record<string, number>) {',
    ...Array.from({ length: 29 }, () => '  a += b;'),
    '}',
    'const atTheLimit = () => {',
    ...Array.from({ length: 28 }, () => '  one();'),
    '};',
  ],
  'lambda/export/two.ts': [LIST, ...SIX, 'declare function noBody(a: 1, b: 2, c: 3, d: 4, e: 5): void;'],
  'lambda/export/types.d.ts': ['export const ambient: number;'],
  'lib/again.ts': [LIST, 'export {};', '// Another file, the same lines.', ...SIX.flatMap((line) => [`  ${line}`, ''])],
  'lib/five.ts': ['declare const list: 1[];', ...SIX.slice(0, 5), 'console.log(most);'],
  'lib/types.ts': [...Array(4).fill('export {};'), 'export type A = 1;', 'export type B = 2;', 'export type C = 3;'],
  'lib/types-again.ts': ['export {};', 'export type A = 1;', 'export type B = 2;', 'export type C = 3;'],
  'test/export/run.test.ts': Array.from({ length: 301 }, (_, n) => `const v${n} = () => ${n};`),
  'test/lib/again.test.ts': [...SIX],
};

function measured(): Record<string, unknown> {
  const folder = scratch.emptyFolder();
  for (const [path, lines] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${lines.join('\n')}\n`);
  }
  const { stdout, stderr, status } = runByTsx(['bench/structure.ts', '--json', folder]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('each area is counted by itself: files, lines, exports, functions, records, duplicates', () => {
  const { areas, testRatio } = measured();
  expect(areas).toMatchObject({
    exporter: {
      files: 2,
      lines: 73 + 8,
      linesPerExport: 81 / 7,
      shallowFiles: 0.5,
      longFiles: 0,
      longFunctions: 1,
      shortFunctions: 0.5,
      mostParameters: 3,
      largestRecord: { path: 'lambda/export/run.ts', name: 'Run', fields: 3, reassignable: 2 },
      duplicates: 1,
    },
    lib: { files: 4, shallowFiles: 1, duplicates: 1, largestRecord: null, mostParameters: 0 },
    local: { files: 0, lines: 0, duplicates: 0 },
    test: { files: 2, lines: 301 + 6, longFiles: 1, shortFunctions: 1, duplicates: 2 },
  });
  expect(testRatio).toBe(301 / 81);
});

test('a duplicate names both places, each where its first line stands', () => {
  expect(measured()['duplicates']).toContainEqual({
    lines: 6,
    places: [
      { path: 'lambda/export/two.ts', line: 2 },
      { path: 'lib/again.ts', line: 4 },
    ],
  });
});

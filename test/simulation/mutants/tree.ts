/** Copies of the tree in which guards can be broken, and nobody else's work with them. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readText } from '../../../lib/text-file';
import { broken, type Mutant } from './mutant';

export const ROOT = join(__dirname, '..', '..', '..');

/** What the simulation and the tests of exporter and verifier need. */
const COPIED = [
  'lambda',
  'lib',
  'local',
  'tools',
  'scripts',
  'test',
  'types',
  'VERIFY.md',
  'package.json',
  'tsconfig.json',
  'jest.config.js',
] as const;

export interface Tree {
  readonly folder: string;
  /** Breaks the guard, until `mend`. Throws NotFoundOnce if the text is not there exactly once. */
  breakGuard(one: Mutant): void;
  mend(): void;
}

export interface Trees {
  readonly all: readonly Tree[];
  /** Removes them. Safe to repeat. */
  remove(): void;
}

/** So many copies of the tree as it is now, removed when this process ends, whatever ends it. */
export function copyTrees(count: number): Trees {
  const base = mkdtempSync(join(tmpdir(), 'mutants-'));
  const remove = () => rmSync(base, { recursive: true, force: true, maxRetries: 10 });
  process.on('exit', remove);
  try {
    const all = Array.from({ length: count }, (_, index) => copyTree(join(base, `tree-${index + 1}`)));
    return { all, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function copyTree(folder: string): Tree {
  mkdirSync(folder);
  for (const name of COPIED) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter: (path) => !isLeftOut(path) });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  let mended: (() => void) | null = null;
  return {
    folder,
    breakGuard(one) {
      const path = join(folder, 'lambda', 'export', one.file);
      const source = readText(path);
      writeFileSync(path, broken(source, one));
      mended = () => writeFileSync(path, source);
    },
    mend() {
      mended?.();
      mended = null;
    },
  };
}

function isLeftOut(path: string): boolean {
  return /[\\/](node_modules|reports)$/.test(path);
}

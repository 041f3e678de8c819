/** The command line of `npm run mutants`. */
import { parseArgs } from 'node:util';

export const USAGE = `The tests are tested: each guard of the exporter is broken on purpose, and the simulation has to notice.

Usage: npm run mutants -- [--only <part of a name>] [--write]
       npm run mutants -- --find [--only <part of a name>] [--seeds <number>] [--write]

  --only    mutants whose name has this part, in any case; may be given several times
  --write   writes the table to MUTANTS.md; with --find, the seeds that were found to seeds.json
  --find    looks for a seed that catches each break: the one that is recorded, or else the first of so many
  --seeds   how many to try, 1 … 1000000 (default 3000)
  --help    this text

A mutant that makes a run hang, or the process die, counts as caught, and the table says so.

Exit code: 0 every mutant is caught; 1 one is not, or cannot be made, or the unbroken exporter fails; 2 the command line is wrong.
`;

export interface BreaksOptions {
  /** Parts of names; empty: all mutants. */
  readonly only: readonly string[];
  readonly write: boolean;
  /** Null: run what is recorded. */
  readonly find: { readonly seeds: number } | null;
}

const MAX_SEEDS = 1_000_000;

/** The command line as options; null asks for the usage. Throws an Error that says what is wrong with it. */
export function parseCommandLine(args: readonly string[]): BreaksOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      write: { type: 'boolean', default: false },
      find: { type: 'boolean', default: false },
      seeds: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { only, write, find, seeds, help } = values;
  if (help) return null;
  if (only.includes('')) throw new Error('--only is a part of a name, not ""');
  if (seeds !== undefined && !find) throw new Error('--seeds says how many seeds to try with --find: leave it out');
  if (write && !find && only.length > 0) throw new Error('--write writes the whole table: leave out --only');
  return { only, write, find: find ? { seeds: seedCount(seeds ?? '3000') } : null };
}

function seedCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MAX_SEEDS) return count;
  throw new Error(`--seeds is a whole number from 1 to ${MAX_SEEDS}, not "${text}"`);
}

/** What the set-up leaves for the tests: one server, one exported world, a database for each flavour of the views. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Flavour } from '../../lib/athena/view-encoding';
import { Trino } from './client';
import { CATALOG } from './server';

/** Set by the set-up: the file that `readContext` reads. */
const CONTEXT_VARIABLE = 'TRINO_TEST_CONTEXT';

interface Context {
  readonly url: string;
  readonly home: string;
  /** Everything that the tests write. */
  readonly folder: string;
  readonly metastore: string;
  /** One folder a bucket. */
  readonly buckets: string;
  /** Of the exported world: by domain, what is not as the history says. */
  readonly problems: Readonly<Record<string, readonly string[]>>;
}

/** The databases over the exported world. */
export const DATABASES: Readonly<Record<Flavour, string>> = { raw: 'audit_raw', curated: 'audit_curated' };

export function writeContext(context: Context): void {
  const file = join(context.folder, 'context.json');
  mkdirSync(context.folder, { recursive: true });
  writeFileSync(file, JSON.stringify(context));
  process.env[CONTEXT_VARIABLE] = file;
}

/** Throws where no set-up has run. */
export function readContext(): Context {
  const file = process.env[CONTEXT_VARIABLE];
  if (file === undefined) throw new Error('There is no Trino: start these tests by .ci/trino/run.sh');
  return JSON.parse(readFileSync(file, 'utf8')) as Context;
}

/** A client whose statements find the tables of the database by their bare names, as in Athena. */
export function clientOf({ url }: Pick<Context, 'url'>, schema: string): Trino {
  return new Trino(url, { catalog: CATALOG, schema });
}

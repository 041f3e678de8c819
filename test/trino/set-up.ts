import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientOf, DATABASES, writeContext } from './context';
import { createDatabase, mustRefresh } from './database';
import { startTrino, type TrinoServer } from './server';
import { DOMAINS, exportWorld } from './world';

/** For the tear-down, which runs in the same process. */
export const running: { server?: TrinoServer; folder?: string } = {};

/** A day before anything was exported: the projected range begins before the first file. */
const FIRST_EXPORT_DATE = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);

/** Starts Trino while the world is exported, makes a database for each flavour, and fills the curated table. */
// biome-ignore lint/style/noDefaultExport: jest asks for it.
export default async function setUp(): Promise<void> {
  const home = process.env['TRINO_HOME'];
  if (home === undefined) throw new Error('TRINO_HOME is not set: start these tests by .ci/trino/run.sh');
  const folder = mkdtempSync(join(tmpdir(), 'trino-'));
  running.folder = folder;
  const buckets = join(folder, 'buckets');
  const [server, { problems }] = await Promise.all([startTrino({ home, folder }), exportWorld(buckets)]);
  running.server = server;
  const { url, metastore } = server;
  for (const flavour of ['raw', 'curated'] as const) {
    const name = DATABASES[flavour];
    const options = { name, flavour, metastore, buckets, domains: DOMAINS, firstExportDate: FIRST_EXPORT_DATE };
    const refresh = await createDatabase(clientOf({ url }, name), options);
    if (flavour === 'raw') continue;
    await mustRefresh(refresh);
  }
  writeContext({ url, home, folder, metastore, buckets, problems });
}

/** A Trino on a free loopback port, over the files of local buckets and a metastore that is a folder. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Trino } from './client';

/** Athena's name for Glue's catalog: statements may name it. */
export const CATALOG = 'awsdatacatalog';
/** Iceberg is a connector of its own here; each of the two sends what it does not read to the other. */
const ICEBERG_CATALOG = 'iceberg';

export interface TrinoServer {
  readonly url: string;
  /** Where the metastore keeps its tables, one folder a database. */
  readonly metastore: string;
  close(): Promise<void>;
}

interface TrinoServerOptions {
  /** Where Trino is: the folder that `.ci/trino/fetch.sh` prints. */
  readonly home: string;
  /** For settings, logs and the metastore. Servers that share one must not write at the same time. */
  readonly folder: string;
  /** Time zone of the JVM. Athena's is UTC. */
  readonly timeZone?: string;
  readonly heapMb?: number;
  /** For long runs: compiles what is hot once more, which a test never gets to profit from. */
  readonly optimize?: boolean;
}

const VERSION = '406';
const READY_WITHIN_MS = 300_000;

/**
 * Starts a server and waits until it can read tables of both catalogs. Rejects, with the end of its log, if it dies or does not
 * get ready.
 */
export async function startTrino(options: TrinoServerOptions): Promise<TrinoServer> {
  const port = await freePort();
  const metastore = join(options.folder, 'metastore');
  const etc = join(options.folder, `etc-${port}`);
  mkdirSync(metastore, { recursive: true });
  mkdirSync(join(etc, 'catalog'), { recursive: true });
  const properties = settings(port, metastore, options.optimize ?? false);
  for (const [name, values] of Object.entries(properties)) writeProperties(join(etc, `${name}.properties`), values);

  const log = join(options.folder, `trino-${port}.log`);
  const child = spawn(javaOf(), commandLine(options, etc), { stdio: ['pipe', 'pipe', 'pipe'] });
  const output = createWriteStream(log);
  child.stdout.pipe(output);
  child.stderr.pipe(output);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  const kill = () => child.kill('SIGKILL');

  const url = `http://127.0.0.1:${port}`;
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  const trino = new Trino(url);
  for (;;) {
    try {
      await readEachCatalog(trino, `ready_${port}`);
      break;
    } catch (error) {
      if (hasEnded || Date.now() > giveUpAt) {
        kill();
        throw new Error(`Trino did not get ready: ${String(error)}\n${readFileSync(log, 'utf8').slice(-4_000)}`);
      }
      await sleep(500);
    }
  }
  return {
    url,
    metastore,
    async close() {
      // Nothing of it is kept, so it need not end in good order.
      kill();
      await ended;
    },
  };
}

function commandLine(
  { home, timeZone = 'UTC', heapMb = 2_048, optimize = false }: TrinoServerOptions,
  etc: string,
): string[] {
  return [
    `-Xmx${heapMb}m`,
    '-XX:+UseG1GC',
    '-XX:-UsePerfData',
    ...(optimize ? [] : ['-XX:TieredStopAtLevel=1']),
    // Trino compiles expressions to classes; without room for them queries fail.
    '-XX:ReservedCodeCacheSize=256m',
    `-Duser.timezone=${timeZone}`,
    // Trino wants to be able to look into itself.
    '-Djdk.attach.allowAttachSelf=true',
    `-Dconfig=${join(etc, 'config.properties')}`,
    `-Dcatalog.config-dir=${join(etc, 'catalog')}`,
    `-Dplugin.dir=${join(home, 'plugin')}`,
    `-Dnode.data-dir=${etc}`,
    '-Dnode.environment=test',
    '-Dnode.id=one',
    '-Dnode.internal-address=127.0.0.1',
    '-Dnode.bind-ip=127.0.0.1',
    '-cp',
    `${join(home, 'main')}:${join(home, 'lib')}/*`,
    'TrinoServer',
    VERSION,
  ];
}

function settings(port: number, metastore: string, optimize: boolean): Record<string, Record<string, string>> {
  const files = { 'hive.metastore.catalog.dir': `file://${metastore}` };
  return {
    config: {
      coordinator: 'true',
      'node-scheduler.include-coordinator': 'true',
      'http-server.http.port': String(port),
      'discovery.uri': `http://127.0.0.1:${port}`,
      // The one node is not given up because a busy machine kept it from announcing itself for half a minute.
      'discovery.max-age': '10m',
      'failure-detector.enabled': 'false',
      'query.max-memory': '1GB',
      'query.max-memory-per-node': '1GB',
      'memory.heap-headroom-per-node': '400MB',
      ...(optimize ? {} : { 'task.concurrency': '1', 'task.max-worker-threads': '4' }),
    },
    [`catalog/${CATALOG}`]: {
      'connector.name': 'hive',
      'hive.metastore': 'file',
      ...files,
      // Without it nothing may be dropped, not even what tells that the server is ready.
      'hive.security': 'allow-all',
      'hive.partition-projection-enabled': 'true',
      // In S3 there are no folders: a day without a file is an empty list.
      'hive.ignore-absent-partitions': 'true',
      'hive.iceberg-catalog-name': ICEBERG_CATALOG,
      // What another exporter adds is seen at once.
      'hive.file-status-cache-expire-time': '0s',
    },
    [`catalog/${ICEBERG_CATALOG}`]: {
      'connector.name': 'iceberg',
      'iceberg.catalog.type': 'TESTING_FILE_METASTORE',
      ...files,
      'iceberg.hive-catalog-name': CATALOG,
      'iceberg.compression-codec': 'ZSTD',
      'iceberg.expire_snapshots.min-retention': '0s',
      'iceberg.remove_orphan_files.min-retention': '0s',
    },
  };
}

function writeProperties(file: string, values: Readonly<Record<string, string>>): void {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''));
}

/** The command: of JAVA_HOME if that is set, or else of the PATH. */
export function javaOf(): string {
  const home = process.env['JAVA_HOME'];
  return home ? join(home, 'bin', 'java') : 'java';
}

/**
 * `SELECT 1` does not tell that a server is ready: the coordinator answers it by itself, and even lists itself as an active node,
 * seconds before it has heard that this node has the catalogs; until then a scan fails with NO_NODES_AVAILABLE (seen at one
 * start in three).
 */
async function readEachCatalog(trino: Trino, schema: string): Promise<void> {
  await trino.query(`CREATE SCHEMA IF NOT EXISTS ${CATALOG}.${schema}`);
  for (const catalog of [CATALOG, ICEBERG_CATALOG]) {
    const table = `${catalog}.${schema}.${catalog}`;
    await trino.query(`CREATE TABLE IF NOT EXISTS ${table} AS SELECT 1 AS one`);
    await trino.query(`SELECT one FROM ${table} WHERE one > 0`);
    await trino.query(`DROP TABLE ${table}`);
  }
  await trino.query(`DROP SCHEMA ${CATALOG}.${schema}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

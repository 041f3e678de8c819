/** performed_time is the same instant whatever time zone the session or the server has. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ARCHIVE_BUCKET } from '../../local/exporter/stack';
import { Trino } from './client';
import { clientOf, DATABASES, readContext } from './context';
import { EDGE_TIMES } from './edge-events';
import { CATALOG, startTrino, type TrinoServer } from './server';
import { EDGES, readRows } from './world';

const context = readContext();
const TABLES = ['field_changes', 'field_changes_curated'];
const SESSION_ZONES = ['UTC', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Kiritimati'];
/** Half an hour off, with hours that its clocks skip and repeat. */
const SERVER_ZONE = 'America/St_Johns';
let abroad: TrinoServer;
let expected: string[];

beforeAll(async () => {
  const rows = await readRows(join(context.buckets, ARCHIVE_BUCKET));
  expected = rows
    .filter((row) => row['domain_id'] === EDGES)
    .map((row) => new Date(Number(row['performed_time'])).toISOString())
    .sort();
  // A metastore of its own, over the same files.
  const folder = join(context.folder, 'abroad');
  cpSync(context.metastore, join(folder, 'metastore'), { recursive: true });
  abroad = await startTrino({ home: context.home, folder, timeZone: SERVER_ZONE, heapMb: 1_536 });
});

afterAll(() => abroad.close());

test('the world holds every edge of time', () => {
  expect(expected).toEqual(expect.arrayContaining([...EDGE_TIMES]));
});

describe.each(TABLES)('performed_time of %s', (table) => {
  test.each(SESSION_ZONES)('is right in a session of %s', async (timeZone) => {
    expect(await times(clientOf(context, DATABASES.curated).with({ timeZone }), table)).toEqual(expected);
  });

  test.each(SESSION_ZONES)(`is right in a session of %s on a server in ${SERVER_ZONE}`, async (timeZone) => {
    const client = new Trino(abroad.url, { catalog: CATALOG, schema: DATABASES.curated, timeZone });
    expect(await times(client, table)).toEqual(expected);
    // A literal has no zone, and means the same instant in each.
    const [time = ''] = expected.slice(-1);
    const literal = time.replace('T', ' ').replace('Z', '');
    const count = await client.value(
      `SELECT count(*) FROM ${table} WHERE domain_id = '${EDGES}' AND performed_time = TIMESTAMP '${literal}'`,
    );
    expect(count).toBe(expected.filter((each) => each === time).length);
  });
});

async function times(client: Trino, table: string): Promise<string[]> {
  const { rows } = await client.query(`SELECT performed_time FROM ${table} WHERE domain_id = '${EDGES}'`);
  return rows.map(([time]) => `${String(time).replace(' ', 'T').slice(0, 23)}Z`).sort();
}

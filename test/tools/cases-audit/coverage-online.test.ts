/** Promise: coverage and status of a bucket are those of its copy, read no row, and end with 3 where they may not look. */
import { manifestKey } from '../../../lambda/export/domain/keys';
import type { CoverageAnswer } from '../../../tools/cases-audit/period/coverage';
import { answerOf, cli } from './command-line';
import { storesOfFile } from './local-stores';
import { DOMAIN } from './signed-archive';
import { nothingQuarantined, soundArchiveOfFile } from './sound-archive';

const archive = soundArchiveOfFile(nothingQuarantined);
const stores = storesOfFile();
const UNTIL = ['--until', '2026-01-10T13:00Z'];
let bucket: string;
beforeAll(async () => {
  bucket = await stores.bucketOf(archive.sound);
});

const coverage = (of: string) => answerOf<CoverageAnswer>(['coverage', '--bucket', of, ...UNTIL]);

test.each([['coverage', UNTIL] as const, ['status', [] as string[]] as const])(
  '%s of a bucket says what that of its copy says, and reads manifests and notes alone',
  async (name, args) => {
    const calls = stores.callsFromNow();
    const online = await cli([name, '--bucket', bucket, '--json', ...args]);
    const read = calls().filter(({ operation }) => operation === 'GetObject');
    expect(read.filter(({ key }) => !/^(manifests|notes)\//.test(key ?? ''))).toEqual([]);
    const copy = await cli([name, '--offline', archive.folderOf(archive.sound), '--json', ...args]);
    const { archive: _, ...of } = JSON.parse(online.out) as { archive: unknown };
    expect(online.code).toBe(0);
    expect(JSON.parse(copy.out)).toMatchObject(of);
  },
);

test.each(['coverage', 'status'])('%s without permission to list ends with 3 and names it', async (name) => {
  stores.s3.setFault(({ operation }) =>
    operation === 'ListObjectVersions' ? { kind: 'error', code: 'AccessDenied' } : undefined,
  );
  const { code, err } = await cli([name, '--bucket', bucket]);
  expect(code).toBe(3);
  expect(err).toContain('allow s3:ListBucketVersions');
});

test('a manifest that may not be read leaves the answer open: 3, never a no or a yes', async () => {
  stores.s3.setFault(({ key }) =>
    key === manifestKey(DOMAIN, 4) ? { kind: 'error', code: 'AccessDenied' } : undefined,
  );
  expect(await coverage(bucket)).toMatchObject({
    exitCode: 3,
    verdict: 'unknown',
    domains: [{ completeUntil: null, reasons: [{ code: 'denied', words: expect.stringContaining('s3:GetObject') }] }],
  });
  stores.s3.setFault(({ key }) =>
    key === manifestKey(DOMAIN, 8) ? { kind: 'error', code: 'AccessDenied' } : undefined,
  );
  expect((await cli(['status', '--bucket', bucket])).code).toBe(3);
});

test('a bucket without anything is a no; one that does not exist is a wrong call', async () => {
  const empty = await stores.bucketOf([]);
  expect(await coverage(empty)).toMatchObject({ exitCode: 1, domains: [] });
  expect((await cli(['status', '--bucket', empty])).code).toBe(1);
  for (const name of ['coverage', 'status']) {
    const { code, err } = await cli([name, '--bucket', 'no-such-bucket']);
    expect(code).toBe(2);
    expect(err).toContain('there is no such bucket');
  }
});

test('row files behind a delete marker are gone, and so are manifests', async () => {
  const hidden = await stores.bucketOf(archive.sound);
  stores.s3.remove(hidden, manifestKey(DOMAIN, 5));
  const answer = await coverage(hidden);
  expect(answer.exitCode).toBe(1);
  expect(answer.domains[0]?.reasons.map(({ code }) => code)).toContain('holes-in-chain');
});

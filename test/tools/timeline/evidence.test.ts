/** Promise: a manifest that was tampered with cannot make the page read, or vouch for, a file outside of the archive. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256, toJsonBytes } from '../../../lambda/export/domain/manifest';
import { readDictionary } from '../../../tools/timeline/dictionary';
import { readEvidence, readQuarantine } from '../../../tools/timeline/evidence';

const OUTSIDE = 'fields/../../outside.json';
const QUARANTINE_OUTSIDE = 'quarantine/../../outside.json';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'evidence-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('Keys that lead out of the archive count as missing, though the file is there with the right hash', () => {
  const archive = join(folder, 'archive');
  const outside = toJsonBytes({
    version: 1,
    seq: 1,
    fields: [{ fieldId: 'f', name: 'From outside', type: 'Text', namespace: 'Custom', deleted: false }],
    events: [{ caseId: 'case-1', eventKey: 'event-1', emitted: false }],
  });
  mkdirSync(join(archive, 'manifests/domain_id=d'), { recursive: true });
  mkdirSync(join(archive, 'fields'), { recursive: true });
  mkdirSync(join(archive, 'quarantine'), { recursive: true });
  writeFileSync(join(folder, 'outside.json'), outside);
  writeFileSync(
    join(archive, 'manifests/domain_id=d/000000000001.json'),
    toJsonBytes({
      domainId: 'd',
      seq: 1,
      previousSha256: null,
      exportedAt: '2026-01-10T12:00:00.000Z',
      lanes: { live: { watermark: 1 }, related: { watermark: 1 }, sweep: null },
      objects: [OUTSIDE, QUARANTINE_OUTSIDE].map((key) => ({ key, sha256: sha256(outside) })),
      gaps: [],
      gone: [],
    }),
  );

  const { commits, problems } = readEvidence(archive, 'd');
  expect(problems).toEqual([`${OUTSIDE} is missing.`, `${QUARANTINE_OUTSIDE} is missing.`]);
  expect(readDictionary(archive, commits).fieldNow('f')).toBeUndefined();
  expect(readQuarantine(archive, commits, 'case-1').open).toBe(0);
});

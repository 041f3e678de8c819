/** Promises: a manifest that was tampered with is named, with what is wrong, and cannot make the page read, or vouch for, a file outside. */
import { join } from 'node:path';
import { DICTIONARY } from '../../../lambda/export/domain/fields';
import { sha256, toJsonBytes } from '../../../lambda/export/domain/stored-form';
import { openFolder } from '../../../tools/cases-audit/archive/folder';
import { verifyFolder } from '../../../tools/cases-audit/verify/verify-folder';
import { evidenceOf, readCommits, readDictionary, readIfSound, readQuarantine } from '../../../tools/timeline/evidence';
import { saveFiles, scratchOfFile } from '../../support/scratch';
import { aManifest } from '../../support/stored-values';

const OUTSIDE = 'fields/../../outside.json';
const QUARANTINE_OUTSIDE = 'quarantine/../../outside.json';

const scratch = scratchOfFile();

test('Keys that lead out of the archive stand against their manifest, though the file is there with the right hash', async () => {
  const folder = scratch.emptyFolder();
  const archive = join(folder, 'archive');
  const outside = toJsonBytes({
    version: 1,
    domainId: 'd',
    seq: 1,
    fields: [{ fieldId: 'f', name: 'From outside', type: 'Text', namespace: 'Custom', deleted: false }],
    events: [{ caseId: 'case-1', eventKey: 'event-1', reason: 'type', emitted: false, event: {} }],
  });
  const objects = [OUTSIDE, QUARANTINE_OUTSIDE].map((key) => ({ key, sha256: sha256(outside), bytes: outside.length }));
  saveFiles(folder, [
    ['outside.json', outside],
    ['archive/manifests/domain_id=d/000000000001.json', toJsonBytes(aManifest({ domainId: 'd', objects }))],
    // Without them no key could lead out of them.
    ['archive/fields/x', ''],
    ['archive/quarantine/x', ''],
  ]);

  const { commits, problems } = await readEvidence(archive, 'd');
  for (const key of [OUTSIDE, QUARANTINE_OUTSIDE]) {
    expect(problems).toContain(`Manifest 1 lists ${key}, which is no place of an object of this commit.`);
  }
  const opened = openFolder(archive);
  expect((await readDictionary(opened, commits)).fieldNow('f')).toBeUndefined();
  expect((await readQuarantine(opened, commits, 'case-1')).open).toBe(0);
});

test.each([
  ['is not JSON', '{"version":1,', 'is not JSON (13 bytes, SHA-256 '],
  ['is of a later version', JSON.stringify({ ...aManifest(), version: 2 }), 'has version 2, expected 1 to 1'],
  ['is null', 'null', 'has no version, expected 1 to 1'],
  ['lacks a member', JSON.stringify({ ...aManifest(), gaps: undefined }), 'gaps: '],
  ['has a text for a number', JSON.stringify({ ...aManifest(), seq: '1' }), 'seq: '],
])(
  'A manifest that %s is a problem that names its key and the reason; the others are read',
  async (_, text, reason) => {
    const archive = scratch.emptyFolder();
    const prefix = 'manifests/domain_id=domain-1';
    saveFiles(archive, [
      [`${prefix}/000000000001.json`, toJsonBytes(aManifest())],
      [`${prefix}/000000000002.json`, text],
    ]);
    const { commits, problems } = await readEvidence(archive, 'domain-1');
    expect(commits.map(({ seq }) => seq)).toEqual([1]);
    expect(problems).toEqual([expect.stringContaining(`The manifest ${prefix}/000000000002.json `)]);
    expect(problems[0]).toContain(reason);
  },
);

test('A dictionary or quarantine that is missing, or does not fit, is left out, as its hash is checked elsewhere', async () => {
  const archive = scratch.emptyFolder();
  const unsound = toJsonBytes({ version: 1, domainId: 'd', seq: 1, fields: [null] });
  saveFiles(archive, [
    ['fields.json', unsound],
    ['fields/x', ''],
  ]);
  expect(await readIfSound(DICTIONARY, openFolder(archive), 'fields.json')).toBeUndefined();
  expect(await readIfSound(DICTIONARY, openFolder(archive), 'nowhere.json')).toBeUndefined();
});

async function readEvidence(folder: string, partition: string) {
  const checked = await verifyFolder(folder, { domain: partition });
  return evidenceOf(partition, await readCommits(openFolder(folder), partition), checked);
}

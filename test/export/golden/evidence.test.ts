/**
 * Promise: what was written once is read, and would be written, byte by byte the same by every later version. The files of
 * `evidence-v1/` never change: a format that must change gets a new version beside them.
 */
import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { caseDigests, caseSalt, digestList, parseSeed, sliceOf } from '../../../lambda/export/domain/case-slice';
import type { FieldChange } from '../../../lambda/export/domain/columns';
import {
  noteText,
  parseNote,
  parseNoteText,
  signatureLine,
  signedNote,
} from '../../../lambda/export/domain/commit-note';
import { type Manifest, parseManifest } from '../../../lambda/export/domain/manifest';
import {
  digestOfText,
  keyNameOf,
  noteKeyOf,
  parsePublicKeyPem,
  toPem,
  verifyNote,
} from '../../../lambda/export/domain/note-keys';
import { sha256, toJsonBytes } from '../../../lambda/export/domain/stored-form';
import { ecKeyFromText, signDigest } from '../../../local/kms/ecdsa';
import { row } from '../../support/rows';

const DOMAIN = '1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9';
const CASE = '9f8e7d6c-5b4a-4392-8171-605f4e3d2c1b';
const OTHER_CASE = '00000000-0000-4000-8000-000000000002';
const SEQ = 12;
const SEED = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

function golden(name: string): Buffer {
  return readFileSync(join(__dirname, 'evidence-v1', name));
}

function change(part: Partial<FieldChange>): FieldChange {
  return row({
    case_id: CASE,
    event_id: 'event-2',
    performed_time: new Date('2026-06-15T11:58:00.007Z'),
    performed_by_user_arn: 'arn:aws:connect:eu-central-1:111122223333:instance/i/agent/a',
    performed_by_iam_principal_arn: 'arn:aws:iam::111122223333:role/desk',
    field_id: 'title',
    field_name: 'Titel – „ü"\u2028\\',
    field_type: 'Text',
    old_value_type: 'empty',
    old_value: null,
    new_value: '',
    template_id: null,
    ...part,
  });
}

const ROWS: readonly FieldChange[] = [
  change({
    event_id: 'event-1',
    event_type: 'RelatedItem.Created',
    performed_time: new Date('2026-06-15T11:57:59.000Z'),
    related_item_type: 'Comment',
    performed_by_user_arn: null,
    performed_by_custom_entity: 'entity',
    performed_by_iam_principal_arn: null,
    field_id: null,
    field_name: null,
    field_type: null,
    field_namespace: null,
    old_value_type: null,
    new_value_type: null,
    new_value: null,
    other: '{"event":{"newMember":true}}',
  }),
  change({}),
  change({
    field_index: 1,
    field_id: 'amount',
    field_name: 'Amount',
    field_type: 'Number',
    field_namespace: 'Custom',
    old_value_type: 'double',
    old_value: '-0',
    old_value_double: 0,
    new_value_type: 'double',
    new_value: '12345678901234567890.5',
    new_value_double: 12345678901234567000,
    template_id: 'template-1',
  }),
  change({
    field_index: 2,
    field_id: 'vip',
    field_name: null,
    field_type: null,
    field_namespace: null,
    old_value_type: 'futureValue',
    old_value: '{"a":[1,null]}',
    new_value_type: 'boolean',
    new_value: 'true',
    new_value_boolean: true,
    performed_by_user_arn: null,
    performed_by_other: '{"newKind":"n"}',
    other: '{"field":{"x":"😀"}}',
  }),
];

const RAW = {
  eventId: 'event-3',
  type: 'Case.Updated',
  performedTime: { $date: 'Invalid Date' },
  fields: [{ eventFieldId: '\ud800' }],
};

const COMMITTED = { domainId: DOMAIN, seq: SEQ, seed: parseSeed(SEED) };
const QUARANTINED = [{ caseId: CASE, event: RAW }];
const ALL_ROWS = [...ROWS, change({ case_id: OTHER_CASE })];

const MANIFEST: Manifest = {
  version: 1,
  domainId: DOMAIN,
  seq: SEQ,
  previousSha256: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
  runId: 'c0ffee00-0000-4000-8000-000000000001',
  fence: 14,
  exportDate: '2026-06-15',
  exportedAt: '2026-06-15T12:00:00.123Z',
  lanes: {
    live: {
      watermark: 1_781_524_500_000,
      passStartedAt: null,
      anchor: null,
      provenUntil: 1_781_524_500_000,
      heldPasses: 0,
    },
    related: { watermark: 1_781_524_501_000, walk: null, ticksWithoutBottom: 0, heldPasses: 0 },
    sweep: {
      number: 1,
      purpose: 'history',
      startedAt: 1_781_438_400_000,
      anchor: 1_700_000_000_000,
      finishedAt: null,
      exportFrom: null,
      paidUntil: null,
      casesRead: 100,
      eventsMissed: 0,
      totalCount: 5_000,
      casesFound: 120,
      casesHidden: 0,
      heldPasses: 0,
      isAccounted: true,
    },
  },
  livePassFinished: true,
  counts: {
    calls: { SearchCases: 2, GetCaseAuditEvents: 3 },
    casesFound: 2,
    casesRead: 2,
    pages: 2,
    events: 4,
    rows: 5,
    quarantined: 1,
    replayed: 0,
    nullElements: 0,
    anomalies: 0,
    totalCount: 5_000,
  },
  objects: [
    {
      key: `field_changes/domain_id=${DOMAIN}/export_date=2026-06-15/000000000012.parquet`,
      sha256: '7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730',
      bytes: 4_321,
      rows: 5,
      firstPerformedTime: '2026-06-15T11:57:59.000Z',
      lastPerformedTime: '2026-06-15T11:58:00.007Z',
    },
  ],
  redo: { sha256: 'bf07a7fbb825fc0aae7bf4a1177b2b31fcf8a3feeaf7092761e18c859ee52a9c', bytes: 321 },
  gaps: [{ caseId: 'gap', cause: 'refused', since: '2026-06-14T00:00:00.000Z', attempts: 3 }],
  debts: [
    { cause: 'refused', cases: 1, neverRead: 1, since: 1_781_395_200_000, missingFrom: null },
    { cause: 'waiting', cases: 2, neverRead: 0, since: 1_781_524_700_000, missingFrom: 1_781_524_000_000 },
  ],
  history: null,
  unexplainedTouches: 0,
  changedUpstream: [],
  halfRead: [{ caseId: 'half', templateId: null, touched: 1_781_524_000_000 }],
  openQuarantine: 1,
  gone: [],
  cases: { count: 2, sha256: digestList(caseDigests(COMMITTED, ALL_ROWS, QUARANTINED).values()).sha256 },
  signingKeys: [noteKeyOf(ecKeyFromText('golden').spki).sha256],
  voids: null,
  bundleSha256: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
  settingsSha256: 'fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9',
};

describe('This version writes', () => {
  test('the slice', () => {
    const header = { domainId: DOMAIN, commitSeq: SEQ, caseId: CASE, salt: caseSalt(COMMITTED.seed, CASE) };
    expect(Buffer.from(sliceOf(header, ROWS, [RAW])).toString()).toBe(golden('slice.jsonl').toString());
  });

  test('the list of digests', () => {
    expect(digestList(caseDigests(COMMITTED, ALL_ROWS, QUARANTINED).values()).text).toBe(
      golden('digests.txt').toString(),
    );
  });

  test('the manifest', () => {
    expect(Buffer.from(toJsonBytes(MANIFEST)).toString()).toBe(golden('manifest.ndjson').toString());
  });

  test('the note', () => {
    const key = ecKeyFromText('golden');
    const text = noteText(MANIFEST, sha256(toJsonBytes(MANIFEST)));
    const line = signatureLine(keyNameOf(KEY_ARN), noteKeyOf(key.spki).id, signDigest(key, digestOfText(text)));
    expect(Buffer.from(signedNote(text, [line])).toString()).toBe(golden('commit.note').toString());
  });

  test('the key', () => {
    expect(toPem(noteKeyOf(ecKeyFromText('golden').spki))).toBe(golden('key.pem').toString());
  });
});

describe('This version reads', () => {
  const note = parseNote(golden('commit.note'));
  const manifest = parseManifest(golden('manifest.ndjson'), { domainId: DOMAIN, seq: SEQ });

  test('a note that follows from its manifest and is signed by the key', () => {
    expect(note.text).toBe(noteText(manifest, sha256(golden('manifest.ndjson'))));
    const key = parsePublicKeyPem(golden('key.pem').toString());
    expect(verifyNote(note, [key])).toEqual({ signedBy: [key], invalid: [], unknown: [] });
  });

  test('a manifest and a note that bind the list, which holds the slice', () => {
    const list = golden('digests.txt');
    expect(manifest.cases).toEqual({ count: 2, sha256: sha256(list) });
    expect(parseNoteText(note.text).cases).toBe(`2 ${sha256(list)}`);
    expect(list.toString().split('\n')).toContain(sha256(golden('slice.jsonl')));
  });
});

/** With nothing of ours, as by hand. */
describe('The files agree with each other', () => {
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const [text = '', signature = ''] = golden('commit.note').toString().split('\n\n');

  test('the signature is of the text, by the key that its first four bytes name', () => {
    const key = createPublicKey(golden('key.pem'));
    const payload = Buffer.from(signature.trim().split(' ')[2] ?? '', 'base64');
    expect(verify('sha256', Buffer.from(`${text}\n`), key, payload.subarray(4))).toBe(true);
    expect(payload.subarray(0, 4).toString('hex')).toBe(hash(key.export({ type: 'spki', format: 'der' })).slice(0, 8));
  });

  test('the text holds the hashes of the manifest and the list', () => {
    expect(text.split('\n')).toContain(`manifest ${hash(golden('manifest.ndjson'))}`);
    expect(text.split('\n')).toContain(`cases 2 ${hash(golden('digests.txt'))}`);
  });

  test('the salt of the slice follows from the seed and the case', () => {
    const first = JSON.parse(golden('slice.jsonl').toString().split('\n')[0] ?? '') as {
      salt: string;
      case_id: string;
    };
    expect(first.salt).toBe(createHmac('sha256', Buffer.from(SEED, 'hex')).update(first.case_id).digest('hex'));
  });
});

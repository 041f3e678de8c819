/** Ways to tamper with the small archive. The verifier and whoever checks by hand have to find each of them. */
import type { FieldChange } from '../../../lambda/export/domain/columns';
import { commitKeyOf } from '../../../tools/cases-audit/archive/archive-keys';
import { DOMAIN, type Files } from './signed-archive';
import { at, inManifest, type ModelChange } from './sound-archive';

/** The day of all its commits. */
export const DAY = '2026-01-10';

/** Changes one file and no hash. */
export type FileChange = (files: Files, key: string) => void;

export const flipByte: FileChange = (files, key) => {
  const bytes = Buffer.from(files.get(key) as Uint8Array);
  // In the text of a note, where a signature covers it.
  const place = key.startsWith('notes/') ? 60 : Math.floor(bytes.length / 2);
  bytes[place] = (bytes[place] as number) ^ 1;
  files.set(key, bytes);
};

export const appendNewline: FileChange = (files, key) =>
  void files.set(key, Buffer.concat([files.get(key) as Uint8Array, Buffer.from('\n')]));

export const moveTo =
  (place: (key: string) => string): FileChange =>
  (files, key) => {
    files.set(place(key), files.get(key) as Uint8Array);
    files.delete(key);
  };
export const toOtherDomain = (key: string) => key.replace(DOMAIN, 'domain-2');
export const renamed = (key: string) => key.replace(/\.(\w+)$/, '-renamed.$1');

/** The files of commits, without public keys. */
export const filesOfCommits = (files: Files): string[] => [...files.keys()].filter((key) => commitKeyOf(key) !== null);

/** Files of these commits, of whatever kind. */
export const isOfCommit =
  (...seqs: readonly number[]) =>
  (key: string): boolean =>
    seqs.includes(commitKeyOf(key)?.seq ?? 0);

export const FOREIGN_KEYS = [
  `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/forged`,
  `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/000000000999.parquet`,
  `field_changes/domain_id=${DOMAIN}/export_date=2020-01-01/000000000002.parquet`,
  `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/._000000000001.parquet`,
  `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/000000000001 - Copy.parquet`,
  `field_changes/domain_id=domain-2/export_date=${DAY}/000000000001.parquet`,
  'field_changes/other.parquet',
  `fields/domain_id=${DOMAIN}/000000000002.json`,
  `quarantine/domain_id=${DOMAIN}/000000000001.json`,
  `quarantine/domain_id=${DOMAIN}/[a-z]*.json`,
  `manifests/domain_id=${DOMAIN}/readme.txt`,
  'notes/keys/readme.txt',
  'other/place/file.parquet',
  '.DS_Store',
] as const;

export const dropRow: ModelChange = (all) => {
  at(all, 2).rows.shift();
  inManifest(2, ({ counts }) => ({ counts: { ...counts, rows: 1 } }))(all);
};
export const doubleRow: ModelChange = (all) => {
  at(all, 7).rows.unshift(at(all, 2).rows[0] as FieldChange);
  inManifest(7, ({ counts }) => ({ counts: { ...counts, rows: 3 } }))(all);
};
export const alterRow: ModelChange = (all) => {
  Object.assign(at(all, 2).rows[0] as FieldChange, { event_type: 'Case.Forged' });
};
export const alterWatermark: ModelChange = inManifest(4, ({ lanes }) => ({
  lanes: { ...lanes, live: { ...lanes.live, watermark: (lanes.live.watermark ?? 0) + 60_000 } },
}));
export const alterSeed: ModelChange = (all) => {
  at(all, 2).seed = Buffer.alloc(32);
};
const alterDictionary: ModelChange = (all) => {
  at(all, 1).fields = { ...at(all, 1).fields, templates: null };
};
export const alterQuarantine: ModelChange = (all) => {
  Object.assign(at(all, 3).quarantine?.events[0] ?? {}, { event: { forged: true } });
};
const leaveOutCommit: ModelChange = (all) => {
  all.splice(6, 1);
  at(all, 7).manifest.seq = 7;
};

/** After which all hashes are made anew: what was done, and the first commit that it concerns. */
export const MODEL_CHANGES: readonly (readonly [string, ModelChange, first: number])[] = [
  ['a row dropped', dropRow, 2],
  ['a row doubled', doubleRow, 7],
  ['a row altered, with its statistics', alterRow, 2],
  ['a count altered', inManifest(2, ({ counts }) => ({ counts: { ...counts, casesRead: 99 } })), 2],
  ['the gone list altered', inManifest(6, { gone: ['case-4', 'case-1'] }), 6],
  ['a watermark altered', alterWatermark, 4],
  ['the seed changed', alterSeed, 2],
  ['the dictionary altered', alterDictionary, 1],
  ['the quarantine object altered', alterQuarantine, 3],
  ['a commit left out and the later ones renumbered', leaveOutCommit, 7],
];

/** Breaks of the checker in what it asks of buckets, tables and held notes, and in what it says. */
import { type VerifierMutant, verifierMutants } from './verifier-mutants';

/** Hashes are left as they were, or nothing needs one. */
const FILES = 'tamper-files.test.ts';
/** Wrong calls, and state files. */
const BAD_INPUT = 'bad-input.test.ts';
/** Against a bucket with versions, a table and a mirror. */
const ONLINE = 'online.test.ts';
/** What a bucket or a table does not tell, and an exporter that goes on. */
const EDGES = 'online-edges.test.ts';
/** The parts by themselves, and what one check leaves for the next. */
const PARTS = 'verify-parts.test.ts';

/** The objects of a commit, and the keys that a store has. */
const OBJECTS: readonly VerifierMutant[] = [
  ...verifierMutants('object-check.ts', FILES, {
    'does not compare the hash of an object': [
      'object-altered',
      'if (size === object.bytes && hash === object.sha256) return true;',
      'if (size === object.bytes) return true;',
    ],
    'says nothing of a file that a folder lacks': [
      'object-missing',
      'if (found === null) return missing(sources, commit, placed);',
      "if (found === null) return archive.kind === 'folder' ? null : missing(sources, commit, placed);",
    ],
  }),
  ...verifierMutants('object-check.ts', EDGES, {
    'says nothing of an object that a bucket lacks': [
      'object-missing',
      'if (found === null) return missing(sources, commit, placed);',
      "if (found === null) return archive.kind === 'bucket' ? null : missing(sources, commit, placed);",
    ],
    'takes a store without checksums at its word': [
      'no-checksum',
      'if (found.sha256 === null && found.size === object.bytes) {',
      "if (found.sha256 === null && found.size === object.bytes) return 'by checksum';\n    if (found.sha256 === null && found.size === object.bytes) {",
    ],
    'says nothing of an object that could not be read': [
      'unavailable',
      'return listing.reporter.reading(place, check, null);',
      'return check().catch(() => null);',
    ],
  }),
  ...verifierMutants('listing-check.ts', FILES, {
    'says nothing of keys of no known shape': [
      'foreign-key',
      "    this.reporter.add('foreign-key',",
      "    if (key === '') this.reporter.add('foreign-key',",
    ],
  }),
  ...verifierMutants('listing-check.ts', ONLINE, {
    'takes a delete marker for nothing': ['delete-marker', 'if (deleteMarkers > 0) {', 'if (deleteMarkers > 99) {'],
    'takes a second version for nothing': ['second-version', 'if (versions > 1) {', 'if (versions > 99) {'],
    'takes no lock for a lock': [
      'unlocked',
      '} else if (lock === null) {',
      "} else if (lock === null) {\n      return;\n    } else if (key === '') {",
    ],
  }),
  ...verifierMutants('listing-check.ts', EDGES, {
    'says nothing of a listing that was refused': [
      'denied',
      'this.reporter.add(error.reason, { key: prefix }, error.message);',
      'this.failed.add(prefix);',
    ],
    'takes any lock for one that is long enough': [
      'unlocked',
      'lock.until < writtenAt + (lockDays - 1) * DAY_MS',
      'lock.until < writtenAt',
    ],
    'takes a refused question about locks for a lock': [
      'denied',
      "if (lock === 'denied') {",
      "if (lock === 'denied') return;\n    if (lock === null && key === '') {",
    ],
  }),
  ...verifierMutants('check-domain.ts', FILES, {
    'says nothing of keys that are in no manifest': [
      'foreign-key',
      'for await (const listed of this.#untaken()) if (await this.#isLeft(listed)) isAny = true;',
      'for await (const listed of this.#untaken()) if (isAny && (await this.#isLeft(listed))) isAny = true;',
    ],
    'takes files whose manifest was removed for those of a commit under way': [
      'unfinished',
      'if (seq === highest + 1 && highest > 0) {',
      'if (seq === highest + 1 && highest > 0) return false;\n    if (seq === highest + 1 && highest < 0) {',
    ],
  }),
  ...verifierMutants('check-domain.ts', EDGES, {
    'takes a manifest that may not be read for one that is gone': [
      'denied',
      'return this.#reporter.reading({ commit: seq, key }, hasOne, true);',
      'return hasOne().catch(() => false);',
    ],
    'calls the files of a commit under way foreign': [
      null,
      'if ((await this.#hasManifest(seq)) || (await this.check.isUnderWay(domain, seq))) return false;',
      "if ((await this.#hasManifest(seq)) && domain === '') return false;",
    ],
  }),
  ...verifierMutants('expected-keys.ts', PARTS, {
    'drops keys that memory has no room for': [
      'foreign-key',
      'else this.onForeign(listed);',
      "else if (listed.key === '') this.onForeign(listed);",
    ],
  }),
];

/** Notes that somebody else holds, and the table. */
const HELD: readonly VerifierMutant[] = [
  ...verifierMutants('chain.ts', ONLINE, {
    'does not hold the mirror against the archive': [
      'fork',
      'if (held === sha256) return;',
      "if (held !== '') return;",
    ],
    'says nothing of commits that only the mirror has': [
      'rollback',
      '    if (hasMirrorNote) {',
      '    if (hasMirrorNote && hasNote) {',
    ],
  }),
  ...verifierMutants('verify-archive.ts', PARTS, {
    'does not hold the state file against the archive': [
      'fork',
      'if (found === sha256) return true;',
      "if (found !== '') return true;",
    ],
  }),
  ...verifierMutants('verify-archive.ts', BAD_INPUT, {
    'says nothing where the commit of its state is gone': [
      'rollback',
      'reportRollback(findings, partition, held,',
      'String(',
    ],
    'says nothing of a domain that is wholly gone': [
      'rollback',
      'if (!partitions.includes(partition))',
      'if (partitions.length < 0)',
    ],
  }),
  ...verifierMutants('command.ts', BAD_INPUT, {
    'moves its state past what contradicts': [null, 'if (!result.findings.isWhollyRead) {', "if (path === '') {"],
  }),
  ...verifierMutants('findings.ts', PARTS, {
    'moves its state past what it could not read': [
      null,
      'return [...this.#counts.keys()].every((kind) => LETS_STATE_MOVE.has(kind));',
      "return [...this.#counts.keys()].every((kind) => FINDING_KINDS[kind] === 'unchecked');",
    ],
    'calls sound what it could not check': [
      null,
      "return classes.has('unchecked') ? 'sound-as-far-as-checked' : 'sound';",
      "return 'sound';",
    ],
  }),
  ...verifierMutants('table-check.ts', ONLINE, {
    'lets the table know events that no row holds': [
      'ledger-differs',
      'if (unknown === 0) continue;',
      'if (unknown >= 0) continue;',
    ],
    'lets the table lack events that a row holds': [
      'ledger-differs',
      'for (const seq of left) missing',
      'for (const seq of left) if (seq < 0) missing',
    ],
    'lets the archive end before the table does': [
      'table-differs',
      'if (seq < (before?.applied ?? 0)) {',
      'if (seq < 0) {',
    ],
    'lets the archive end after the table does': [
      'table-differs',
      'if (seq > (after.head?.seq ?? 0)) {',
      'if (seq < 0 * (after.head?.seq ?? 0)) {',
    ],
    'does not compare the hash of the newest manifest with the table': [
      'table-differs',
      'if (known && newest?.seq === seq && known.sha256 !== newest.sha256) {',
      'if (known && known.sha256 === undefined) {',
    ],
    'takes every gap that left for one that was settled': [
      'gap-vanished',
      'if (entry !== null && entry.seq >= seq) continue;',
      'if (entry === null || entry.seq >= seq) continue;',
    ],
  }),
  ...verifierMutants('table-check.ts', EDGES, {
    'takes a table that knows nothing of the domain': [
      'table-differs',
      '  if (after === null) {',
      '  if (after === null) return;\n  if (after === undefined) {',
    ],
  }),
];

/** What a check says that it did not look at. */
const LIMITS: readonly VerifierMutant[] = [
  ...verifierMutants('summary.ts', PARTS, {
    'keeps silent on rows that it did not decode': [
      null,
      "if (!plan.isAll) add('rows',",
      "if (plan.isAll) add('rows',",
    ],
    'keeps silent on commits that it did not look at again': [
      null,
      'if (domains.some(({ since }) => since > 1)) {',
      'if (domains.some(({ since }) => since < 1)) {',
    ],
    'keeps silent on what a folder cannot show': [
      null,
      "if (archive.kind === 'folder') {",
      "if (archive.kind === 'folder' && rows.length < 0) {",
    ],
    'keeps silent on commits that may have been taken away': [
      null,
      'if (held === null && mirror === null) {',
      'if (held === null && mirror !== null) {',
    ],
    'keeps silent on a table that it did not ask': [
      null,
      "if (checkpoints === null) add('the table',",
      "if (checkpoints !== null) add('the table',",
    ],
  }),
];

export const VERIFIER_PLACE_MUTANTS: readonly VerifierMutant[] = [...OBJECTS, ...HELD, ...LIMITS];

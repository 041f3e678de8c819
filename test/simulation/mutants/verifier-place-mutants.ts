/** Breaks of the checker in what it asks of buckets, tables and held notes, and in what it says. */
import { BAD_INPUT, FILES, PARTS, type VerifierMutant, verifierMutants } from './verifier-mutants';

/** Against a bucket with versions, a table and a mirror. */
const ONLINE = 'online.test.ts';
/** What a bucket or a table does not tell, and an exporter that goes on. */
const EDGES = 'online-edges.test.ts';

/** The objects of a commit, and the keys that a store has. */
const OBJECTS: readonly VerifierMutant[] = [
  ...verifierMutants('object-check.ts', FILES, 'object-altered', {
    'does not compare the hash of an object': [
      'if (size === object.bytes && hash === object.sha256) return true;',
      'if (size === object.bytes) return true;',
    ],
    'says nothing of a file that a folder lacks': [
      'if (found === null) return missing(sources, commit, placed);',
      "if (found === null) return archive.kind === 'folder' ? null : missing(sources, commit, placed);",
      'object-missing',
    ],
  }),
  ...verifierMutants('object-check.ts', EDGES, 'object-missing', {
    'says nothing of an object that a bucket lacks': [
      'if (found === null) return missing(sources, commit, placed);',
      "if (found === null) return archive.kind === 'bucket' ? null : missing(sources, commit, placed);",
    ],
    'takes a store without checksums at its word': [
      'if (found.sha256 === null && found.size === object.bytes) {',
      "if (found.sha256 === null && found.size === object.bytes) return 'by checksum';\n    if (found.sha256 === null && found.size === object.bytes) {",
      'no-checksum',
    ],
    'says nothing of an object that could not be read': [
      'return listing.reporter.reading(place, check, null);',
      'return check().catch(() => null);',
      'unavailable',
    ],
  }),
  ...verifierMutants('listing-check.ts', FILES, 'foreign-key', {
    'says nothing of keys of no known shape': [
      "    this.reporter.add('foreign-key',",
      "    if (key === '') this.reporter.add('foreign-key',",
    ],
  }),
  ...verifierMutants('listing-check.ts', ONLINE, 'delete-marker', {
    'takes a delete marker for nothing': ['if (deleteMarkers > 0) {', 'if (deleteMarkers > 99) {'],
    'takes a second version for nothing': ['if (versions > 1) {', 'if (versions > 99) {', 'second-version'],
    'takes no lock for a lock': [
      '} else if (lock === null) {',
      "} else if (lock === null) {\n      return;\n    } else if (key === '') {",
      'unlocked',
    ],
  }),
  ...verifierMutants('listing-check.ts', EDGES, 'denied', {
    'says nothing of a listing that was refused': [
      'this.reporter.add(error.reason, { key: prefix }, error.message);',
      'this.failed.add(prefix);',
    ],
    'takes any lock for one that is long enough': [
      'lock.until < writtenAt + (lockDays - 1) * DAY_MS',
      'lock.until < writtenAt',
      'unlocked',
    ],
    'takes a refused question about locks for a lock': [
      "if (lock === 'denied') {",
      "if (lock === 'denied') return;\n    if (lock === null && key === '') {",
    ],
  }),
  ...verifierMutants('check-domain.ts', FILES, 'foreign-key', {
    'says nothing of keys that are in no manifest': [
      'for await (const listed of this.#untaken()) if (await this.#isLeft(listed)) isAny = true;',
      'for await (const listed of this.#untaken()) if (isAny && (await this.#isLeft(listed))) isAny = true;',
    ],
    'takes files whose manifest was removed for those of a commit under way': [
      'if (seq === highest + 1 && highest > 0) {',
      'if (seq === highest + 1 && highest > 0) return false;\n    if (seq === highest + 1 && highest < 0) {',
      'unfinished',
    ],
  }),
  ...verifierMutants('check-domain.ts', EDGES, 'denied', {
    'takes a manifest that may not be read for one that is gone': [
      'return this.#reporter.reading({ commit: seq, key }, hasOne, true);',
      'return hasOne().catch(() => false);',
    ],
    'calls the files of a commit under way foreign': [
      'if ((await this.#hasManifest(seq)) || (await this.check.isUnderWay(domain, seq))) return false;',
      "if ((await this.#hasManifest(seq)) && domain === '') return false;",
      null,
    ],
  }),
  ...verifierMutants('expected-keys.ts', PARTS, 'foreign-key', {
    'drops keys that memory has no room for': [
      'else this.onForeign(listed);',
      "else if (listed.key === '') this.onForeign(listed);",
    ],
  }),
];

/** Notes that somebody else holds, and the table. */
const HELD: readonly VerifierMutant[] = [
  ...verifierMutants('chain.ts', ONLINE, 'fork', {
    'does not hold the mirror against the archive': ['if (held === sha256) return;', "if (held !== '') return;"],
    'says nothing of commits that only the mirror has': [
      '    if (hasMirrorNote) {',
      '    if (hasMirrorNote && hasNote) {',
      'rollback',
    ],
  }),
  ...verifierMutants('verify-archive.ts', PARTS, 'fork', {
    'does not hold the state file against the archive': [
      'if (found === sha256) return true;',
      "if (found !== '') return true;",
    ],
  }),
  ...verifierMutants('verify-archive.ts', BAD_INPUT, 'rollback', {
    'says nothing where the commit of its state is gone': ['reportRollback(findings, partition, held,', 'String('],
    'says nothing of a domain that is wholly gone': [
      'if (!partitions.includes(partition))',
      'if (partitions.length < 0)',
    ],
  }),
  ...verifierMutants('command.ts', BAD_INPUT, null, {
    'moves its state past what contradicts': ['if (!result.findings.isWhollyRead) {', "if (path === '') {"],
  }),
  ...verifierMutants('findings.ts', PARTS, null, {
    'moves its state past what it could not read': [
      'return [...this.#counts.keys()].every((kind) => LETS_STATE_MOVE.has(kind));',
      "return [...this.#counts.keys()].every((kind) => FINDING_KINDS[kind] === 'unchecked');",
    ],
    'calls sound what it could not check': [
      "return classes.has('unchecked') ? 'sound-as-far-as-checked' : 'sound';",
      "return 'sound';",
    ],
  }),
  ...verifierMutants('table-check.ts', ONLINE, 'table-differs', {
    'lets the table know events that no row holds': [
      'if (unknown === 0) continue;',
      'if (unknown >= 0) continue;',
      'ledger-differs',
    ],
    'lets the table lack events that a row holds': [
      'for (const seq of left) missing',
      'for (const seq of left) if (seq < 0) missing',
      'ledger-differs',
    ],
    'lets the archive end before the table does': ['if (seq < (before?.applied ?? 0)) {', 'if (seq < 0) {'],
    'lets the archive end after the table does': [
      'if (seq > (after.head?.seq ?? 0)) {',
      'if (seq < 0 * (after.head?.seq ?? 0)) {',
    ],
    'does not compare the hash of the newest manifest with the table': [
      'if (known && newest?.seq === seq && known.sha256 !== newest.sha256) {',
      'if (known && known.sha256 === undefined) {',
    ],
    'takes every gap that left for one that was settled': [
      'if (entry !== null && entry.seq >= seq) continue;',
      'if (entry === null || entry.seq >= seq) continue;',
      'gap-vanished',
    ],
  }),
  ...verifierMutants('table-check.ts', EDGES, 'table-differs', {
    'takes a table that knows nothing of the domain': [
      '  if (after === null) {',
      '  if (after === null) return;\n  if (after === undefined) {',
    ],
  }),
];

/** What a check says that it did not look at. */
const LIMITS: readonly VerifierMutant[] = [
  ...verifierMutants('summary.ts', PARTS, null, {
    'keeps silent on rows that it did not decode': ["if (!plan.isAll) add('rows',", "if (plan.isAll) add('rows',"],
    'keeps silent on commits that it did not look at again': [
      'if (domains.some(({ since }) => since > 1)) {',
      'if (domains.some(({ since }) => since < 1)) {',
    ],
    'keeps silent on what a folder cannot show': [
      "if (archive.kind === 'folder') {",
      "if (archive.kind === 'folder' && rows.length < 0) {",
    ],
    'keeps silent on commits that may have been taken away': [
      'if (held === null && mirror === null) {',
      'if (held === null && mirror !== null) {',
    ],
    'keeps silent on a table that it did not ask': [
      "if (checkpoints === null) add('the table',",
      "if (checkpoints !== null) add('the table',",
    ],
  }),
];

export const VERIFIER_PLACE_MUTANTS: readonly VerifierMutant[] = [...OBJECTS, ...HELD, ...LIMITS];

/** Breaks of the checker: what it lets pass then is a tampering of the matrix. */
import type { Mutant } from './mutant';

const VERIFY = '../../tools/cases-audit/verify';
const NO_WORLD = 'worlds make archives, and tamper with none';
/** Hashes are left as they were, or nothing needs one. */
const FILES = { test: 'test/tools/cases-audit/tamper-files.test.ts', because: NO_WORLD };
/** All hashes are made anew. */
const REHASHED = { test: 'test/tools/cases-audit/tamper-rehashed.test.ts', because: NO_WORLD };

/** Against a bucket with versions, a table and a mirror. */
const ONLINE = { test: 'test/tools/cases-audit/online.test.ts', because: NO_WORLD };

export const VERIFIER_MUTANTS: readonly Mutant[] = [
  {
    name: 'The checker names no missing manifest',
    file: `${VERIFY}/chain.ts`,
    find: 'for (let missing = first; missing <= named; missing += 1) {',
    replace: 'for (let missing = first; missing < 0 * named; missing += 1) {',
    caughtBy: FILES,
  },
  {
    name: 'The checker does not hold a link against the manifest before',
    file: `${VERIFY}/chain.ts`,
    find: '} else if (before !== null && previousSha256 !== before) {',
    replace: '} else if (before !== null && previousSha256 === null) {',
    caughtBy: FILES,
  },
  {
    name: 'The checker takes a missing note for one that was never due',
    file: `${VERIFY}/chain.ts`,
    find: 'if (note === null && isExpected) this.#noteMissing = seq;',
    replace: 'if (note === null && isExpected && seq < 0) this.#noteMissing = seq;',
    caughtBy: FILES,
  },
  {
    name: 'The checker does not compare a note with its manifest',
    file: `${VERIFY}/note-check.ts`,
    find: 'const difference = manifest === null || sha256 === null ? null : differenceOf(note.text, manifest, sha256);',
    replace:
      'const difference = manifest === null || sha256 !== null ? null : differenceOf(note.text, manifest, String(sha256));',
    caughtBy: FILES,
  },
  {
    name: 'The checker lets a signature pass that does not hold',
    file: `${VERIFY}/note-check.ts`,
    find: 'if (signatures.wrong.length > 0) {',
    replace: 'if (signatures.wrong.length > 99) {',
    caughtBy: REHASHED,
  },
  {
    name: 'The checker takes the manifest of another number or domain',
    file: `${VERIFY}/sense.ts`,
    find: 'if (domainInKeys(domainId) !== partition || own !== seq) {',
    replace: 'if (domainInKeys(domainId) !== partition && own !== seq) {',
    caughtBy: FILES,
  },
  {
    name: 'The checker adds up no rows',
    file: `${VERIFY}/sense.ts`,
    find: '...(stored === counts.rows',
    replace: '...(stored >= 0 || stored === counts.rows',
    caughtBy: REHASHED,
  },
  {
    name: 'The checker lets an export date go back',
    file: `${VERIFY}/sense.ts`,
    find: "if (exportDate < before.exportDate && !(isVoid && exportDate === '')) {",
    replace: "if (exportDate < before.exportDate && isVoid && exportDate === '') {",
    caughtBy: REHASHED,
  },
  {
    name: 'The checker lets watermarks go back',
    file: `${VERIFY}/sense.ts`,
    find: '...(isVoid ? [] : watermarkProblems(before, manifest)),',
    replace: '...(isVoid || before.seq > 0 ? [] : watermarkProblems(before, manifest)),',
    caughtBy: REHASHED,
  },
  {
    name: 'The checker does not make the case digests again',
    file: `${VERIFY}/commit-data.ts`,
    find: 'if (list.sha256 === cases.sha256) return [];',
    replace: 'return [];',
    caughtBy: REHASHED,
  },
  {
    name: 'The checker does not compare the hash of an object',
    file: `${VERIFY}/object-check.ts`,
    find: 'if (size === object.bytes && hash === object.sha256) return true;',
    replace: 'if (size === object.bytes) return true;',
    caughtBy: FILES,
  },
  {
    name: 'The checker says nothing of keys that no manifest lists',
    file: `${VERIFY}/listing-check.ts`,
    find: "    this.reporter.add('foreign-key',",
    replace: "    if (key === '') this.reporter.add('foreign-key',",
    caughtBy: FILES,
  },
  {
    name: 'The checker takes a delete marker for nothing',
    file: `${VERIFY}/listing-check.ts`,
    find: 'if (deleteMarkers > 0) {',
    replace: 'if (deleteMarkers > 99) {',
    caughtBy: ONLINE,
  },
  {
    name: 'The checker takes a second version for nothing',
    file: `${VERIFY}/listing-check.ts`,
    find: 'if (versions > 1) {',
    replace: 'if (versions > 99) {',
    caughtBy: ONLINE,
  },
  {
    name: 'The checker does not hold the mirror against the archive',
    file: `${VERIFY}/chain.ts`,
    find: 'if (held === sha256) return;',
    replace: "if (held !== '') return;",
    caughtBy: ONLINE,
  },
  {
    name: 'The checker lets the table know events that no row holds',
    file: `${VERIFY}/table-check.ts`,
    find: 'if (unknown === 0) continue;',
    replace: 'if (unknown >= 0) continue;',
    caughtBy: ONLINE,
  },
  {
    name: 'The checker lets the archive end before the table does',
    file: `${VERIFY}/table-check.ts`,
    find: 'if (seq < (before?.applied ?? 0)) {',
    replace: 'if (seq < 0) {',
    caughtBy: ONLINE,
  },
];

/** Breaks of the checker in what manifests, notes and files say by themselves: what it lets pass then is a tampering of the matrix. */
import type { FindingKind } from '../../../tools/cases-audit/verify/findings';
import type { Mutant } from './mutant';

/** A break of the checker, and the finding that is lost by it; null where a limit, the state or a false alarm is at stake. */
export interface VerifierMutant extends Mutant {
  readonly finding: FindingKind | null;
}

/** By what the checker does when broken: the text that is broken, what it becomes, and a finding that is not that of the others. */
type Broken = Readonly<Record<string, readonly [find: string, replace: string, finding?: FindingKind | null]>>;

const NO_WORLD = 'worlds make archives, and tamper with none';

/** Mutants of one file of the checker that one test file catches, and by which mostly this finding is lost. */
export function verifierMutants(
  file: string,
  test: string,
  finding: FindingKind | null,
  broken: Broken,
): readonly VerifierMutant[] {
  return Object.entries(broken).map(([name, [find, replace, own = finding]]) => ({
    finding: own,
    name: `The checker ${name}`,
    file: `../../tools/cases-audit/verify/${file}`,
    find,
    replace,
    caughtBy: { test: `test/tools/cases-audit/${test}`, because: NO_WORLD },
  }));
}

/** Hashes are left as they were, or nothing needs one. */
export const FILES = 'tamper-files.test.ts';
/** All hashes are made anew. */
export const REHASHED = 'tamper-rehashed.test.ts';
/** What a file, its manifest and the one before say of each other. */
export const SENSE = 'sense-of-data.test.ts';
/** Bytes that nobody meant to give, and no key or a wrong one. */
export const BAD_INPUT = 'bad-input.test.ts';
/** The parts by themselves, and what one check leaves for the next. */
export const PARTS = 'verify-parts.test.ts';

const CHAIN: readonly VerifierMutant[] = [
  ...verifierMutants('chain.ts', FILES, 'manifest-missing', {
    'names no missing manifest': [
      'for (let missing = first; missing <= named; missing += 1) {',
      'for (let missing = first; missing < 0 * named; missing += 1) {',
    ],
    'does not hold a link against the manifest before': [
      '} else if (before !== null && previousSha256 !== before) {',
      '} else if (before !== null && previousSha256 === null) {',
      'link-broken',
    ],
    'takes a missing note for one that was never due': [
      'if (note === null && isExpected) this.#noteMissing = seq;',
      'if (note === null && isExpected && seq < 0) this.#noteMissing = seq;',
      'note-missing',
    ],
    'says nothing of a note whose manifest is gone': [
      '    if (hasNote) {',
      '    if (hasNote && seq < 0) {',
      'note-without-manifest',
    ],
  }),
  ...verifierMutants('chain.ts', SENSE, 'link-broken', {
    'lets the first manifest name one before it': [
      'if (seq === 1 && previousSha256 !== null) {',
      "if (seq === 1 && previousSha256 === '') {",
    ],
    'lets a later manifest name none before it': [
      '} else if (seq > 1 && previousSha256 === null) {',
      "} else if (seq > 1 && previousSha256 === '') {",
    ],
  }),
  ...verifierMutants('chain.ts', BAD_INPUT, 'manifest-unreadable', {
    'takes every manifest that it cannot read for one of a later version': [
      "kind: read.isNewer ? 'newer-version' : 'manifest-unreadable',",
      "kind: 'newer-version',",
    ],
    'does not name the end of a long run of missing manifests': [
      '    if (named < last) {',
      '    if (named > last) {',
      'manifest-missing',
    ],
  }),
  ...verifierMutants('../archive/manifests.ts', BAD_INPUT, 'newer-version', {
    'takes a later version of the format for damage': [
      'return Number.isInteger(version) && (version as number) > known;',
      'return Number.isInteger(version) && (version as number) < known;',
    ],
  }),
];

const NOTES: readonly VerifierMutant[] = [
  ...verifierMutants('note-check.ts', FILES, 'note-differs', {
    'does not compare a note with its manifest': [
      'const difference = manifest === null || sha256 === null ? null : differenceOf(note.text, manifest, sha256);',
      'const difference = manifest === null || sha256 !== null ? null : differenceOf(note.text, manifest, String(sha256));',
    ],
  }),
  ...verifierMutants('note-check.ts', REHASHED, 'signature-wrong', {
    'lets a signature pass that does not hold': [
      'if (wrong.length === 0) return [];',
      'if (wrong.length >= 0) return [];',
    ],
  }),
  ...verifierMutants('note-check.ts', BAD_INPUT, 'note-unreadable', {
    'says nothing of a note that cannot be read': [
      "return { problems: [{ kind: 'note-unreadable',",
      "return { problems: seq > 0 ? [] : [{ kind: 'note-unreadable',",
    ],
  }),
  ...verifierMutants('signatures.ts', BAD_INPUT, 'no-key', {
    'takes an archive for signed without any key': [
      'if (!this.trust.hasKeys) {',
      'if (!this.trust.hasKeys) return null;\n    if (!this.trust.hasKeys) {',
    ],
    'says nothing of keys that nobody gave': [
      "if (others !== '') {",
      "if (others !== '') return null;\n    if (others !== '') {",
      'unknown-key',
    ],
    'never finds a signature too old': ['<= MAX_UNSIGNED_MS) return null;', '>= 0) return null;', 'unsigned'],
  }),
  ...verifierMutants('signatures.ts', REHASHED, 'unsigned', {
    'counts a signature without asking whose it is': [
      'if (signedBy.length === 0) {',
      'if (signedBy.length === 0 && this.#through === null) {',
    ],
  }),
  ...verifierMutants('trust.ts', REHASHED, 'unknown-key', {
    'trusts every key that lies in the archive': [
      'this.#trusted = [...pinned];',
      'this.#trusted = [...pinned, ...candidates];',
    ],
  }),
  ...verifierMutants('trust.ts', PARTS, 'unknown-key', {
    'forgets the keys that commits introduced before': [
      'if (before.has(key.sha256)) this.#introduce(key);',
      'if (before.has(key.id)) this.#introduce(key);',
    ],
  }),
  ...verifierMutants('signatures.ts', PARTS, 'unsigned', {
    'believes a signature of before whose key counts no more': [
      'this.#through = signed?.keyIds.some((id) => trust.knows(id)) ? signed : null;',
      'this.#through = signed?.keyIds.some((id) => id !== String(trust)) ? signed : null;',
    ],
  }),
];

/** Whether a manifest makes sense by itself and after the one before. */
const SENSE_MUTANTS: readonly VerifierMutant[] = [
  ...verifierMutants('sense.ts', FILES, 'manifest-misplaced', {
    'takes the manifest of another number or domain': [
      'if (domainInKeys(domainId) !== partition || own !== seq) {',
      'if (domainInKeys(domainId) !== partition && own !== seq) {',
    ],
    'does not hold the named gaps against the account of debts': [
      'if (retried === null || retried === manifest.gaps.length) return [];',
      'if (retried === null || retried >= 0) return [];',
      'counts-differ',
    ],
  }),
  ...verifierMutants('sense.ts', BAD_INPUT, 'object-misplaced', {
    'lets a manifest list what is no place of its commit': [
      'if (kind === undefined || seen.has(kind)) {',
      'if (kind !== undefined && seen.has(kind)) {',
    ],
  }),
  ...verifierMutants('sense.ts', REHASHED, 'watermark-back', {
    'adds up no rows': ['...(stored === counts.rows', '...(stored >= 0 || stored === counts.rows', 'counts-differ'],
    'lets an export date go back': [
      "if (exportDate < before.exportDate && !(isVoid && exportDate === '')) {",
      "if (exportDate < before.exportDate && isVoid && exportDate === '') {",
      'date-back',
    ],
    'lets watermarks go back': [
      '...(isVoid ? [] : watermarkProblems(before, manifest)),',
      '...(isVoid || before.seq > 0 ? [] : watermarkProblems(before, manifest)),',
    ],
    'does not look at the watermark of related items': [
      "['related', before.related, related.watermark],",
      "['related', null, related.watermark],",
    ],
    'does not add up quarantine from manifest to manifest': [
      'if (isVoid || (openQuarantine >= least && openQuarantine <= most)) return [];',
      'if (isVoid || openQuarantine >= 0) return [];',
      'quarantine-differs',
    ],
    'forgets that a gap left without a word': [
      '.filter((caseId) => !named.has(caseId) && !gone.has(caseId))',
      '.filter((caseId) => !named.has(caseId) && gone.has(caseId))',
      null,
    ],
  }),
  ...verifierMutants('sense.ts', SENSE, 'watermark-back', {
    'lets a manifest list an object twice': [
      'if (kind !== undefined) seen.add(kind);',
      'if (kind === undefined) seen.clear();',
      'object-misplaced',
    ],
    'lets events be quarantined nowhere': [
      '...(counts.quarantined + (counts.replayed ?? 0) > 0 && !hasQuarantine',
      '...(counts.quarantined + (counts.replayed ?? 0) > 99 && !hasQuarantine',
      'counts-differ',
    ],
    'lets an export date run ahead': [
      'if (isVoid || exportDate === expected) return [];',
      'if (isVoid || exportDate >= (expected ?? exportDate)) return [];',
      'date-back',
    ],
    'does not look at what is proven': [
      "['proven', before.provenUntil, live.provenUntil ?? null],",
      "['proven', null, live.provenUntil ?? null],",
    ],
    'lets the live watermark go back to nothing': [
      'if (was === null || (is !== null && is >= was - CLOCKS_DIFFER_MS)) return [];',
      'if (was === null || is === null || is >= was - CLOCKS_DIFFER_MS) return [];',
    ],
  }),
];

export const VERIFIER_MUTANTS: readonly VerifierMutant[] = [...CHAIN, ...NOTES, ...SENSE_MUTANTS];

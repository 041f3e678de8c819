/** Breaks of the checker in what manifests, notes and files say by themselves: what it lets pass then is a tampering of the matrix. */
import type { FindingKind } from '../../../tools/cases-audit/verify/findings';
import type { Mutant } from './mutant';

/** A break of the checker, and the finding that is lost by it; null where a limit, the state or a false alarm is at stake. */
export interface VerifierMutant extends Mutant {
  readonly finding: FindingKind | null;
}

/** By what the checker does when broken: the finding, the text that is broken and what it becomes. */
type Broken = Readonly<Record<string, readonly [finding: FindingKind | null, find: string, replace: string]>>;

const NO_WORLD = 'worlds make archives, and tamper with none';

/** Mutants of one file of the checker that one test file catches. */
export function verifierMutants(file: string, test: string, broken: Broken): readonly VerifierMutant[] {
  return Object.entries(broken).map(([name, [finding, find, replace]]) => ({
    finding,
    name: `The checker ${name}`,
    file: `../../tools/cases-audit/verify/${file}`,
    find,
    replace,
    caughtBy: { test: `test/tools/cases-audit/${test}`, because: NO_WORLD },
  }));
}

/** Hashes are left as they were, or nothing needs one. */
const FILES = 'tamper-files.test.ts';
/** All hashes are made anew. */
const REHASHED = 'tamper-rehashed.test.ts';
/** What a file, its manifest and the one before say of each other. */
const SENSE = 'sense-of-data.test.ts';
/** Bytes that nobody meant to give, and no key or a wrong one. */
const BAD_INPUT = 'bad-input.test.ts';
/** The parts by themselves, and what one check leaves for the next. */
const PARTS = 'verify-parts.test.ts';

const CHAIN: readonly VerifierMutant[] = [
  ...verifierMutants('chain.ts', FILES, {
    'names no missing manifest': [
      'manifest-missing',
      'for (let missing = first; missing <= named; missing += 1) {',
      'for (let missing = first; missing < 0 * named; missing += 1) {',
    ],
    'does not hold a link against the manifest before': [
      'link-broken',
      '} else if (before !== null && previousSha256 !== before) {',
      '} else if (before !== null && previousSha256 === null) {',
    ],
    'takes a missing note for one that was never due': [
      'note-missing',
      'if (note === null && isExpected) this.#noteMissing = seq;',
      'if (note === null && isExpected && seq < 0) this.#noteMissing = seq;',
    ],
    'says nothing of a note whose manifest is gone': [
      'note-without-manifest',
      '    if (hasNote) {',
      '    if (hasNote && seq < 0) {',
    ],
  }),
  ...verifierMutants('chain.ts', SENSE, {
    'lets the first manifest name one before it': [
      'link-broken',
      'if (seq === 1 && previousSha256 !== null) {',
      "if (seq === 1 && previousSha256 === '') {",
    ],
    'lets a later manifest name none before it': [
      'link-broken',
      '} else if (seq > 1 && previousSha256 === null) {',
      "} else if (seq > 1 && previousSha256 === '') {",
    ],
  }),
  ...verifierMutants('chain.ts', BAD_INPUT, {
    'takes every manifest that it cannot read for one of a later version': [
      'manifest-unreadable',
      "kind: read.isNewer ? 'newer-version' : 'manifest-unreadable',",
      "kind: 'newer-version',",
    ],
    'does not name the end of a long run of missing manifests': [
      'manifest-missing',
      '    if (named < last) {',
      '    if (named > last) {',
    ],
  }),
  ...verifierMutants('../archive/manifests.ts', BAD_INPUT, {
    'takes a later version of the format for damage': [
      'newer-version',
      'return Number.isInteger(version) && (version as number) > known;',
      'return Number.isInteger(version) && (version as number) < known;',
    ],
  }),
];

const NOTES: readonly VerifierMutant[] = [
  ...verifierMutants('note-check.ts', FILES, {
    'does not compare a note with its manifest': [
      'note-differs',
      'const difference = manifest === null || sha256 === null ? null : differenceOf(note.text, manifest, sha256);',
      'const difference = manifest === null || sha256 !== null ? null : differenceOf(note.text, manifest, String(sha256));',
    ],
  }),
  ...verifierMutants('note-check.ts', REHASHED, {
    'lets a signature pass that does not hold': [
      'signature-wrong',
      'if (wrong.length === 0) return [];',
      'if (wrong.length >= 0) return [];',
    ],
  }),
  ...verifierMutants('note-check.ts', BAD_INPUT, {
    'says nothing of a note that cannot be read': [
      'note-unreadable',
      "return { problems: [{ kind: 'note-unreadable',",
      "return { problems: seq > 0 ? [] : [{ kind: 'note-unreadable',",
    ],
  }),
  ...verifierMutants('signatures.ts', BAD_INPUT, {
    'takes an archive for signed without any key': [
      'no-key',
      'if (!this.trust.hasKeys) {',
      'if (!this.trust.hasKeys) return null;\n    if (!this.trust.hasKeys) {',
    ],
    'says nothing of keys that nobody gave': [
      'unknown-key',
      "if (others !== '') {",
      "if (others !== '') return null;\n    if (others !== '') {",
    ],
    'never finds a signature too old': ['unsigned', '<= MAX_UNSIGNED_MS) return null;', '>= 0) return null;'],
  }),
  ...verifierMutants('signatures.ts', REHASHED, {
    'counts a signature without asking whose it is': [
      'unsigned',
      'if (signedBy.length === 0) {',
      'if (signedBy.length === 0 && this.#through === null) {',
    ],
  }),
  ...verifierMutants('trust.ts', REHASHED, {
    'trusts every key that lies in the archive': [
      'unknown-key',
      'this.#trusted = [...pinned];',
      'this.#trusted = [...pinned, ...candidates];',
    ],
  }),
  ...verifierMutants('trust.ts', PARTS, {
    'forgets the keys that commits introduced before': [
      'unknown-key',
      'if (before.has(key.sha256)) this.#introduce(key);',
      'if (before.has(key.id)) this.#introduce(key);',
    ],
  }),
  ...verifierMutants('signatures.ts', PARTS, {
    'believes a signature of before whose key counts no more': [
      'unsigned',
      'this.#through = signed?.keyIds.some((id) => trust.knows(id)) ? signed : null;',
      'this.#through = signed?.keyIds.some((id) => id !== String(trust)) ? signed : null;',
    ],
  }),
];

/** Whether a manifest makes sense by itself and after the one before. */
const SENSE_MUTANTS: readonly VerifierMutant[] = [
  ...verifierMutants('sense.ts', FILES, {
    'takes the manifest of another number or domain': [
      'manifest-misplaced',
      'if (domainInKeys(domainId) !== partition || own !== seq) {',
      'if (domainInKeys(domainId) !== partition && own !== seq) {',
    ],
    'does not hold the named gaps against the account of debts': [
      'counts-differ',
      'if (retried === null || retried === manifest.gaps.length) return [];',
      'if (retried === null || retried >= 0) return [];',
    ],
  }),
  ...verifierMutants('sense.ts', BAD_INPUT, {
    'lets a manifest list what is no place of its commit': [
      'object-misplaced',
      'if (kind === undefined || seen.has(kind)) {',
      'if (kind !== undefined && seen.has(kind)) {',
    ],
  }),
  ...verifierMutants('sense.ts', REHASHED, {
    'adds up no rows': ['counts-differ', '...(stored === counts.rows', '...(stored >= 0 || stored === counts.rows'],
    'lets an export date go back': [
      'date-back',
      "if (exportDate < before.exportDate && !(isVoid && exportDate === '')) {",
      "if (exportDate < before.exportDate && isVoid && exportDate === '') {",
    ],
    'lets watermarks go back': [
      'watermark-back',
      '...(isVoid ? [] : watermarkProblems(before, manifest)),',
      '...(isVoid || before.seq > 0 ? [] : watermarkProblems(before, manifest)),',
    ],
    'does not look at the watermark of related items': [
      'watermark-back',
      "['related', before.related, related.watermark],",
      "['related', null, related.watermark],",
    ],
    'does not add up quarantine from manifest to manifest': [
      'quarantine-differs',
      'if (isVoid || (openQuarantine >= least && openQuarantine <= most)) return [];',
      'if (isVoid || openQuarantine >= 0) return [];',
    ],
    'forgets that a gap left without a word': [
      null,
      '.filter(([caseId]) => !named.has(caseId) && !gone.has(caseId))',
      '.filter(([caseId]) => !named.has(caseId) && gone.has(caseId))',
    ],
  }),
  ...verifierMutants('sense.ts', SENSE, {
    'lets a manifest list an object twice': [
      'object-misplaced',
      'if (kind !== undefined) seen.add(kind);',
      'if (kind === undefined) seen.clear();',
    ],
    'lets events be quarantined nowhere': [
      'counts-differ',
      '...(counts.quarantined + (counts.replayed ?? 0) > 0 && !hasQuarantine',
      '...(counts.quarantined + (counts.replayed ?? 0) > 99 && !hasQuarantine',
    ],
    'lets an export date run ahead': [
      'date-back',
      'if (isVoid || exportDate === expected) return [];',
      'if (isVoid || exportDate >= (expected ?? exportDate)) return [];',
    ],
    'does not look at what is proven': [
      'watermark-back',
      "['proven', before.provenUntil, live.provenUntil ?? null],",
      "['proven', null, live.provenUntil ?? null],",
    ],
    'lets the live watermark go back to nothing': [
      'watermark-back',
      'if (was === null || (is !== null && is >= was - CLOCKS_DIFFER_MS)) return [];',
      'if (was === null || is === null || is >= was - CLOCKS_DIFFER_MS) return [];',
    ],
  }),
];

export const VERIFIER_MUTANTS: readonly VerifierMutant[] = [...CHAIN, ...NOTES, ...SENSE_MUTANTS];

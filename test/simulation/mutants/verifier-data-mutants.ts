/** Breaks of the checker in what decoded files say, and in what may have expired. */
import { type VerifierMutant, verifierMutants } from './verifier-mutants';

/** All hashes are made anew. */
const REHASHED = 'tamper-rehashed.test.ts';
/** What a file and its manifest say of each other. */
const SENSE = 'sense-of-data.test.ts';
/** An archive that lets objects expire. */
const EXPIRY = 'expiry.test.ts';
/** The parts by themselves. */
const PARTS = 'verify-parts.test.ts';

const DATA: readonly VerifierMutant[] = [
  ...verifierMutants('row-file.ts', SENSE, {
    'does not count the rows of a file': ['rows-differ', 'if (counted !== object.rows) {', 'if (counted < 0) {'],
    'takes the file of another domain': ['rows-differ', '...(domain === domainId ? []', "...(domain !== '' ? []"],
    'takes the file of another day': ['rows-differ', '...(date === exportDate ? []', "...(date !== '' ? []"],
    'takes rows of another commit': ['rows-differ', '...(otherSeq === 0 ? []', '...(otherSeq >= 0 ? []'],
    'takes rows of another run': ['rows-differ', '...(otherRun === 0 ? []', '...(otherRun >= 0 ? []'],
    'takes rows out of order': ['rows-differ', '...(isSorted ? []', '...(isSorted || !isSorted ? []'],
    'does not look at the first and the last time': [
      'rows-differ',
      '...(ends[0] === first && ends[1] === last',
      '...(ends.length === 2',
    ],
  }),
  ...verifierMutants('row-file.ts', REHASHED, {
    'believes false statistics': [
      'rows-differ',
      'if (value !== null && (less(value, min) || less(max, value))) wrong.add(name);',
      'if (value !== null && less(value, min) && less(max, value)) wrong.add(name);',
    ],
  }),
  ...verifierMutants('commit-data.ts', REHASHED, {
    'does not make the case digests again': [
      'cases-differ',
      'if (list.sha256 === cases.sha256) return [];',
      'return [];',
    ],
    'does not count the cases of a commit': [
      'cases-differ',
      'if (list.count !== cases.count)',
      'if (list.count < cases.count) return [];\n    if (list.count < 0)',
    ],
    'does not count what its quarantine object holds': [
      'quarantine-differs',
      'if (found.quarantined !== counts.quarantined || found.replayed !== (counts.replayed ?? 0)) {',
      'if (found.quarantined !== counts.quarantined && found.replayed !== (counts.replayed ?? 0)) {',
    ],
    'takes the dictionary of another commit': [
      'object-misplaced',
      'if (ownDomain === domainId && own === seq) return [];',
      'if (ownDomain === domainId || own === seq) return [];',
    ],
  }),
  ...verifierMutants('commit-data.ts', SENSE, {
    'takes a commit without rows for one with cases': [
      'cases-differ',
      'return cases.count === 0 ? []',
      'return cases.count >= 0 ? []',
    ],
    'passes over cases whose seed is gone': [
      'cases-differ',
      'if (new Set(seeds).size !== 1) {',
      'if (seeds.length === 0) return [];\n  if (new Set(seeds).size !== 1) {',
    ],
    'takes the quarantine object of another domain': [
      'quarantine-differs',
      '    problems.push(differs(',
      '    problems.slice().push(differs(',
    ],
  }),
  ...verifierMutants('archive-data.ts', REHASHED, {
    'lets a row come twice': [
      'row-twice',
      'if (first !== null) twice.set(first, (twice.get(first) ?? 0) + 1);',
      'if (first !== null) twice.delete(first);',
    ],
  }),
  ...verifierMutants('archive-data.ts', SENSE, {
    'does not hold open events against their quarantine object': [
      'quarantine-differs',
      'if (expected !== manifest.openQuarantine) {',
      'if (expected < 0) {',
    ],
    'lets events be replayed that nobody kept': [
      'quarantine-differs',
      'if (this.#open.delete(JSON.stringify([quarantinedIn, caseId, eventKey]))) continue;',
      'if (this.#open.delete(JSON.stringify([quarantinedIn, caseId, eventKey])) || seq > 0) continue;',
    ],
  }),
  ...verifierMutants('seen-once.ts', PARTS, {
    'forgets what it has seen when it grows': [
      'row-twice',
      'if (stored === 0) continue;',
      'if (stored !== 0) continue;',
    ],
    'takes every key for one that was struck': ['ledger-differs', 'this.#struck[at] = 1;', 'this.#struck.fill(1);'],
  }),
  ...verifierMutants('reading-plan.ts', PARTS, {
    'never decodes one of the parts': [null, 'reads: (seq) => seq % t === n - 1,', 'reads: (seq) => seq % t === n,'],
    'draws the same share every time': [null, 'const seed = newSeed();', "const seed = newSeed() && 'seed';"],
  }),
];

/** What the archive's own term has deleted. */
const EXPIRED: readonly VerifierMutant[] = [
  ...verifierMutants('expiry.ts', EXPIRY, {
    'keeps silent on commits that have expired': [
      'expired',
      'if (manifests.count > 0) {',
      'if (manifests.count > 99) {',
    ],
    'keeps silent on files that have expired': ['expired', 'if (objects.count > 0) {', 'if (objects.count > 99) {'],
    'takes any absence for expired': [
      'manifest-missing',
      'this.now - Date.parse(exportedAt) >= this.days * DAY_MS;',
      'this.now - Date.parse(exportedAt) >= 0;',
    ],
    'lets a note make a recent commit an old one': [
      'manifest-missing',
      '|| time < this.#newest - CLOCKS_DIFFER_MS) return false;',
      ') return false;',
    ],
    'lets dictionaries expire': [
      'object-missing',
      'if (!EXPIRING_KINDS.has(kind) || !this.isOver(exportedAt)) return false;',
      'if (!this.isOver(exportedAt)) return false;',
    ],
    'takes what was put there later for what is left': [
      'foreign-key',
      "return isFolder || writtenAt < this.#newestExpired + DAY_MS ? 'left' : 'later';",
      "return isFolder || writtenAt >= 0 ? 'left' : 'later';",
    ],
  }),
  ...verifierMutants('chain.ts', EXPIRY, {
    'does not hold the notes of what has expired against each other': [
      'link-broken',
      'if (before !== null && lines.previous !== before) {',
      "if (before !== null && lines.previous === '') {",
    ],
    'takes a hidden manifest without a note for expired': [
      'delete-marker',
      'if (!hasNote && !hasMirrorNote && this.expiry.isOn) {',
      'if (!hasNote && hasMirrorNote && this.expiry.isOn) {',
    ],
  }),
];

export const VERIFIER_DATA_MUTANTS: readonly VerifierMutant[] = [...DATA, ...EXPIRED];

/** Breaks of the checker in what decoded files say, and in what may have expired. */
import { PARTS, REHASHED, SENSE, type VerifierMutant, verifierMutants } from './verifier-mutants';

/** An archive that lets objects expire. */
const EXPIRY = 'expiry.test.ts';

const DATA: readonly VerifierMutant[] = [
  ...verifierMutants('row-file.ts', SENSE, 'rows-differ', {
    'does not count the rows of a file': ['if (counted !== object.rows) {', 'if (counted < 0) {'],
    'takes the file of another domain': ['...(domain === domainId ? []', "...(domain !== '' ? []"],
    'takes the file of another day': ['...(date === exportDate ? []', "...(date !== '' ? []"],
    'takes rows of another commit': ['...(otherSeq === 0 ? []', '...(otherSeq >= 0 ? []'],
    'takes rows of another run': ['...(otherRun === 0 ? []', '...(otherRun >= 0 ? []'],
    'takes rows out of order': ['...(isSorted ? []', '...(isSorted || !isSorted ? []'],
    'does not look at the first and the last time': [
      '...(ends[0] === first && ends[1] === last',
      '...(ends.length === 2',
    ],
  }),
  ...verifierMutants('row-file.ts', REHASHED, 'rows-differ', {
    'believes false statistics': [
      'if (value !== null && (less(value, min) || less(max, value))) wrong.add(name);',
      'if (value !== null && less(value, min) && less(max, value)) wrong.add(name);',
    ],
  }),
  ...verifierMutants('commit-data.ts', REHASHED, 'cases-differ', {
    'does not make the case digests again': ['if (list.sha256 === cases.sha256) return [];', 'return [];'],
    'does not count the cases of a commit': [
      'if (list.count !== cases.count)',
      'if (list.count < cases.count) return [];\n    if (list.count < 0)',
    ],
    'does not count what its quarantine object holds': [
      'if (found.quarantined !== counts.quarantined || found.replayed !== (counts.replayed ?? 0)) {',
      'if (found.quarantined !== counts.quarantined && found.replayed !== (counts.replayed ?? 0)) {',
      'quarantine-differs',
    ],
    'takes the dictionary of another commit': [
      'if (ownDomain === domainId && own === seq) return [];',
      'if (ownDomain === domainId || own === seq) return [];',
      'object-misplaced',
    ],
  }),
  ...verifierMutants('commit-data.ts', SENSE, 'cases-differ', {
    'takes a commit without rows for one with cases': ['return cases.count === 0 ? []', 'return cases.count >= 0 ? []'],
    'passes over cases whose seed is gone': [
      'if (new Set(seeds).size !== 1) {',
      'if (seeds.length === 0) return [];\n  if (new Set(seeds).size !== 1) {',
    ],
    'takes the quarantine object of another domain': [
      '    problems.push(differs(',
      '    problems.slice().push(differs(',
      'quarantine-differs',
    ],
  }),
  ...verifierMutants('archive-data.ts', REHASHED, 'row-twice', {
    'lets a row come twice': [
      'if (first !== null) twice.set(first, (twice.get(first) ?? 0) + 1);',
      'if (first !== null) twice.delete(first);',
    ],
  }),
  ...verifierMutants('archive-data.ts', SENSE, 'quarantine-differs', {
    'does not hold open events against their quarantine object': [
      'if (expected !== manifest.openQuarantine) {',
      'if (expected < 0) {',
    ],
    'lets events be replayed that nobody kept': [
      'if (this.#open.delete(JSON.stringify([quarantinedIn, caseId, eventKey]))) continue;',
      'if (this.#open.delete(JSON.stringify([quarantinedIn, caseId, eventKey])) || seq > 0) continue;',
    ],
  }),
  ...verifierMutants('seen-once.ts', PARTS, 'row-twice', {
    'forgets what it has seen when it grows': ['if (stored === 0) continue;', 'if (stored !== 0) continue;'],
    'takes every key for one that was struck': ['this.#struck[at] = 1;', 'this.#struck.fill(1);', 'ledger-differs'],
  }),
  ...verifierMutants('reading-plan.ts', PARTS, null, {
    'never decodes one of the parts': ['reads: (seq) => seq % t === n - 1,', 'reads: (seq) => seq % t === n,'],
    'draws the same share every time': ['const seed = newSeed();', "const seed = newSeed() && 'seed';"],
  }),
];

/** What the archive's own term has deleted. */
const EXPIRED: readonly VerifierMutant[] = [
  ...verifierMutants('expiry.ts', EXPIRY, 'expired', {
    'keeps silent on commits that have expired': ['if (manifests.count > 0) {', 'if (manifests.count > 99) {'],
    'keeps silent on files that have expired': ['if (objects.count > 0) {', 'if (objects.count > 99) {'],
    'takes any absence for expired': [
      'this.now - Date.parse(exportedAt) >= this.days * DAY_MS;',
      'this.now - Date.parse(exportedAt) >= 0;',
      'manifest-missing',
    ],
    'lets a note make a recent commit an old one': [
      '|| time < this.#newest - CLOCKS_DIFFER_MS) return false;',
      ') return false;',
      'manifest-missing',
    ],
    'lets dictionaries expire': [
      'if (!EXPIRING_KINDS.has(kind) || !this.isOver(exportedAt)) return false;',
      'if (!this.isOver(exportedAt)) return false;',
      'object-missing',
    ],
    'takes what was put there later for what is left': [
      "return isFolder || writtenAt < this.#newestExpired + DAY_MS ? 'left' : 'later';",
      "return isFolder || writtenAt >= 0 ? 'left' : 'later';",
      'foreign-key',
    ],
  }),
  ...verifierMutants('chain.ts', EXPIRY, 'link-broken', {
    'does not hold the notes of what has expired against each other': [
      'if (before !== null && lines.previous !== before) {',
      "if (before !== null && lines.previous === '') {",
    ],
    'takes a hidden manifest without a note for expired': [
      'if (!hasNote && !hasMirrorNote && this.expiry.isOn) {',
      'if (!hasNote && hasMirrorNote && this.expiry.isOn) {',
      'delete-marker',
    ],
  }),
];

export const VERIFIER_DATA_MUTANTS: readonly VerifierMutant[] = [...DATA, ...EXPIRED];

/**
 * CERTIFICATE.md of an extract: what the tool knows, in words, and blanks for the person who signs. It promises nothing
 * for anybody.
 */
import { counted, printable } from '../words';
import type { CommitFactsOfCase, ExtractFacts } from './facts';

/** The same facts give the same text, lines of at most 120 columns but for hashes and ids. */
export function certificateOf(facts: ExtractFacts): string {
  const { commits, keys, archive, completeAsOf, reasons, notLater } = facts;
  return `# Certificate of an extract

This page was written by a program. It is not a certificate until a person has filled in the blanks and signed a print
of it. Do not change this file: the bag lists its hash. What a certificate has to say, and who may sign it, is a matter
of the law that applies; have it read by somebody who knows that law, and strike out what does not hold.

## What was extracted

    case      ${literal(facts.case)}
    domain    ${literal(facts.domain)}
    as of     ${facts.asOf}

${counted(facts.events, 'event')} in ${counted(facts.rows, 'row')} of ${counted(commits.length, 'commit')} of the archive. \`slices/\` holds what each commit says of the case, \`timeline.html\`
shows it, \`extract.json\` has the facts of this page, and \`VERIFY.md\` says how to check all of it by hand.

${commits.map(commitLines).join('\n\n')}

## What the program found

${listOf([
  completeAsOf === null
    ? `It is not proven that the extract is complete, because:${reasons.map((reason) => `\n  - ${plain(reason)}`).join('')}`
    : `By the archive's own account, every change of the case that the service showed up to ${completeAsOf} is in it.`,
  ...notLater.map((limit) => `Not as of a later time: ${plain(limit)}`),
  `${counted(archive.filesChecked, 'file')} of ${counted(archive.commits, 'commit')} of the domain were held against their hashes; ${archive.contradictions.length === 0 ? 'nothing contradicted the archive' : `what contradicts the archive: ${kindsOf(archive.contradictions)}`}.`,
  ...(archive.unchecked.length === 0 ? [] : [`What could not be checked: ${kindsOf(archive.unchecked)}.`]),
  'Each slice above has its digest in the list of its commit, and the list is the one that the commit’s note names.',
  keys.length === 0
    ? 'No key is enclosed, as no signature of these notes could be checked.'
    : `Enclosed are the public keys ${keys.map(({ keyId }) => keyId).join(', ')}, under which the signatures named above hold.`,
])}

## What the program does not know

${listOf([
  'Whose the enclosed keys are. Compare them with a key that you got from its owner another way.',
  'Whether these are all commits that say something of the case. It read every file of rows that the archive lists; the other side can do the same with the whole archive, and with nothing less.',
  'Whether the service recorded everything that happened, and whether what people entered is true.',
  'Who had access to the archive, and who made this extract.',
])}

## Of the person who signs

| | |
|---|---|
| Name, position, organisation | |
| What qualifies me to speak of this system | |
| How records come into the system in the course of its use | |
| How the archive is kept, and who may write to it | |
| How I got the public key, and its SHA-256 | |
| When and how I made this extract, or had it made | |
| SHA-256 of \`tagmanifest-sha256.txt\`, which covers every file of this bag | |
| What I state, and under which law | |
| Place, date, signature | |
`;
}

function commitLines(each: CommitFactsOfCase): string {
  const { commit, exportedAt, manifestSha256, rows, quarantinedEvents, sliceSha256, digests, signedBy, why } = each;
  const events = quarantinedEvents === 0 ? '' : `, ${counted(quarantinedEvents, 'event')} in quarantine`;
  const signed = signedBy.length === 0 ? 'no signature that an enclosed key holds' : signedBy.join(', ');
  return [
    `    commit    ${commit}, exported ${exportedAt}, ${counted(rows, 'row')}${events}`,
    `    manifest  ${manifestSha256}`,
    ...(sliceSha256 === null
      ? [`    no slice  ${plain(why ?? '')}`]
      : [`    slice     ${sliceSha256}, one of ${counted(digests ?? 0, 'digest')}`, `    signed    ${signed}`]),
  ].join('\n');
}

function kindsOf(findings: readonly { readonly kind: string; readonly commit: number | null }[]): string {
  const shown = findings
    .slice(0, 20)
    .map(({ kind, commit }) => (commit === null ? kind : `${kind} at commit ${commit}`));
  const left = findings.length - shown.length;
  return `${shown.join(', ')}${left === 0 ? '' : ` and ${left} more`}`;
}

function listOf(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** Of whoever wrote it: no Markdown of it comes to life. */
function literal(text: string): string {
  return printable(JSON.stringify(text)).replaceAll('\n', ' ');
}

function plain(text: string): string {
  return printable(text.replaceAll('\n', ' ')).replaceAll(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`);
}

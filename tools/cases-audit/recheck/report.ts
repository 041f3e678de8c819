/** What a recheck found, for people: ids, names and counts, and no value of a case. */
import picocolors from 'picocolors';
import type { Console } from '../console';
import { type Headline, headlineOf, limitsTable, tableOf } from '../reports';
import { counted, printable, wrap } from '../words';
import type { Frame, RecheckAnswer } from './answer';
import type { ExcuseKind } from './claim';

const MAX_SHOWN = 25;

const HEADLINES: Readonly<Record<RecheckAnswer['verdict'], Headline>> = {
  agrees: ['green', '✓', 'Agrees.'],
  differs: ['red', '✗', 'Differs.'],
  'agrees-as-far-as-checked': ['yellow', '?', 'Agrees as far as checked.'],
};

/** Said of an event. */
const EXCUSES: Readonly<Record<ExcuseKind, string>> = {
  newer: 'newer than what the archive claims to hold',
  owed: 'of a case that the newest manifest names as not completely read',
  'maybe-owed':
    'the newest manifest counts cases as not completely read that it does not name; it may be of one of them',
  'related-later':
    'an edit or deletion of a related item since the last scan over all cases, which only the next one finds',
  'before-export-from': 'of a case that was last changed before EXPORT_FROM',
  'no-claim': 'the archive does not claim to have come by this case yet',
  'no-time': 'it has no time that could be held against the claim',
  'archive-unread': 'part of the archive could not be read',
  'history-trimmed':
    'older than the history that the service still tells, which no longer begins with the creation of the case',
  'changed-upstream':
    'a manifest notes that the service tells events of this case differently since they were exported',
  'null-field': 'a field came as null, at the export or now',
  quarantined: 'the archive holds it in quarantine as it is, and in no row',
  'told-twice': 'the service tells it with several contents, of which the archive has the one that fits best',
};

/** Lines of at most `width` characters where words allow it. */
export function recheckReport(
  answer: RecheckAnswer,
  { width, hasColors }: Pick<Console, 'width' | 'hasColors'>,
): string {
  const colors = picocolors.createColors(hasColors);
  const section = (title: string, head: readonly string[], rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : [colors.bold(title), tableOf(head, rows.slice(0, MAX_SHOWN), width), ...more(rows), ''];
  return [
    headlineOf(HEADLINES[answer.verdict], answer.answer, width, colors),
    '',
    ...facts(answer).flatMap((fact) => indented(printable(fact), width).map(colors.dim)),
    '',
    ...answer.frames.flatMap((frame) => [wrap(frameWords(frame), width), '']),
    ...section('Differs', ['kind', 'case, event, field, columns, commits'], contradictionRows(answer)),
    ...section('Differs without a contradiction', ['kind', 'events', 'why'], excuseRows(answer)),
    ...section('Not read', ['cause', 'which, what to do'], unreadRows(answer)),
    ...section(
      'Deleted in the service',
      ['noted', 'case'],
      answer.gone.map(({ caseId, isNoted }) => [isNoted ? 'yes' : 'no', caseId]),
    ),
    colors.bold('What this answer does not say'),
    limitsTable(answer.limits, width),
  ].join('\n');
}

function indented(text: string, width: number): string[] {
  return wrap(text, width - 2)
    .split('\n')
    .map((line) => `  ${line}`);
}

function facts({ domain, claim, seed, search, compared, calls, archive }: RecheckAnswer): string[] {
  const until = claim?.changesUntil ?? 'no time';
  return [
    `domain ${domain} in ${archive.name}`,
    claim === null ? 'no commit' : `commit ${claim.commit} of ${claim.exportedAt} claims all changes up to ${until}`,
    `${counted(compared.events, 'event')} and ${counted(compared.rows, 'row')} compared`,
    `${calls.GetCaseAuditEvents} calls of GetCaseAuditEvents, ${calls.SearchCases} of SearchCases, at ${calls.perSecond} per second at most; ${calls.throttled} throttled`,
    ...(seed === null ? [] : [`seed ${seed}`]),
    ...(search === null ? [] : [searchWords(search)]),
  ];
}

function searchWords({ cases, setApart }: NonNullable<RecheckAnswer['search']>): string {
  const apart = setApart.map(({ kind, cases: count }) => `${count} ${kind}`).join(', ');
  return `the search shows ${counted(cases, 'case')}${apart === '' ? '' : `, of which the archive need not have ${apart}`}`;
}

/** What the sample says of the cases it was drawn from. */
export function frameWords({ frame, population, drawn, clean, differing, gone, unread, odds }: Frame): string {
  const left = [...(gone > 0 ? [`${gone} deleted since`] : []), ...(unread > 0 ? [`${unread} not read`] : [])];
  const but = left.length === 0 ? '' : ` (${left.join(', ')})`;
  if (frame === 'chosen') {
    return `Chosen: ${counted(drawn, 'case')}${but}, ${clean} clean. Cases that somebody chose say nothing of the others.`;
  }
  const of = frame === 'archive' ? 'that the archive has an event of' : 'that only the search shows';
  if (population === 0) return `Of cases ${of} there is none.`;
  const head = `Of ${counted(population, 'case')} ${of}, ${drawn} ${drawn === 1 ? 'was' : 'were'} drawn${but}, ${clean} clean${differing > 0 ? `, ${differing} not` : ''}.`;
  if (odds === null) return head;
  if (clean === population) return `${head} None of them differs: all were looked at.`;
  const percent = (odds.shareAtMost * 100).toPrecision(2);
  const most = odds.casesAtMost === 0 ? 'none' : `at most ${odds.casesAtMost.toLocaleString('en-US')} (${percent} %)`;
  // A case that cannot be read is not one of those that chance has picked.
  const them = left.length === 0 ? 'them' : 'those that can still be read';
  return `${head} At ${odds.confidence * 100} % confidence ${most} of ${them} ${odds.casesAtMost < 2 ? 'differs' : 'differ'}.`;
}

function contradictionRows({ contradictions }: RecheckAnswer): string[][] {
  return contradictions.map(({ kind, caseId, eventId, fieldId, columns, commits }) => [
    kind,
    [
      `case ${caseId}, event ${eventId}`,
      ...(fieldId === null ? [] : [`field ${fieldId}`]),
      ...(columns.length === 0 ? [] : [`columns ${columns.join(' ')}`]),
      ...(commits.length === 0 ? [] : [`commit ${commits.join(' ')}`]),
    ].join(', '),
  ]);
}

function excuseRows({ excused }: RecheckAnswer): string[][] {
  return excused.map(({ kind, events }) => [kind, String(events), EXCUSES[kind]]);
}

function unreadRows({ unread }: RecheckAnswer): string[][] {
  return unread.map(({ caseId, cause, words }) => [cause, caseId === null ? words : `case ${caseId}: ${words}`]);
}

function more(rows: readonly unknown[]): string[] {
  return rows.length > MAX_SHOWN ? [`… and ${rows.length - MAX_SHOWN} more: --json lists all of them.`] : [];
}

import { counted } from '../../cases-audit/words';
import { type Completeness, type DebtOnPage, debtsFor } from '../completeness';
import type { CaseQuarantine, DomainEvidence } from '../facts';
import type { Timeline } from '../model';
import type { Person } from '../persons';
import { html, type Markup, NOTHING, visible } from './markup';
import { type Clock, inZoneOf, timeOf } from './times';

/** A case's timeline and what proves it, with the clock in which times are shown. */
export interface TimelineWithEvidence {
  readonly timeline: Timeline;
  readonly evidence: DomainEvidence;
  readonly quarantine: CaseQuarantine;
  readonly completeness: Completeness;
  readonly clock: Clock;
}

/** The plain statement, what stands behind it, and what it does not cover. */
export function verdictOf({ timeline, evidence, completeness, quarantine, clock }: TimelineWithEvidence): Markup {
  const findings = findingsOf(timeline, quarantine.altered);
  return html`<div class="verdict ${completeness.completeAsOf === null ? 'bad' : findings.length > 0 ? 'mixed' : 'good'}">
${statementOf(completeness, clock)}
${findings.length === 0 ? NOTHING : html`<p>Worth a look:</p><ul>${findings.map((finding) => html`<li>${finding}</li>`)}</ul>`}
</div>
<dl class="facts-list wide">
<div><dt>Rests on</dt><dd>${counted(timeline.events.length, 'event')} in ${counted(timeline.rowCount, 'row')} of ${commitsOf(timeline)}</dd></div>
<div><dt>Chain of manifests</dt><dd>${chainOf(evidence)}</dd></div>
<div><dt>Newest manifest</dt><dd>${newestOf(evidence, clock)}</dd></div>
<div><dt>Related items</dt><dd>${itemsOf(completeness, clock)}</dd></div>
<div><dt>Touches without an event</dt><dd>${touchesOf(completeness)}</dd></div>
</dl>`;
}

/** Every file that holds rows of the case, with what proves it. */
export function filesOf({ timeline, evidence, clock }: TimelineWithEvidence): Markup {
  const bySeq = new Map(evidence.commits.map((commit) => [commit.seq, commit]));
  const rows = timeline.commits.map(({ commitSeq, fileKey, rows: count, events }) => {
    const commit = bySeq.get(commitSeq);
    const hash = commit?.objects.find(({ key }) => key === fileKey)?.sha256;
    return html`<tr role="row" id="commit-${commitSeq}">
<th role="rowheader" scope="row" data-label="Commit">${commitSeq}<span class="facts">${counted(events, 'event')}, ${counted(count, 'row')}</span></th>
<td role="cell" data-label="File of rows">${fileOf(fileKey, hash)}</td>
<td role="cell" data-label="Manifest">${commit === undefined ? html`<span class="none">none</span>` : html`${fileOf(commit.key, commit.sha256)}<span class="facts">exported ${visible(inZoneOf(clock, commit.exportedAt))}</span>`}</td>
</tr>`;
  });
  return html`<table role="table" class="stacking files">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Commit</th><th role="columnheader" scope="col">File of rows, SHA-256</th><th role="columnheader" scope="col">Manifest, SHA-256</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody>
</table>`;
}

/** The notes: every ARN whole. */
export function personsOf(persons: readonly Person[]): Markup {
  if (persons.length === 0) return html`<p>No event names anyone by an ARN.</p>`;
  const rows = persons.map(
    ({ note, label, team, kind, arn, isNamed }) => html`<tr role="row" id="note-${note}">
<th role="rowheader" scope="row" data-label="Note">[${note}]</th>
<td role="cell" data-label="Shown as"><bdi>${visible(label)}</bdi>${team === null ? NOTHING : html` (<bdi>${visible(team)}</bdi>)`}<span class="facts">${kind === 'user' ? 'user' : 'IAM principal'}${isNamed ? ', name from the owner’s list' : ''}</span></td>
<td role="cell" data-label="ARN"><code><bdi class="arn">${visible(arn)}</bdi></code></td>
</tr>`,
  );
  return html`<table role="table" class="stacking persons">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Note</th><th role="columnheader" scope="col">Shown as</th><th role="columnheader" scope="col">ARN</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody>
</table>`;
}

function statementOf({ completeAsOf, reasons, limits }: Completeness, clock: Clock): Markup {
  if (completeAsOf !== null) {
    return html`<p class="statement">Complete as of ${timeOf(clock, completeAsOf)}.</p>
<p>Every change of this case that the service showed up to then is on this page, once. Later changes may be on it too.</p>
${limits.length === 0 ? NOTHING : html`<p>Not as of a later time, because:</p>${listOf(limits, clock)}`}`;
  }
  return html`<p class="statement">Incomplete, or not proven to be complete, because:</p>${listOf(reasons, clock)}`;
}

function listOf(sentences: readonly string[], clock: Clock): Markup {
  return html`<ul>${sentences.map((sentence) => html`<li>${visible(inZoneOf(clock, sentence))}</li>`)}</ul>`;
}

function findingsOf({ events, duplicateRows, hasTies }: Timeline, altered: number): Markup[] {
  const broken = events.flatMap(({ number, changes }) => (changes.some(({ join }) => join !== null) ? [number] : []));
  const links = broken.map((number, index) => html`${index === 0 ? '' : ', '}<a href="#event-${number}">${number}</a>`);
  return [
    ...(broken.length === 0
      ? []
      : [
          html`The old value of a field is not what the change before it left: events ${links}. The service did not show every change, or showed them with other times.`,
        ]),
    ...(events[0]?.type === 'Case.Created' ? [] : [html`The first event is not the creation of the case.`]),
    ...(hasTies ? [html`Some events have the same time to the millisecond; their order is not known.`] : []),
    ...(duplicateRows === 0 ? [] : [html`${counted(duplicateRows, 'row')} more than once: the export promises none.`]),
    ...(altered === 0
      ? []
      : [
          html`${counted(altered, 'event')} held characters that are not text. They stand as U+FFFD here; the raw events are kept in quarantine.`,
        ]),
  ];
}

function commitsOf({ commits }: Timeline): Markup {
  const [first, last] = [commits[0]?.commitSeq ?? 0, commits.at(-1)?.commitSeq ?? 0];
  if (first === last) return html`<a href="#commit-${first}">commit ${first}</a>`;
  return html`${commits.length} commits, <a href="#commit-${first}">${first}</a> to <a href="#commit-${last}">${last}</a>`;
}

function chainOf({ commits, problems, filesChecked }: DomainEvidence): Markup {
  const size = `${counted(commits.length, 'manifest')}, ${counted(filesChecked, 'file')} that they list`;
  if (problems.length > 0) return html`does not verify: ${counted(problems.length, 'problem')} in ${size}`;
  return html`verifies: ${size}, every file matches its SHA-256`;
}

function newestOf({ commits }: DomainEvidence, clock: Clock): Markup {
  const newest = commits.at(-1);
  if (newest === undefined) return html`none`;
  return html`number ${newest.seq}, made ${visible(inZoneOf(clock, newest.exportedAt))}, SHA-256 <code>${newest.sha256}</code>`;
}

function itemsOf({ relatedItemsAsOf, itemEditsAsOf }: Completeness, clock: Clock): Markup {
  const added = relatedItemsAsOf === null ? html`not followed` : html`as of ${timeOf(clock, relatedItemsAsOf)}`;
  const edited =
    itemEditsAsOf === null
      ? html`not yet looked for`
      : html`as of ${timeOf(clock, itemEditsAsOf)}, when the last full check began`;
  return html`new ones: ${added}<br>edits and deletions without another change of the case: ${edited}`;
}

function touchesOf({ unexplainedTouches }: Completeness): Markup {
  if (unexplainedTouches === 0) return html`none in the domain`;
  return html`${counted(unexplainedTouches, 'case')} of the domain: touched at a time that no event explains, read three times over an hour, and accepted. Whether this is one is not recorded.`;
}

function fileOf(key: string, hash: string | undefined): Markup {
  return html`<bdi class="path">${visible(key)}</bdi><code class="hash">${hash ?? 'in no manifest'}</code>`;
}

/** As of the newest manifest. */
export function debtsOf(caseId: string, { commits }: DomainEvidence, clock: Clock): Markup {
  const newest = commits.at(-1);
  if (newest === undefined || newest.debts === null) return html`<p>No manifest keeps an account of it.</p>`;
  const debts = debtsFor(caseId, newest);
  if (debts.length === 0)
    return html`<p>Nothing: every case that the export knew of was read as of commit ${newest.seq}.</p>`;
  return html`<table role="table" class="stacking debts">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Cause</th><th role="columnheader" scope="col">Cases of the domain</th><th role="columnheader" scope="col">Owed since</th><th role="columnheader" scope="col">This case</th></tr></thead>
<tbody role="rowgroup">${debts.map((debt) => rowOf(debt, clock))}</tbody>
</table>`;
}

function rowOf(debt: DebtOnPage, clock: Clock): Markup {
  const { cause, words, cases, neverRead, since } = debt;
  const whole =
    neverRead === 0 ? 'each was read whole before' : `${neverRead.toLocaleString('en-US')} never read whole`;
  return html`<tr role="row">
<th role="rowheader" scope="row" data-label="Cause"><bdi>${visible(cause)}</bdi><span class="facts">a case that ${visible(words)}</span></th>
<td role="cell" data-label="Cases of the domain">${counted(cases, 'case')}<span class="facts">${whole}</span></td>
<td role="cell" data-label="Owed since">${timeOf(clock, since)}</td>
<td role="cell" data-label="This case">${concernOf(debt, clock)}</td>
</tr>`;
}

function concernOf({ isNamed, unnamed, missingFrom }: DebtOnPage, clock: Clock): Markup {
  if (isNamed) return html`is one of them`;
  if (unnamed === 0) return html`is none of them`;
  if (missingFrom === null) return html`may be one of ${counted(unnamed, 'case')} without a name`;
  return html`may be one of ${counted(unnamed, 'case')} without a name; what was recorded before ${timeOf(clock, missingFrom)} is here`;
}

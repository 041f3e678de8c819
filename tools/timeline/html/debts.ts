/** The list of what the domain's export still owes, and how it concerns the case. */
import { counted } from '../../cases-audit/words';
import { type DebtOnPage, debtsFor } from '../debts';
import type { DomainEvidence } from '../facts';
import { html, type Markup, visible } from './markup';
import { type Clock, timeOf } from './times';

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

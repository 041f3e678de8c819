import { counted } from '../../cases-audit/words';
import type { Change, CurrentField, TimelineEvent } from '../model';
import { html, type Markup, NOTHING, visible } from './markup';
import { type Clock, duration, timeOf } from './times';
import { fieldOf, personOf, shownValue, userOf } from './values';

/** All events in order, one article each. */
export function eventsOf(events: readonly TimelineEvent[], clock: Clock): Markup {
  return html`<ol class="events">${events.map((event) => html`<li>${eventOf(event, clock)}</li>`)}</ol>`;
}

/** The last value of each field of the case itself. */
export function currentOf(current: readonly CurrentField[], clock: Clock): Markup {
  if (current.length === 0) return html`<p>No event changed a field of the case itself.</p>`;
  const rows = current.map(
    ({ field, value, setBy, at, actor, isTied }) => html`<tr role="row">
<th role="rowheader" scope="row" data-label="Field">${fieldOf(field)}</th>
<td role="cell" data-label="Value">${shownValue(value, field.type)}${isTied ? html`<p class="warning">Another event of the same millisecond set this field too: which came last is not known.</p>` : NOTHING}</td>
<td role="cell" data-label="Since">${timeOf(clock, at)} <a href="#event-${setBy}">event ${setBy}</a></td>
<td role="cell" data-label="By">${userOf(actor)}</td>
</tr>`,
  );
  return html`<table role="table" class="stacking current">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Field</th><th role="columnheader" scope="col">Value</th><th role="columnheader" scope="col">Since</th><th role="columnheader" scope="col">By</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody>
</table>`;
}

function eventOf(event: TimelineEvent, clock: Clock): Markup {
  const { date, time } = clock.format(event.at);
  const name = `event-${event.number}`;
  return html`<article id="${name}" aria-labelledby="${name}-title">
<div class="when"><time datetime="${new Date(event.at).toISOString()}"><b>${date}</b> ${time}</time>${gapOf(event.gapMs)}</div>
<div class="what">
<h3 id="${name}-title"><span class="number">${event.number}</span> ${titleOf(event)}</h3>
<p class="who">by ${userOf(event.actor)}${principalOf(event)}</p>
${event.changes.length === 0 ? html`<p class="none">The event names no field.</p>` : changesOf(event)}
<p class="facts">${visible(event.type)} · event <code>${visible(event.id)}</code> · <a href="#commit-${event.commitSeq}">commit ${event.commitSeq}</a></p>
</div>
</article>`;
}

function gapOf(gapMs: number | null): Markup {
  if (gapMs === null) return NOTHING;
  const text = gapMs === 0 ? 'same millisecond: order not known' : `+ ${duration(gapMs)}`;
  return html`<span class="gap">${text}</span>`;
}

const TITLES: Readonly<Record<string, string>> = {
  'Case.Created': 'Case created',
  'Case.Updated': 'Case updated',
  'RelatedItem.Created': 'Related item added',
  'RelatedItem.Updated': 'Related item updated',
  'RelatedItem.Deleted': 'Related item deleted',
};

function titleOf({ type, relatedItemType }: TimelineEvent): Markup {
  const title = Object.hasOwn(TITLES, type) ? html`${TITLES[type] ?? ''}` : html`<bdi>${visible(type)}</bdi>`;
  return relatedItemType === null ? title : html`${title}: <bdi>${visible(relatedItemType)}</bdi>`;
}

function principalOf({ actor: { principal } }: TimelineEvent): Markup {
  return principal === null ? NOTHING : html`<span class="via">, through ${personOf(principal)}</span>`;
}

function changesOf({ changes, number }: TimelineEvent): Markup {
  return html`<table role="table" class="stacking changes">
<caption class="hidden">${counted(changes.length, 'field')} of event ${number}</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Field</th><th role="columnheader" scope="col">Before</th><th role="columnheader" scope="col">After</th></tr></thead>
<tbody role="rowgroup">${changes.map(changeOf)}</tbody>
</table>`;
}

function changeOf({ field, before, after, join }: Change): Markup {
  return html`<tr role="row">
<th role="rowheader" scope="row" data-label="Field">${fieldOf({ ...field, type: null })}</th>
<td role="cell" data-label="Before">${shownValue(before, field.type)}${join === null ? NOTHING : breakOf(join.after)}</td>
<td role="cell" data-label="After">${shownValue(after, field.type)}</td>
</tr>`;
}

function breakOf(after: number | null): Markup {
  if (after === null) {
    return html`<p class="warning">No earlier event gave the field this value: one is probably missing.</p>`;
  }
  return html`<p class="warning">Not what <a href="#event-${after}">event ${after}</a> left: a change between is probably missing.</p>`;
}

/** Values, fields and people as they stand in cells. */
import type { Actor, FieldLabel, Value } from '../model';
import type { Person } from '../persons';
import { html, type Markup, NOTHING, visible } from './markup';

/** Longer texts can be folded away on a screen; in print they stand whole. */
const MAX_UNFOLDED = 600;

export function shownValue(value: Value, fieldType: string | null): Markup {
  switch (value.kind) {
    case 'absent':
      return note('not given');
    case 'empty':
      return note('empty');
    case 'person':
      return personOf(value.person);
    case 'other':
      return html`${textOf(value.json)} <span class="kind">(kind <bdi>${visible(value.type)}</bdi>)</span>`;
    case 'plain':
      return plainOf(value, fieldType);
  }
}

export function personOf({ label, team, note: number }: Person): Markup {
  const ofTeam = team === null ? NOTHING : html` <span class="team">(<bdi>${visible(team)}</bdi>)</span>`;
  return html`<bdi>${visible(label)}</bdi>${ofTeam}<a class="note" href="#note-${number}">[${number}]</a>`;
}

/** Who, without the IAM principal. */
export function userOf({ user }: Actor): Markup {
  switch (user?.kind) {
    case 'user':
      return personOf(user.person);
    case 'custom':
      return html`<bdi>${visible(user.name)}</bdi> <span class="kind">(custom entity)</span>`;
    case 'other':
      return html`${textOf(user.json)} <span class="kind">(user of an unknown kind)</span>`;
    case undefined:
      return html`<span class="none">no user named</span>`;
  }
}

/** The name, and below it id, type and what has become of the field. */
export function fieldOf({ id, name, type, nameNow, isDeleted }: FieldLabel): Markup {
  const facts = [
    ...(name === null ? [] : [html`<code><bdi>${visible(id)}</bdi></code>`]),
    ...(type === null ? [] : [visible(type)]),
    ...(nameNow === null ? [] : [html`now called <bdi>${visible(nameNow)}</bdi>`]),
    ...(isDeleted ? [html`deleted since`] : []),
  ];
  const shown = name === null ? html`<code><bdi>${visible(id)}</bdi></code>` : html`<bdi>${visible(name)}</bdi>`;
  const below = facts.map((fact, index) => html`${index === 0 ? '' : ' · '}${fact}`);
  return html`<span class="field-name">${shown}</span>${facts.length === 0 ? NOTHING : html`<span class="facts">${below}</span>`}`;
}

function plainOf(value: Value & { kind: 'plain' }, fieldType: string | null): Markup {
  if (value.text === '') return note('empty text');
  const kind = kindWorthSaying(value.type, fieldType);
  const named = kind === null ? NOTHING : html` <span class="kind">(${kind})</span>`;
  if (value.label === null || value.label === value.text) return html`${textOf(value.text)}${named}`;
  return html`<bdi class="label">${visible(value.label)}</bdi> <span class="raw">(<bdi class="text">${visible(value.text)}</bdi>)</span>${named}`;
}

/** The field's type says it, unless nobody knows it or it says otherwise. */
function kindWorthSaying(type: 'string' | 'double' | 'boolean', fieldType: string | null): string | null {
  if (type === 'double') return fieldType === 'Number' ? null : 'number';
  if (type === 'boolean') return fieldType === 'Boolean' ? null : 'true or false';
  return fieldType === 'Number' || fieldType === 'Boolean' ? 'text' : null;
}

function textOf(text: string): Markup {
  const size = text.length;
  if (size <= MAX_UNFOLDED) return html`<bdi class="text">${visible(text)}</bdi>`;
  const summary = `Text of ${[...text].length.toLocaleString('en-US')} characters`;
  return html`<details open><summary>${summary}</summary><div class="text" dir="auto">${visible(text)}</div></details>`;
}

function note(text: string): Markup {
  return html`<span class="none">${text}</span>`;
}

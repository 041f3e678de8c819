/** The whole page: one file that asks for nothing, runs nothing, and prints. Pure. */
import { createHash } from 'node:crypto';
import { counted } from '../../cases-audit/words';
import type { Timeline } from '../model';
import { currentOf, eventsOf } from './events';
import { debtsOf, filesOf, personsOf, type TimelineWithEvidence, verdictOf } from './evidence';
import { html, type Markup, NOTHING, visible, visiblePlain } from './markup';
import { styleOf } from './style';
import { duration, timeOf } from './times';

interface Page extends TimelineWithEvidence {
  readonly madeAt: number;
}

/** The same page gives the same text. Every value of it is escaped; the policy in it allows its own style sheet and nothing else. */
export function renderPage(page: Page): string {
  const { timeline } = page;
  const style = styleOf(timeline.caseId, page.evidence.domainId);
  const policy = `default-src 'none'; style-src 'sha256-${base64Sha256(style.markup)}'; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${titleOf(timeline)}</title>
<style>${style}</style>
</head>
<body>
${headerOf(page)}
<main>
<section aria-labelledby="complete"><h2 id="complete">Is it complete?</h2>
${verdictOf(page)}
</section>
<section aria-labelledby="debts"><h2 id="debts">What the export still owes</h2>
<p class="lead">Cases of the whole domain of which the export knows something that it has not read, as of the newest manifest.</p>
${debtsOf(timeline.caseId, page.evidence, page.clock)}
</section>
<section aria-labelledby="current"><h2 id="current">Present state</h2>
<p class="lead">The last value of each field of the case, by name. Fields of related items stand with their events.</p>
${currentOf(timeline.current, page.clock)}
</section>
<section aria-labelledby="events"><h2 id="events">Every event, in order</h2>
${LEGEND}
${eventsOf(timeline.events, page.clock)}
</section>
<section aria-labelledby="persons"><h2 id="persons">Users and principals</h2>
${personsOf(timeline.persons)}
</section>
<section aria-labelledby="files"><h2 id="files">Evidence</h2>
${filesOf(page)}
${HOW_TO_CHECK}
</section>
</main>
</body>
</html>
`.markup;
}

const LEGEND: Markup = html`<p class="lead">Ordered by time, then by event id: the service promises no better order.
<span class="none">not given</span> the event carries no such value ·
<span class="none">empty</span> the field was cleared ·
<span class="none">empty text</span> a text of no characters ·
<span class="mark">U+202E</span> a character that cannot be seen, by its code point ·
<span class="blank">   </span> blanks that would be overlooked ·
<a class="note" href="#persons">[1]</a> whose ARN is in that note.</p>`;

const HOW_TO_CHECK: Markup = html`<p class="lead">To check without this tool: <code>sha256sum</code> of each file in the archive gives the value here; each
manifest names the SHA-256 of the one before it as <code>previousSha256</code> and that of each of its files in <code>objects</code>, back to manifest 1. A record of
the newest manifest’s SHA-256, kept elsewhere, therefore seals all of them.</p>`;

function headerOf({ timeline, evidence, clock, madeAt }: Page): Markup {
  const { caseId, title, reference, template, events, rowCount } = timeline;
  const [first, last] = [events[0]?.at ?? 0, events.at(-1)?.at ?? 0];
  return html`<header>
<p class="kicker">Amazon Connect Cases · case timeline</p>
<h1><bdi>${visible(title ?? caseId)}</bdi></h1>
<dl class="facts-list">
${reference === null ? NOTHING : html`<div><dt>Reference number</dt><dd><bdi>${visible(reference)}</bdi></dd></div>`}
<div><dt>Case</dt><dd><code><bdi>${visible(caseId)}</bdi></code></dd></div>
<div><dt>Domain</dt><dd><bdi>${visible(evidence.domainId)}</bdi></dd></div>
<div><dt>Template</dt><dd>${templateOf(template)}</dd></div>
<div><dt>Period</dt><dd>${timeOf(clock, first)} to ${timeOf(clock, last)} (${duration(last - first)})</dd></div>
<div><dt>Events</dt><dd>${counted(events.length, 'event')}, ${counted(rowCount, 'row')}</dd></div>
<div><dt>Times in</dt><dd>${clock.zone}${clock.zone === 'UTC' ? '' : '; values of fields as stored'}</dd></div>
<div><dt>Page made</dt><dd>${timeOf(clock, madeAt)}</dd></div>
</dl>
<nav aria-label="Sections"><a href="#complete">Is it complete?</a> <a href="#debts">What is owed</a> <a href="#current">Present state</a> <a href="#events">Events</a> <a href="#persons">Users</a> <a href="#files">Evidence</a></nav>
</header>`;
}

/** Of a window or a file, where the reference comes first: it is what people search for. */
function titleOf({ caseId, title, reference }: Timeline): string {
  return visiblePlain(
    ['Case timeline', [reference, title ?? caseId].filter((part) => part !== null).join(' · ')].join(' '),
  );
}

function templateOf(template: Timeline['template']): Markup {
  if (template === null) return html`<span class="none">not known</span>`;
  const id = html`<code><bdi>${visible(template.id)}</bdi></code>`;
  return template.name === null ? id : html`<bdi>${visible(template.name)}</bdi> ${id}`;
}

function base64Sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

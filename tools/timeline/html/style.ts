import { cssOnly, cssString, type Markup } from './markup';

/** The style sheet. Case and domain stand at the head of each printed page. */
export function styleOf(caseId: string, domainId: string): Markup {
  return cssOnly(`${SCREEN}
@page {
  margin: 16mm 13mm 14mm;
  @top-left { content: "Case timeline " ${cssString(caseId)}; font: 8pt sans-serif; color: #444; }
  @top-right { content: "Domain " ${cssString(domainId)}; font: 8pt sans-serif; color: #444; }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 8pt sans-serif; color: #444; }
}
${PRINT}`);
}

const SCREEN = `
:root { color-scheme: light; --ink: #1b1f24; --soft: #555d68; --line: #d5dae1; --shade: #f4f6f8; --link: #0a4f9e; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem clamp(0.75rem, 3vw, 2rem) 4rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 3px solid #b45309; outline-offset: 2px; }
code, .arn, .path { font-family: ui-monospace, SFMono-Regular, Menlo, "Liberation Mono", monospace; font-size: 0.875em; }
h1 { margin: 0 0 1rem; font-size: clamp(1.2rem, 4vw, 1.75rem); line-height: 1.25; }
h2 { margin: 2.5rem 0 0.75rem; padding-bottom: 0.25rem; border-bottom: 2px solid var(--ink); font-size: 1.25rem; }
h3 { margin: 0; font-size: 1.05rem; }
.kicker { margin: 0; color: var(--soft); font-size: 0.875rem; }
.lead { color: var(--soft); font-size: 0.9rem; max-width: 60rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin-top: 1rem; }
.facts-list { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 0.5rem 2rem; margin: 0; }
.facts-list dt { color: var(--soft); font-size: 0.8rem; }
.facts-list dd { margin: 0; }
.facts-list.wide { display: block; }
.wide > div { display: grid; grid-template-columns: minmax(6rem, 11rem) minmax(0, 1fr); gap: 0 1rem; padding: 0.35rem 0; border-bottom: 1px solid var(--line); }
.wide dt { padding-top: 0.15rem; }
.verdict { margin: 0 0 1.25rem; padding: 0.75rem 1rem; border: 1px solid var(--line); border-left: 0.5rem solid; background: var(--shade); }
.verdict.good { border-left-color: #17713a; }
.verdict.mixed { border-left-color: #a35a00; }
.verdict.bad { border-left-color: #b3261e; }
.verdict p { margin: 0.25rem 0; }
.verdict ul { margin: 0.25rem 0; padding-left: 1.25rem; }
.statement { font-size: 1.1rem; font-weight: 600; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; font-size: 0.925rem; }
th, td { padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-size: 0.8rem; font-weight: 600; background: var(--shade); }
tbody th { font-weight: 600; }
.current th:first-child { width: 24%; }
.current th:nth-child(3) { width: 23%; }
.current th:nth-child(4) { width: 19%; }
.changes th:first-child { width: 28%; }
.debts th:first-child { width: 36%; }
.files th:first-child { width: 9rem; }
.persons th:first-child { width: 5rem; }
.persons th:nth-child(2) { width: 30%; }
.field-name, .facts, .gap, .hash, .path { display: block; }
.facts { line-height: 1.3; }
.facts, .kind, .team, .via { color: var(--soft); font-weight: 400; font-size: 0.8rem; }
.none { color: var(--soft); font-style: italic; font-size: 0.875rem; }
.text { white-space: pre-wrap; }
.raw { color: var(--soft); }
.note { margin-left: 0.15rem; font-size: 0.75rem; text-decoration: none; white-space: nowrap; }
.note:hover, .note:focus { text-decoration: underline; }
.mark { display: inline-block; margin: 0 0.1rem; padding: 0 0.2rem; border: 1px solid #8a3b00; border-radius: 0.2rem; color: #7a3300; background: #fff6ec;
  font: 0.75em/1.4 ui-monospace, Menlo, "Liberation Mono", monospace; unicode-bidi: isolate; direction: ltr; }
.blank { white-space: pre-wrap; background: #f3d9a4; }
.warning { margin: 0.3rem 0 0; padding: 0.15rem 0.5rem; border-left: 0.25rem solid #a35a00; color: #7a3300; background: #fff6ec; font-size: 0.85rem; }
.events { margin: 1rem 0 0; padding: 0; list-style: none; }
article { display: grid; grid-template-columns: 11rem minmax(0, 1fr); }
.when { padding: 0 1rem 1.5rem 0; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.when time, .when b { display: block; }
.when .facts { font-size: 0.8rem; }
.gap { color: var(--soft); font-size: 0.8rem; }
.what { position: relative; padding: 0 0 1.75rem 1.5rem; border-left: 2px solid var(--line); }
.what::before { content: ""; position: absolute; left: -0.45rem; top: 0.35rem; width: 0.75rem; height: 0.75rem; border-radius: 50%; background: #fff; border: 3px solid var(--link); }
.number { color: var(--soft); font-weight: 400; }
.who { margin: 0 0 0.5rem; }
article p.facts { margin: 0.35rem 0 0; }
:target { background: #fff9db; }
summary { cursor: pointer; color: var(--link); font-size: 0.85rem; }
@media screen and (max-width: 46rem) {
  article { display: block; padding-left: 0.9rem; border-left: 2px solid var(--line); margin-bottom: 1.75rem; }
  .wide > div { display: block; }
  .when { padding: 0 0 0.25rem; }
  .when time, .when b, .gap, .when .facts { display: inline; margin-right: 0.5rem; }
  .what { padding: 0; border: 0; }
  .what::before { left: -1.4rem; top: -1.3rem; }
  .stacking, .stacking tbody, .stacking tr, .stacking th, .stacking td { display: block; }
  .stacking thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacking tbody th { width: auto !important; padding: 0.35rem 0.6rem; border: 0; background: var(--shade); }
  .stacking tr { border: 1px solid var(--line); margin-bottom: 0.5rem; }
  .stacking td { border: 0; padding: 0.2rem 0.6rem; }
  .stacking td::before { content: attr(data-label); display: block; color: var(--soft); font-size: 0.75rem; font-weight: 600; }
}`;

/** Paper: everything a size smaller, the head of the tables of changes once, nothing begins a page of its own. */
const PRINT = `@media print {
  html { font-size: 9pt; }
  body { max-width: none; padding: 0; line-height: 1.3; }
  nav { display: none; }
  a { color: inherit; text-decoration: none; }
  h1 { margin-bottom: 0.5rem; font-size: 1.5rem; }
  h2 { margin: 1rem 0 0.4rem; }
  h2, h3, .who, thead, .when { break-after: avoid; }
  tr { break-inside: avoid-page; }
  tr:has(details) { break-inside: auto; }
  article:not(:has(details, tbody tr:nth-child(9))) { break-inside: avoid; }
  h2 + .persons thead, .persons tr:first-child { break-before: avoid; }
  th, td { padding: 0.1rem 0.5rem; }
  .lead { margin: 0.25rem 0; }
  .facts-list { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.2rem 1rem; }
  .wide > div { padding: 0.15rem 0; }
  .verdict { margin-bottom: 0.5rem; padding: 0.3rem 0.75rem; }
  .events { margin-top: 0.5rem; }
  /* A grid is broken at any place; a block keeps together. */
  article { display: block; position: relative; padding-left: 11.5rem; }
  .when { position: absolute; left: 0; top: 0; width: 11rem; padding: 0; }
  .when time, .when b { display: inline; }
  .what { padding: 0 0 0.6rem 1rem; }
  .what::before { left: -0.3rem; top: 0.25rem; width: 0.5rem; height: 0.5rem; border-width: 2px; }
  .who { margin: 0; }
  article p.facts { margin: 0.1rem 0 0; }
  li:not(:first-child) .changes thead { display: none; }
  .changes .field-name, .changes .field-name + .facts { display: inline; }
  .changes .field-name + .facts::before { content: " "; }
  details::details-content { content-visibility: visible; display: block; }
  summary { list-style: none; color: var(--soft); }
  :target { background: none; }
  .verdict, thead th, tbody th, .mark, .blank, .warning { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  p { orphans: 3; widows: 3; }
}`;

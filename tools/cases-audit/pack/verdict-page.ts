/** The verdict of a pack for people: one file that asks for nothing and runs nothing. Pure. */
import { html, type Markup, visible } from '../../timeline/html/markup';
import type { CoverageAnswer } from '../period/coverage';
import type { VerifySummary } from '../verify/summary';
import type { Builds } from './copy';

/**
 * The same values give the same text. What an archive holds is escaped; the policy in the page allows nothing from
 * elsewhere.
 */
export function verdictPage(verdict: VerifySummary, coverage: CoverageAnswer, builds: Builds): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>Verdict on an archive</title>
</head>
<body>
<h1>Verdict on an archive</h1>
<p>Checked ${visible(verdict.checkedAt)}. This page shows verdict.json, coverage.json and builds.json, which lie beside it.</p>
<h2>Is it what was written?</h2>
<p><strong>${visible(verdict.verdict)}</strong>: ${visible(verdict.proven)}</p>
<p>Keys that were given: ${visible(verdict.keys.join(', ') || 'none')}</p>
${tableOf(['Domain', 'Commits', 'Newest commit', 'Its manifest, SHA-256', 'Signed through'], verdict.domains.map(domainCells))}
${tableOf(
  ['Finding', 'Domain', 'Commit', 'Words'],
  verdict.findings.map(({ kind, domain, commit, words }) => [kind, domain ?? '', String(commit ?? ''), words]),
)}
<h2>Is it complete?</h2>
<p><strong>${visible(coverage.verdict)}</strong>: ${visible(coverage.answer)}</p>
<p>Period: ${visible(coverage.period.from ?? 'the beginning')} to ${visible(coverage.period.until)}</p>
${tableOf(
  ['Domain', 'Reason', 'Words'],
  coverage.domains.flatMap(({ domain, reasons }) => reasons.map(({ code, words }) => [domain, code, words])),
)}
<h2>What neither says</h2>
${tableOf(
  ['What', 'Why'],
  [...verdict.limits, ...coverage.limits].map(({ what, why }) => [what, why]),
)}
<h2>Which code and settings made it</h2>
${tableOf(['Domain', 'Commits', 'From', 'Until', 'Bundle, SHA-256', 'Settings, SHA-256'], builds.domains.flatMap(buildCells))}
</body>
</html>
`.markup;
}

function domainCells({ domain, commits, newest, signed }: VerifySummary['domains'][number]): string[] {
  const through = signed === null ? 'none' : `${signed.commit} by ${signed.keyIds.join(', ')}`;
  return [domain, String(commits), String(newest?.commit ?? ''), newest?.manifestSha256 ?? '', through];
}

function buildCells({ domain, runs }: Builds['domains'][number]): string[][] {
  return runs.map(({ firstCommit, lastCommit, from, until, bundleSha256, settingsSha256 }) => [
    domain,
    `${firstCommit} to ${lastCommit}`,
    ...[from, until, bundleSha256, settingsSha256],
  ]);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  if (rows.length === 0) return html`<p>None.</p>`;
  return html`<table border="1">
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (cells) => html`<tr>${cells.map((cell) => html`<td>${visible(cell)}</td>`)}</tr>
`,
  )}</tbody>
</table>`;
}

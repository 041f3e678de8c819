/** What a check came to, for people: one line that says what is proven, a table of what is not and why, and what was not looked at. */
import Table from 'cli-table3';
import picocolors from 'picocolors';
import type { Console } from '../console';
import { type Headline, headlineOf, tableOf } from '../reports';
import { counted, printable, wrap } from '../words';
import { FINDING_KINDS, type Finding } from './findings';
import type { VerifySummary } from './summary';

const MAX_SHOWN = 25;
const INDENT = '  ';

type Colors = ReturnType<typeof picocolors.createColors>;

/** Lines of at most `width` characters; what an archive holds steers no terminal. */
export function report(summary: VerifySummary, { width, hasColors }: Pick<Console, 'width' | 'hasColors'>): string {
  // Whether there are colours is the console's to say: picocolors would also colour a file that a CI job writes.
  const colors = picocolors.createColors(hasColors);
  return [
    headlineOf(HEADLINES[summary.verdict], summary.proven, width, colors),
    ...summary.domains.map((domain) => domainLine(domain, width, colors)),
    '',
    ...findingTables(summary, width, colors),
    ...limits(summary, width, colors),
  ]
    .join('\n')
    .trimEnd();
}

const HEADLINES: Readonly<Record<VerifySummary['verdict'], Headline>> = {
  sound: ['green', '✓', 'Sound.'],
  contradicted: ['red', '✗', 'Contradicted.'],
  'sound-as-far-as-checked': ['yellow', '?', 'Sound as far as checked.'],
  interrupted: ['yellow', '?', 'Sound as far as checked.'],
};

function domainLine(domain: VerifySummary['domains'][number], width: number, colors: Colors): string {
  const { since, commits, newest, signed, expired, objects, rows } = domain;
  const parts = [
    domain.domain,
    newest === null
      ? 'no commit'
      : `${counted(commits, 'commit')}${since > 1 ? ` since ${since.toLocaleString('en-US')}` : ''}, the newest ${newest.commit.toLocaleString('en-US')} of ${newest.exportedAt}`,
    ...(expired === null ? [] : [`${counted(expired.commits, 'older commit')} expired`]),
    signed === null
      ? 'no signature that counts'
      : `signed through ${signed.commit.toLocaleString('en-US')} by ${signed.keyIds.join(', ')}`,
    `${counted(objects.checked, 'file')}, ${counted(rows.decoded, 'row')} decoded`,
  ];
  const lines = wrap(printable(parts.join(' · ')), width - INDENT.length).split('\n');
  return lines.map((line) => colors.dim(`${INDENT}${line}`)).join('\n');
}

function findingTables({ findings, findingCounts }: VerifySummary, width: number, colors: Colors): string[] {
  const groups = [
    ['What contradicts', findings.filter(({ kind }) => FINDING_KINDS[kind] === 'contradicts')],
    ['What could not be checked', findings.filter(({ kind }) => FINDING_KINDS[kind] === 'unchecked')],
  ] as const;
  return groups.flatMap(([title, group]) => {
    if (group.length === 0) return [];
    const all = group.reduce((kinds, { kind }) => kinds.add(kind), new Set<string>());
    const total = Object.entries(findingCounts).reduce((sum, [kind, count]) => sum + (all.has(kind) ? count : 0), 0);
    const shown = group.slice(0, MAX_SHOWN);
    const left = total - shown.length;
    return [
      colors.bold(title),
      tableOf(['commit', 'what, why, what to do'], shown.map(rowOf), width - 2),
      ...(left > 0 ? [`… and ${left.toLocaleString('en-US')} more: --json lists up to 1,000 of each kind.`] : []),
      '',
    ];
  });
}

function rowOf({ commit, key, words, kind }: Finding): string[] {
  const where = key === null || words.includes(key) ? '' : `\n${key}`;
  return [String(commit ?? ''), `${kind}: ${words}${where}`];
}

function limits({ limits: all }: VerifySummary, width: number, colors: Colors): string[] {
  if (all.length === 0) return [];
  const wide = Math.max(20, width - 26);
  const table = new Table({
    style: { head: [], border: [], compact: true },
    colWidths: [21, wide + 2],
  });
  for (const { what, why } of all) table.push([what, wrap(why, wide)]);
  return [colors.bold('What this check does not say'), table.toString()];
}

/** Promise: the page for whoever is on call says of every alarm of the runbook how urgent it is, until when, what to ask, and what is good. */
import { readText } from '../../lib/text-file';

const page = readText('docs/operating.md');

function sectionsOf(text: string, from: string): Map<string, string> {
  const [, part = ''] = text.split(from);
  const sections = (part.split(/^## /m)[0] ?? '').split(/^### /m).slice(1);
  return new Map(sections.map((section) => [section.split('\n')[0] ?? '', section]));
}

const alarms = sectionsOf(page, '\n## Alarms\n');
const inRunbook = sectionsOf(readText('docs/runbook.md'), '\n## Alarms\n');
const runbook = [...inRunbook.keys()];

test('every alarm of the runbook is there, in its order, and no other', () => {
  expect(runbook.length).toBeGreaterThan(10);
  expect([...alarms.keys()]).toEqual(runbook);
});

test.each(runbook)('%s', (name) => {
  const row = page.split('\n').find((line) => line.startsWith(`| [${name}](#${name}) |`));
  expect(row).toMatch(/\| (now|today|this week) \| \S.* \|$/);
  const section = alarms.get(name) ?? '';
  expect(section).toMatch(/\*\*Ask\.\*\*[\s\S]*`/);
  expect(section).toMatch(/^\*\*Good\.\*\* \S/m);
  expect(section).toMatch(/^\*\*Else\.\*\* \S/m);
  expect(section).toContain(`](runbook.md#${name})`);
});

test.each(runbook)('the runbook says the same of %s: how urgent, until when', (name) => {
  const words = (inRunbook.get(name) ?? '').replace(/\s+/g, ' ');
  const [, urgency = '', deadline = ''] =
    new RegExp(`^\\| \\[${name}\\]\\(#${name}\\) \\| ([^|]+) \\| ([^|]+) \\|$`, 'm').exec(page) ?? [];
  expect(words.toLowerCase()).toContain(`**how urgent.** ${urgency}. deadline: ${deadline.toLowerCase()}.`);
  expect(words).toContain(`[operating](operating.md#${name})`);
});

test('every command of the page is one of the command line', () => {
  const commands = [...page.matchAll(/cases-audit ([a-z]+)/g)].map(([, name]) => name);
  const known = new Set([...readText('docs/cases-audit.md').matchAll(/^\| `([a-z]+)`/gm)].map(([, name]) => name));
  for (const name of ['replay', 'void']) known.add(name);
  expect(commands.filter((name) => name !== undefined && !known.has(name))).toEqual([]);
});

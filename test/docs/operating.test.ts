/** Promise: the runbook says of every alarm how urgent it is, until when, what to ask, and what is good; the page for people on call compares them. */
import { readText } from '../../lib/text-file';

const page = readText('docs/operating.md');
const [, part = ''] = readText('docs/runbook.md').split('\n## Alarms\n');
const sections = (part.split(/^## /m)[0] ?? '').split(/^### /m).slice(1);
const alarms = new Map(sections.map((section) => [section.split('\n')[0] ?? '', section]));
const ROW = /^\| \[([\w-]+)\]\(runbook\.md#([\w-]+)\) \| ([^|]+) \| ([^|]+) \|$/gm;
const rows = [...page.matchAll(ROW)].map(([, name, anchor, urgency = '', deadline = '']) => {
  return { name, anchor, urgency, deadline };
});

test('every alarm of the runbook is in the table, in its order, and no other', () => {
  expect(alarms.size).toBeGreaterThan(10);
  expect(rows.map(({ name }) => name)).toEqual([...alarms.keys()]);
  expect(rows.map(({ anchor }) => anchor)).toEqual([...alarms.keys()]);
});

test.each([...alarms])('%s', (_, section) => {
  expect(section).toMatch(/^- \*\*How urgent\.\*\* (Now|Today|This week)\. Deadline: \S/m);
  expect(section).toMatch(/^- \*\*Ask\.\*\*[\s\S]*?`/m);
  expect(section).toMatch(/^- \*\*Good\.\*\* \S/m);
  expect(section).toMatch(/^- \*\*Look\.\*\* \S/m);
  expect(section).toMatch(/^- \*\*Do\.\*\*/m);
});

test.each(rows)('the runbook says the same of $name: how urgent, until when', ({ name = '', urgency, deadline }) => {
  const words = (alarms.get(name) ?? '').replace(/\s+/g, ' ').toLowerCase();
  expect(words).toContain(`**how urgent.** ${urgency}. deadline: ${deadline.toLowerCase()}.`);
});

test('every command of both pages is one of the command line', () => {
  const commands = [...`${page}${part}`.matchAll(/cases-audit ([a-z]+)/g)].map(([, name]) => name);
  const known = new Set([...readText('docs/cases-audit.md').matchAll(/^\| `([a-z]+)`/gm)].map(([, name]) => name));
  for (const name of ['replay', 'void']) known.add(name);
  expect(commands.filter((name) => name !== undefined && !known.has(name))).toEqual([]);
});

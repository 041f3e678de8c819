/** Promise: no page says that a deployment undoes a change made by hand, which CloudFormation does not see. */
import { readdirSync, readFileSync } from 'node:fs';
import { readText } from '../../lib/text-file';

const below = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
const pages = ['README.md', ...below.map((file) => `docs/${file}`)];

/** Ways to say that a plain deployment restores what somebody changed, or that `cdk diff` shows it. */
const PROMISES = [
  /deploy again[:,]? (it )?(restores|mends|brings back)/i,
  /`cdk diff`:? shows (it|what (differs|was changed))/i,
  /(undone|set back|restored) by the next (`?cdk )?deploy/i,
  /lasts until the next `?(cdk )?deploy/i,
  /to end one at once, deploy/i,
  /deploy, if the schedule is gone/i,
];

test.each(pages)('%s', (page) => {
  const text = readText(page).replace(/\s+/g, ' ');
  expect(PROMISES.filter((promise) => promise.test(text)).map(String)).toEqual([]);
});

test('the check sees: the sentences that this project once had', () => {
  const former = [
    'Deploy again: it restores schedules, their role and the functions.',
    'someone changed the role: `cdk diff` shows it; deploy',
    'A change made by hand in the console is undone by the next deployment.',
    'a changed variable lasts until the next `cdk deploy`.',
    'To end one at once, deploy or change any setting of the function',
    'Deploy, if the schedule is gone.',
  ];
  expect(former.filter((text) => !PROMISES.some((promise) => promise.test(text)))).toEqual([]);
});

test('the commands that the runbook names in their place are known to the CLI that is installed', () => {
  const section =
    readText('docs/runbook.md')
      .split(/^### /m)
      .find((each) => each.startsWith('Changes made by hand')) ?? '';
  expect(section).toContain('cdk drift');
  expect(section).toContain('cdk deploy --revert-drift');
  const cli = readFileSync('node_modules/aws-cdk/lib/index.js', 'utf8');
  expect(cli).toContain('revert-drift');
  expect(cli).toContain('drift [STACKS..]');
});

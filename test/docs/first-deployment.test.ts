/** Promise: the page of the first deployment says after each step what to see and how to undo it, and undoes a first create that failed. */
import { readText } from '../../lib/text-file';
import { codeSpansOf } from './markdown';

const page = readText('docs/first-deployment.md');
const steps = page.split(/^## /m).filter((part) => /^\d+\. /.test(part));

test('every step that does something says what to see and how to undo it', () => {
  expect(steps.map((step) => step.split('.')[0])).toEqual(steps.map((_, index) => String(index + 1)));
  const doing = steps.filter((step) => step.includes('```bash') || step.startsWith('10.'));
  expect(doing.length).toBeGreaterThanOrEqual(7);
  const silent = doing.filter((step) => !/^\*\*See\.\*\* /m.test(step) || !/^\*\*Undo\.\*\* /m.test(step));
  expect(silent.map((step) => step.split('\n')[0])).toEqual([]);
});

test('the self-test comes last before the handover', () => {
  const [before = '', last = ''] = steps.slice(-2);
  expect(before).toContain('cases-audit.js doctor --stack <prefix>-export');
  expect(before).toContain('--after-deploy');
  expect(last).toContain('Hand over');
});

test('a first creation that failed is undone in the order in which AWS lets it: protection, stack, then what stayed', () => {
  const undo = page.split('## Undo a first deployment that failed')[1] ?? '';
  const commands = [
    'describe-stack-events',
    "ResourceStatus=='DELETE_SKIPPED'",
    'update-termination-protection --no-enable-termination-protection',
    'delete-stack',
    'wait stack-delete-complete',
    'update-table --table-name <table> --no-deletion-protection-enabled',
    'delete-table',
  ];
  const places = commands.map((command) => undo.indexOf(command));
  expect(places.filter((place) => place < 0)).toEqual([]);
  expect([...places].sort((one, other) => one - other)).toEqual(places);
  // What the templates keep on a roll-back of the creation (test/lib/storage/storage.test.ts).
  for (const type of ['AWS::DynamoDB::Table', 'AWS::KMS::Key']) expect(codeSpansOf(undo)).toContain(type);
});

test('it is one page: the runbook sends there and has no steps of its own', () => {
  const section =
    readText('docs/runbook.md')
      .split(/^### /m)
      .find((each) => each.startsWith('First deployment')) ?? '';
  expect(section).toContain('(first-deployment.md)');
  expect(section).not.toMatch(/^\d+\. /m);
});

test('nothing that the runbook has people write lies where a table would read it', () => {
  const runbook = readText('docs/runbook.md');
  expect(runbook).toContain('`erasures/<date>.txt`');
  expect(runbook).not.toMatch(/`(manifests|field_changes|fields)\/[^`]*\.txt`/);
});

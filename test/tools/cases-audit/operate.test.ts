/** Promise: void and replay do what the function does, once per run until nothing is left, and end with the code that the answer asks for. */
import { Command } from 'commander';
import { InvalidInputError } from '../../../lambda/export/domain/errors';
import type { Console } from '../../../tools/cases-audit/console';
import { type Handler, loadHandler, replayCommand, voidCommand } from '../../../tools/cases-audit/operate/commands';
import { WrongCallError } from '../../../tools/cases-audit/outcome';
import { cli, keepingConsole } from './command-line';

type Make = (console: Console, load: () => Handler) => Command;

/** Runs a command over a function that answers with these in turn. */
async function operate(make: Make, args: readonly string[], statuses: readonly string[], stopAfter = 99) {
  const events: unknown[] = [];
  const controller = new AbortController();
  const handler: Handler = async (event, context) => {
    expect(context.getRemainingTimeInMillis()).toBeGreaterThan(0);
    events.push(event);
    if (events.length >= stopAfter) controller.abort();
    return { status: statuses[events.length - 1], commits: 1 } as never;
  };
  const { console, ended } = keepingConsole({ signal: controller.signal });
  await new Command().addCommand(make(console, () => handler)).parseAsync([...args], { from: 'user' });
  return { ...ended, events };
}

test('replay goes on until nothing is left, one line for each run', async () => {
  const { code, out, events } = await operate(replayCommand, ['replay', '--domain', 'd'], ['continues', 'complete']);
  expect(code).toBe(0);
  expect(events).toEqual([1, 2].map(() => ({ domainId: 'd', task: 'replay-quarantine' })));
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).status),
  ).toEqual(['continues', 'complete']);
});

test('void takes the number of the commit; --json is one line of a known shape', async () => {
  const { code, out, events } = await operate(
    voidCommand,
    ['void', '--domain', 'd', '--seq', '7', '--json'],
    ['complete'],
  );
  expect({ code, events }).toEqual({ code: 0, events: [{ domainId: 'd', task: 'void-commit', seq: 7 }] });
  expect(JSON.parse(out)).toEqual({
    format: 'cases-audit-task/v1',
    domainId: 'd',
    task: 'void-commit',
    seq: 7,
    verdict: 'done',
    exitCode: 0,
    runs: [{ status: 'complete', commits: 1 }],
  });
});

test('another run has the lease: 3, and when to try again', async () => {
  const { code, err } = await operate(replayCommand, ['replay', '--domain', 'd'], ['busy']);
  expect(code).toBe(3);
  expect(err).toContain('Another run has the lease. Try again when it has ended');
});

test('Ctrl-C stops between two runs, and does not say that nothing was changed', async () => {
  const { code, err, events } = await operate(replayCommand, ['replay', '--domain', 'd'], ['continues', 'complete'], 1);
  expect({ code, runs: events.length }).toEqual({ code: 130, runs: 1 });
  expect(err).toContain('what is done stays. Call again to go on.');
});

test('what the function refuses is a wrong call', async () => {
  const refusing: Handler = async () => {
    throw new InvalidInputError('the last commit is 1');
  };
  const { console } = keepingConsole();
  const command = new Command().addCommand(voidCommand(console, () => refusing));
  const call = command.parseAsync(['void', '--domain', 'd', '--seq', '7'], { from: 'user' });
  await expect(call).rejects.toThrow(WrongCallError);
  await expect(call).rejects.toThrow('the last commit is 1');
});

test('a bundle that is not built is said', () => {
  expect(() => loadHandler(['/nowhere/index.js'])).toThrow(/The bundle of the function is not here.*npm run build/);
});

test.each([
  [['replay'], /required option '--domain <id>' not specified/],
  [['void', '--domain', 'd'], /required option '--seq <number>' not specified/],
  [['void', '--domain', 'd', '--seq', 'last'], /--seq is "last", expected the number of the commit to void/],
  [['void', '--domain', 'd', '--seq', '0'], /--seq is "0"/],
  [['replay', '--domain', 'd', '--seq', '7'], /unknown option '--seq'/],
])('a wrong call ends with 2: %j', async (args, words) => {
  expect(await cli(args)).toEqual({ code: 2, out: '', err: expect.stringMatching(words) });
});

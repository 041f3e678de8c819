/** The parts of a world under fire do what they say: else a quiet run would prove nothing. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../../lambda/export/domain/stored-form';
import type { ProxiedAnswer, ProxiedRequest } from '../../local/proxy/proxy';
import { clockAhead } from '../support/clock-ahead';
import { scratchOfFile } from '../support/scratch';
import { aManifest } from '../support/stored-values';
import { ArchiveWatch } from './archive-watch';
import { parseCommandLine, runWorlds } from './chaos';
import { createDropping, type DropRates, noDrops } from './dropping';
import { planWorld } from './plan';
import { kindOf, REQUEST_KINDS } from './requests';
import { allIsWell, failureLines, type Outcome, summaryLines } from './summary';
import { Trigger } from './trigger';
import type { WorldResult } from './world';

function request(change: Partial<ProxiedRequest> = {}): ProxiedRequest {
  return { number: 1, method: 'PUT', path: '/archive/a', headers: {}, body: Buffer.from(''), ...change };
}

function tableRequest(operation: string, body = '{}'): ProxiedRequest {
  const headers = { 'x-amz-target': `DynamoDB_20120810.${operation}` };
  return request({ method: 'POST', path: '/', headers, body: Buffer.from(body) });
}

const NONE: DropRates = { before: 0, after: 0, error: 0, delay: 0, hang: 0, late: 0 };

function ratesOf(rates: Partial<DropRates>) {
  const all = { ...NONE, ...rates };
  return { cases: all, s3: all, dynamodb: all };
}

describe('Dropping', () => {
  async function fatesOf(seed: number, rates: Partial<DropRates>, requests = 400) {
    const dropping = createDropping(seed, ratesOf(rates));
    const hook = dropping.hook('s3');
    const faults = [];
    for (let number = 1; number <= requests; number += 1) faults.push(await hook(request({ number })));
    return { faults, counts: dropping.counts };
  }

  test('the same seed decides the same, another seed otherwise, and each fate comes about as often as asked', async () => {
    const rates = { before: 0.2, after: 0.3, error: 0.1 };
    const first = await fatesOf(1, rates);
    expect((await fatesOf(1, rates)).faults).toEqual(first.faults);
    expect((await fatesOf(2, rates)).faults).not.toEqual(first.faults);
    const { requests, before, after, error } = first.counts.s3;
    expect(requests).toBe(400);
    for (const [times, share] of [
      [before, 0.2],
      [after, 0.3],
      [error, 0.1],
    ] as const) {
      expect(Math.abs(times / 400 - share)).toBeLessThan(0.08);
    }
    expect(first.faults.filter((fault) => fault?.kind === 'apply-then-reset')).toHaveLength(after);
    expect(first.faults.filter((fault) => fault?.kind === 'answer')).toHaveLength(error);
  });

  test('what is answered instead is an error that may pass', async () => {
    const { faults } = await fatesOf(3, { error: 1 }, 50);
    const statuses = new Set(faults.map((fault) => (fault?.kind === 'answer' ? fault.answer.status : 0)));
    expect([...statuses].sort()).toEqual([500, 503]);
  });

  test('once calm, every request passes and is still counted', async () => {
    const dropping = createDropping(1, ratesOf({ before: 1 }));
    dropping.calm();
    expect(await dropping.hook('cases')(request())).toBeUndefined();
    expect(dropping.counts.cases).toMatchObject({ requests: 1, before: 0 });
  });
});

describe('A plan', () => {
  test('is the same for the same seed; a hundred seeds draw every ending and every kind of request', () => {
    const plans = Array.from({ length: 100 }, (_, seed) => planWorld(seed));
    expect(Array.from({ length: 100 }, (_, seed) => planWorld(seed))).toEqual(plans);
    const endings = plans.flatMap(({ ticks }) => ticks.map(({ ending }) => ending));
    expect(new Set(endings.map(({ kind }) => kind)).size).toBe(4);
    const moments = new Set(endings.flatMap((ending) => ('at' in ending ? [ending.at] : [])));
    expect([...moments].sort()).toEqual(Object.keys(REQUEST_KINDS).sort());
  });

  test('has lags that settle makes up for, and no fault left in its calm', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const { calmSwitches, settleSeconds } = planWorld(seed);
      expect(Math.max(calmSwitches.indexLagMs ?? 0, calmSwitches.auditLagMs ?? 0)).toBeLessThan(settleSeconds * 1000);
      expect(calmSwitches.lists).not.toHaveProperty('hideRate');
      expect(calmSwitches.lists).not.toHaveProperty('extraNullRate');
    }
  });
});

test('The step that a request belongs to is told from outside', () => {
  const kinds = [
    ['cases.call', kindOf('cases', request())],
    ['s3.publish', kindOf('s3', request())],
    ['s3.stage', kindOf('s3', request({ path: '/work-area/a' }))],
    ['s3.read', kindOf('s3', request({ method: 'GET' }))],
    ['s3.tidy', kindOf('s3', request({ method: 'DELETE' }))],
    ['dynamodb.update', kindOf('dynamodb', tableRequest('UpdateItem'))],
    ['dynamodb.commit', kindOf('dynamodb', tableRequest('UpdateItem', '{"x":{"manifestKey":{"S":"k"}}}'))],
    ['dynamodb.ledger', kindOf('dynamodb', tableRequest('PutItem'))],
    ['dynamodb.ledger', kindOf('dynamodb', tableRequest('BatchWriteItem'))],
    ['dynamodb.read', kindOf('dynamodb', tableRequest('Query'))],
  ];
  expect(kinds.map(([, kind]) => kind)).toEqual(kinds.map(([expected]) => expected));
});

describe('The trigger', () => {
  const at = 's3.publish';

  test('kills before the n-th request of its kind, which is then lost, and once only', () => {
    const trigger = new Trigger();
    let kills = 0;
    const armed = trigger.arm({ kind: 'kill-at-request', at, nth: 2, when: 'before' }, () => (kills += 1));
    const verdicts = [
      trigger.onRequest('s3', request()),
      trigger.onRequest('s3', request({ method: 'GET' })),
      trigger.onRequest('s3', request()),
      trigger.onRequest('s3', request()),
    ];
    expect(verdicts).toEqual([undefined, undefined, { kind: 'reset-before' }, undefined]);
    expect([kills, armed.hasStruck]).toEqual([1, true]);
  });

  test('kills after the n-th request has taken effect, not earlier, and not at the answer to another', () => {
    const trigger = new Trigger();
    let kills = 0;
    trigger.arm({ kind: 'kill-at-request', at, nth: 1, when: 'after' }, () => (kills += 1));
    const target = request();
    expect(trigger.onRequest('s3', target)).toBe('pass');
    trigger.onAnswer(request());
    expect(kills).toBe(0);
    trigger.onAnswer(target);
    trigger.onAnswer(target);
    expect(kills).toBe(1);
  });

  test('holds a request until it thaws, also when armed anew meanwhile', async () => {
    const trigger = new Trigger();
    const ending = { kind: 'freeze-at-request', at, nth: 1 } as const;
    const first = trigger.arm(ending, () => undefined);
    const heldFirst = trigger.onRequest('s3', request());
    const second = trigger.arm(ending, () => undefined);
    const heldSecond = trigger.onRequest('s3', request());
    first.thaw();
    expect(await heldFirst).toBe('pass');
    second.thaw();
    expect(await heldSecond).toBe('pass');
  });

  test('disarmed, lets everything be', () => {
    const trigger = new Trigger();
    const armed = trigger.arm({ kind: 'kill-at-request', at, nth: 1, when: 'before' }, () => undefined);
    trigger.disarm();
    expect([trigger.onRequest('s3', request()), armed.hasStruck]).toEqual([undefined, false]);
  });
});

const scratch = scratchOfFile();

describe('The watch over the archive', () => {
  const DATA = 'field_changes/domain_id=d/export_date=2026-01-01/000000000001.parquet';
  const MANIFEST = 'manifests/domain_id=d/000000000001.json';
  let folder: string;
  let head: number;
  let watch: ArchiveWatch;

  beforeEach(() => {
    folder = scratch.emptyFolder();
    head = 1;
    watch = new ArchiveWatch(folder, 'd', async () => head);
  });

  function write(key: string, text: string): void {
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    writeFileSync(join(folder, key), text);
  }

  function manifest(): string {
    const objects = [{ key: DATA, sha256: sha256(Buffer.from('rows')), bytes: 4, rows: 1 }];
    const { counts, ...others } = aManifest({ domainId: 'd', seq: 1, exportDate: '2026-01-01', objects });
    return JSON.stringify({ ...others, previousSha256: null, counts: { ...counts, rows: 1 } });
  }

  test('has nothing against a commit that is being published, nor against one that is whole', async () => {
    write(DATA, 'rows');
    await watch.look();
    write(MANIFEST, manifest());
    await watch.look();
    expect(watch.findings).toEqual([]);
  });

  test('sees what is visible before its COMMIT', async () => {
    write(DATA, 'rows');
    head = 0;
    await watch.look();
    expect(watch.findings).toEqual([`${DATA} is visible, though commit 1 was never made`]);
  });

  test('sees a manifest that stands before its objects', async () => {
    write(MANIFEST, manifest());
    await watch.look();
    expect(watch.findings).toEqual([expect.stringContaining(`${DATA} is missing, though manifest 1 lists it`)]);
  });

  test('sees bytes that change and keys that go', async () => {
    write(DATA, 'rows');
    write(MANIFEST, manifest());
    await watch.look();
    write(DATA, 'others');
    await watch.look();
    expect(watch.findings).toContain(`${DATA} has other bytes than before`);
    rmSync(join(folder, DATA));
    await watch.look();
    expect(watch.findings).toContain(`${DATA} is gone`);
  });

  const put = (status: number, path = `/archive/${DATA}?x-id=PutObject`, body = 'rows') =>
    watch.noteObjectAnswer(request({ path, body: Buffer.from(body) }), { status } as ProxiedAnswer);
  const head1 = '{":a":{"N":"7"},":head":{"M":{"seq":{"N":"1"},"manifestKey":{"S":"k"}}}}';
  const commit = (status: number) =>
    watch.noteTableAnswer(tableRequest('UpdateItem', `{"ExpressionAttributeValues":${head1}}`), {
      status,
    } as ProxiedAnswer);

  test('sees a key that is written twice, were it with the same bytes; a refused write is none', () => {
    commit(200);
    put(200);
    put(412);
    put(200, '/work-area/a');
    put(200, '/work-area/a');
    expect(watch.findings).toEqual([]);
    put(200);
    expect(watch.findings).toEqual([`${DATA} was written more than once`]);
  });

  test('sees at once what is written before its COMMIT; one that was refused is none', () => {
    commit(400);
    put(200);
    expect(watch.findings).toEqual([`${DATA} was written before its COMMIT`]);
  });

  test('sees at once a manifest that is written before what it lists', () => {
    commit(200);
    put(200, `/archive/${MANIFEST}`, manifest());
    expect(watch.findings).toEqual([`${MANIFEST} was written before ${DATA}, which it lists`]);
  });
});

test('A process can have its clock ahead, in every way of asking for the time; durations are as they are', () => {
  const hour = 3_600_000;
  const show =
    'console.log(JSON.stringify([Date.now(), new Date().getTime(), new Date(5).getTime(), new Date() instanceof Date]))';
  const run = (env: Record<string, string>) =>
    JSON.parse(execFileSync(process.execPath, ['-e', show], { env }).toString()) as [number, number, number, boolean];
  const before = Date.now();
  const [now, made, given, isDate] = run({ NODE_OPTIONS: clockAhead(hour) });
  expect([now >= before + hour, made >= before + hour, given, isDate]).toEqual([true, true, 5, true]);
  expect(run({})[0]).toBeLessThan(now);
});

describe('The command', () => {
  const result = (seed: number, violations: readonly string[] = []): WorldResult => ({
    seed,
    ticks: 8,
    kills: 3,
    endings: { 'killed after s3.publish': 3 },
    unpublished: 2,
    outcomes: { complete: 5, killed: 3 },
    drops: { ...noDrops(), s3: { ...noDrops().s3, requests: 70, before: 4, after: 6 } },
    changes: 100,
    commits: 9,
    rowsCompared: 1_000,
    nameless: 1,
    violations,
  });

  test('takes what its usage says, and nothing else', () => {
    expect(parseCommandLine([])).toMatchObject({ jobs: 2, seeds: { length: 100, 0: 1, 99: 100 } });
    expect(parseCommandLine(['--worlds', '3', '--from', '7', '--jobs', '1'])).toEqual({ seeds: [7, 8, 9], jobs: 1 });
    expect(parseCommandLine(['--world', '42'])).toEqual({ seeds: [42], jobs: 2 });
    expect(parseCommandLine(['--help'])).toBeNull();
    for (const wrong of [['--worlds', '0'], ['--jobs', 'x'], ['--world', '1', '--from', '2'], ['--seed', '1'], ['7']]) {
      expect(() => parseCommandLine(wrong)).toThrow();
    }
  });

  test('runs every seed once, no more side by side than asked, and keeps their order', async () => {
    let running = 0;
    let most = 0;
    const outcomes = await runWorlds({ seeds: [5, 6, 7, 8], jobs: 2 }, async (seed) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((later) => setImmediate(later));
      running -= 1;
      if (seed === 6) throw new Error('no port');
      return result(seed);
    });
    expect(most).toBe(2);
    expect(outcomes.map(({ seed }) => seed)).toEqual([5, 6, 7, 8]);
    expect(outcomes[1]).toEqual({ seed: 6, failure: 'no port' });
  });

  test('sums up, and prints for each world that failed the command that runs it again', () => {
    const outcomes: Outcome[] = [
      { seed: 1, result: result(1) },
      { seed: 2, result: result(2, ['3 rows missing']) },
      { seed: 3, failure: 'no port' },
    ];
    const summary = summaryLines(outcomes, 1_000).join('\n');
    const totals = ['2 worlds', '16 ticks', '6 kills', '200 changes', '18 commits', '2,000 rows', '2 rows without'];
    for (const part of [...totals, '1 violation']) expect(summary).toContain(part);
    expect(summary).toMatch(/s3 .* 140 .* 8 .* 12 /);
    expect(summary).toContain('1 world could not be run');
    const failures = failureLines(outcomes).join('\n');
    expect(failures).toContain('npm run chaos -- --world 2');
    expect(failures).toContain('npm run chaos -- --world 3');
    expect(failures).not.toContain('--world 1');
    expect([allIsWell(outcomes), allIsWell(outcomes.slice(0, 1))]).toEqual([false, true]);
  });
});

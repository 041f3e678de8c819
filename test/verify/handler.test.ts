/**
 * Promise: once a day the archive is checked from where the last sound check ended. What contradicts is told until somebody acts; a check that
 * could not finish is an error, and its silence rings; nothing moves its state past a contradiction.
 */
import { Console } from 'node:console';
import { fieldChangesKey, manifestKey, noteKey, quarantineKey } from '../../lambda/export/domain/keys';
import { sha256 } from '../../lambda/export/domain/stored-form';
import { handler } from '../../lambda/verify/handler';
import { storesOfFile } from '../tools/cases-audit/local-stores';
import { DOMAIN, newSigner, type Signer } from '../tools/cases-audit/signed-archive';
import { soundArchiveOfFile } from '../tools/cases-audit/sound-archive';
import { DAY } from '../tools/cases-audit/tampering';

const model = soundArchiveOfFile();
const stores = storesOfFile();
let worlds = 0;

/** An archive of the first commits, the table that goes with it, and the function's environment. */
class World {
  readonly work = `work-${++worlds}`;
  archive = '';
  table = '';
  readonly lines: Record<string, unknown>[] = [];
  environment: Record<string, string> = {};
  remainingMs = 900_000;

  async open(upTo: number, signedBy: Signer | null = model.signer): Promise<this> {
    stores.s3.createBucket(this.work);
    this.archive = await stores.bucketOf([]);
    this.table = await stores.emptyTable();
    const spki = signedBy?.key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    this.environment = {
      EXPORT_BUCKET: this.archive,
      STATE_BUCKET: this.work,
      STATE_PREFIX: 'verify/',
      CHECKPOINT_TABLE: this.table,
      DOMAINS: `${DOMAIN},not-yet-exported`,
      ...(spki && { SIGNING_KEYS: `arn:aws:kms:us-east-1:111122223333:key/one=${spki}` }),
    };
    await this.commit(1, upTo);
    return this;
  }

  /** The exporter goes on. */
  async commit(from: number, upTo: number): Promise<void> {
    for (const [key, bytes] of model.sound) {
      const seq = Number(/(\d{12})\.\w+$/.exec(key)?.[1] ?? (from === 1 ? 1 : 0));
      if (seq >= from && seq <= upTo) await this.put(key, bytes);
    }
    await stores.putHead(this.table, { seq: upTo, sha256: sha256(model.bytesOf(manifestKey(DOMAIN, upTo))) });
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    return stores.put(this.archive, key, bytes);
  }

  async check() {
    const own = Object.keys(this.environment);
    Object.assign(process.env, this.environment);
    const out = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
    const silent = (['log', 'info', 'error'] as const).map((method) =>
      jest
        .spyOn(Console.prototype, method)
        .mockImplementation((...args: unknown[]) => void this.lines.push(JSON.parse(String(args[0])))),
    );
    try {
      return await handler({}, { getRemainingTimeInMillis: () => this.remainingMs });
    } finally {
      for (const spy of [out, ...silent]) spy.mockRestore();
      for (const name of own) delete process.env[name];
    }
  }

  /** What the metric told, check by check. */
  get told(): unknown[] {
    return this.lines.flatMap((line) => ('_aws' in line ? [line['ArchiveContradictions']] : []));
  }

  get state(): { domains: Record<string, { carry: { seq: number } }> } | null {
    const bytes = stores.s3.bytes(this.work, 'verify/state.json');
    return bytes === undefined ? null : JSON.parse(String(bytes));
  }

  get checkedThrough(): number | undefined {
    return this.state?.domains[DOMAIN]?.carry.seq;
  }
}

test('a sound archive tells zero, under the dimension of its alarm; state and report are kept', async () => {
  const world = await new World().open(8);
  const answer = await world.check();
  expect(answer).toMatchObject({ verdict: 'sound', contradictions: 0, domains: 1, commits: 8 });
  expect(world.told).toEqual([0]);
  const [metric] = world.lines.filter((line) => '_aws' in line);
  expect(metric).toMatchObject({
    archive: world.archive,
    _aws: { CloudWatchMetrics: [{ Namespace: 'ConnectCasesAuditExport', Dimensions: [['archive']] }] },
  });
  expect(world.checkedThrough).toBe(8);
  expect(JSON.parse(String(stores.s3.bytes(world.work, answer.report)))).toMatchObject({
    verdict: 'sound',
    findings: [],
  });
  expect(stores.s3.keys(world.archive)).toEqual([...model.sound.keys()].sort());
});

test('the next day costs a day: earlier manifests are not read again, but for the last', async () => {
  const world = await new World().open(5);
  await world.check();
  await world.commit(6, 8);
  const calls = stores.callsFromNow();
  expect(await world.check()).toMatchObject({ verdict: 'sound', commits: 3 });
  const manifests = calls().flatMap(({ operation, key }) => {
    return operation === 'GetObject' && key?.startsWith('manifests/') ? [Number(/(\d{12})/.exec(key)?.[1])] : [];
  });
  expect([...new Set(manifests)].sort()).toEqual([5, 6, 7, 8]);
  expect(world.checkedThrough).toBe(8);
});

describe('what contradicts', () => {
  test('is told every day until somebody acts: the state does not move past it', async () => {
    const world = await new World().open(3);
    await world.check();
    const key = fieldChangesKey(DOMAIN, DAY, 4);
    const other = [...model.sound.keys()].find((each) => each.startsWith('field_changes/') && each > key) ?? key;
    await world.commit(4, 8);
    await world.put(other, Buffer.from('forged'));
    for (const _day of [1, 2]) {
      const answer = await world.check();
      expect(answer.verdict).toBe('contradicted');
      expect(answer.contradictions).toBeGreaterThan(0);
    }
    expect(world.told.slice(1)).toEqual([expect.any(Number), expect.any(Number)]);
    expect(world.told.slice(1)).not.toContain(0);
    expect(world.checkedThrough).toBe(3);
    const logged = world.lines.filter(({ message }) => message === 'finding');
    expect(logged).toContainEqual(expect.objectContaining({ domain: DOMAIN, key: other, level: 'ERROR' }));
  });

  test('commits that were there yesterday and are gone', async () => {
    const world = await new World().open(8);
    await world.check();
    for (const key of stores.s3.keys(world.archive)) {
      if (/00000000000[78]\.\w+$/.test(key)) stores.s3.remove(world.archive, key);
    }
    const answer = await world.check();
    const { findings } = JSON.parse(String(stores.s3.bytes(world.work, answer.report)));
    expect(findings.map(({ kind }: { kind: string }) => kind)).toContain('rollback');
  });

  test('a domain of which nothing is left, though the table has published commits, before any check as well', async () => {
    const world = await new World().open(8);
    for (const key of stores.s3.keys(world.archive)) stores.s3.remove(world.archive, key);
    world.environment['DOMAINS'] = DOMAIN;
    expect(await world.check()).toMatchObject({ verdict: 'contradicted' });
    const other = await new World().open(2);
    const bare = await stores.bucketOf([]);
    other.environment['EXPORT_BUCKET'] = bare;
    const answer = await other.check();
    expect(answer).toMatchObject({ verdict: 'contradicted', contradictions: 1 });
    const { findings } = JSON.parse(String(stores.s3.bytes(other.work, answer.report)));
    expect(findings).toMatchObject([{ kind: 'rollback', domain: DOMAIN, commit: 2 }]);
  });
});

describe('a dead end is an error, never silence', () => {
  test('something could not be read: no zero is told', async () => {
    const world = await new World().open(8);
    stores.s3.setFault(({ operation, key }) =>
      operation === 'GetObject' && key === noteKey(DOMAIN, 4)
        ? { kind: 'error', status: 403, code: 'AccessDenied' }
        : undefined,
    );
    await expect(world.check()).rejects.toThrow(/could not look at everything, so it proves nothing: .*000000000004/);
    expect(world.told).toEqual([]);
    expect(world.state).toBeNull();
    expect(world.lines.at(-1)).toMatchObject({ level: 'ERROR', message: expect.anything() });
  });

  test('no time is left', async () => {
    const world = await new World().open(8);
    world.remainingMs = 0;
    await expect(world.check()).rejects.toThrow('The check ran out of time after 0 domains');
    expect(world.told).toEqual([]);
  });

  test('a check that gets short of time keeps what it has done: the next ones go on, until the archive ends', async () => {
    const world = await new World().open(8);
    world.remainingMs = 60_000;
    const reached: unknown[] = [];
    for (let check = 1; check < 8; check += 1) {
      await expect(world.check()).rejects.toThrow(
        /ran out of time at commit \d of domain domain-1: the next check goes on after it/,
      );
      reached.push(world.checkedThrough);
    }
    expect(reached).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(world.told).toEqual([]);
    world.remainingMs = 900_000;
    expect(await world.check()).toMatchObject({ verdict: 'sound', commits: 1 });
    expect(world.told).toEqual([0]);
    expect(world.checkedThrough).toBe(8);
  });

  test.each([
    ['a file that is in no manifest', quarantineKey(DOMAIN, 1)],
    ['rows of a later number in an earlier partition', fieldChangesKey(DOMAIN, '2020-01-01', 7)],
  ])('%s is found by the check that passes it, and told though it ran out of time', async (_, key) => {
    const world = await new World().open(8);
    await world.put(key, Buffer.from('forged'));
    world.remainingMs = 60_000;
    for (const _day of [1, 2]) {
      await expect(world.check()).rejects.toThrow(/keeps the state where it was/);
    }
    expect(world.told).toEqual([1, 1]);
    expect(world.state).toBeNull();
  });

  test('its own state is none: it does not begin anew, as that would forget what was there', async () => {
    const world = await new World().open(8);
    stores.s3.put(world.work, 'verify/state.json', Buffer.from('{}'));
    await expect(world.check()).rejects.toThrow(`s3://${world.work}/verify/state.json is no state of an earlier check`);
    expect(String(stores.s3.bytes(world.work, 'verify/state.json'))).toBe('{}');
  });

  test('settings are missing', async () => {
    const world = await new World().open(1);
    const { CHECKPOINT_TABLE: _, DOMAINS: __, ...rest } = world.environment;
    world.environment = rest;
    await expect(world.check()).rejects.toThrow(/^CHECKPOINT_TABLE, DOMAINS: missing, .*nothing was checked/);
  });

  test('nobody signs though a key is configured', async () => {
    const world = await new World().open(8, newSigner());
    await expect(world.check()).rejects.toThrow(/no signature of a given key/);
    expect(world.told).toEqual([]);
  });
});

describe('unsigned notes', () => {
  test('are no error where nobody is to sign', async () => {
    const world = await new World().open(8, null);
    expect(await world.check()).toMatchObject({ verdict: 'sound-as-far-as-checked', contradictions: 0 });
    expect(world.told).toEqual([0]);
    expect(world.checkedThrough).toBe(8);
  });

  test('are none of a domain that was retired before there was a key', async () => {
    const world = await new World().open(8, newSigner());
    world.environment['DOMAINS'] = 'another';
    world.environment['RETIRED_DOMAINS'] = DOMAIN;
    expect(await world.check()).toMatchObject({ contradictions: 0 });
    expect(world.told).toEqual([0]);
  });
});

test('what the term of the archive has deleted is no contradiction, if the stack has one', async () => {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 0, 10, 20));
  const world = await new World().open(8);
  clock.mockRestore();
  for (const key of stores.s3.keys(world.archive)) {
    if (/^(manifests|field_changes|quarantine)\/.*00000000000[1-4]\.\w+$/.test(key))
      stores.s3.remove(world.archive, key);
  }
  expect(await world.check()).toMatchObject({ verdict: 'contradicted' });
  expect(world.checkedThrough).toBeUndefined();
  world.environment['EXPIRATION_DAYS'] = '30';
  // All commits of the model are older; the newest stand all the same.
  expect(await world.check()).toMatchObject({ verdict: 'sound-as-far-as-checked', contradictions: 0, commits: 4 });
  expect(world.told.at(-1)).toBe(0);
  expect(world.checkedThrough).toBe(8);
});

test('an archive without any commit is sound', async () => {
  const world = await new World().open(1);
  const bare = await stores.bucketOf([]);
  Object.assign(world.environment, { EXPORT_BUCKET: bare, DOMAINS: 'not-yet-exported' });
  expect(await world.check()).toMatchObject({ verdict: 'sound', domains: 0 });
});

/**
 * What other people do to the stores: other bytes at a final key, a staged object gone, a table restored to last week. The
 * exporter has to stop and change nothing; then the operator mends it and all goes on.
 */

import { manifestKey } from '../../lambda/export/domain/keys';
import type { Manifest } from '../../lambda/export/domain/manifest';
import type { InvocationOptions, Outcome } from './invocation';
import type { Simulation } from './simulation';
import type { TableSnapshot } from './stores/simulated-table';
import { MINUTE } from './times';

/** Long enough to commit something, and undisturbed otherwise. */
const CALM: InvocationOptions = { minutes: 15, faultOf: () => undefined };

/** `tables`: as they were after the ticks before. */
export async function disturbStores(simulation: Simulation, tables: readonly TableSnapshot[]): Promise<void> {
  const { faults } = simulation;
  if (faults.isOn('s3.other-bytes') && simulation.draw.chance(0.5)) await plantOtherBytes(simulation);
  if (faults.isOn('s3.staged-gone') && simulation.draw.chance(0.5)) await loseStagedObject(simulation);
  if (faults.isOn('dynamodb.table-restored') && simulation.draw.chance(0.5)) await restoreTable(simulation, tables);
  if (!isAnybodyAsleep(simulation) && faults.strikes('dynamodb.table-restored-anywhere'))
    await restoreAnywhere(simulation);
}

async function plantOtherBytes(simulation: Simulation): Promise<void> {
  const { buckets, faults, trace } = simulation;
  const unpublished = await commitUnpublished(simulation);
  if (unpublished === null) return;
  const archive = buckets.buckets.archive;
  const keys = [...unpublished.manifest.objects.map(({ key }) => key), unpublished.finalKey];
  const key = keys.filter((one) => !archive.has(one))[simulation.draw.below(keys.length)] ?? keys.at(-1);
  if (key === undefined || archive.has(key)) return;
  faults.note('s3.other-bytes');
  trace.tell(() => `operator: other bytes at ${key}`);
  archive.set(key, Buffer.from('something else'));
  await expectStop(simulation, '1, other bytes at a final key');
  archive.delete(key);
  await waitForLease(simulation);
}

async function loseStagedObject(simulation: Simulation): Promise<void> {
  const { buckets, faults, trace } = simulation;
  const unpublished = await commitUnpublished(simulation);
  if (unpublished === null) return;
  const { prefix, finalKey, seq } = unpublished;
  // Where the manifest stands all is published, and nothing staged is needed any more.
  if (buckets.buckets.archive.has(finalKey)) return;
  const staged = buckets.keys('work', prefix);
  const key = staged[simulation.draw.below(staged.length)];
  const bytes = key === undefined ? undefined : buckets.buckets.work.get(key);
  if (key === undefined || bytes === undefined) return;
  faults.note('s3.staged-gone');
  trace.tell(() => `operator: ${key} is gone`);
  buckets.buckets.work.delete(key);
  // The text of a note follows from the manifest, so without it the commit is published, unsigned.
  if (key.endsWith('.note')) return;
  await expectStop(simulation, 'a staged object is gone');
  await waitForLease(simulation);
  if (simulation.draw.chance(0.5)) await voidIt(simulation, seq);
  else buckets.buckets.work.set(key, bytes);
}

/** Until it is voided, as this may fail and die like anything else. */
async function voidIt(simulation: Simulation, seq: number): Promise<void> {
  const { checks, trace } = simulation;
  checks.isVoiding = true;
  for (let attempt = 0; (checks.mirror.state?.applied ?? 0) < seq; attempt += 1) {
    if (attempt > 500) throw new Error(`commit ${seq} cannot be voided`);
    trace.tell(() => `operator: commit ${seq} is voided`);
    // After a while the operator waits for a quiet hour.
    const calm = attempt > 20 ? { faultOf: () => undefined } : {};
    await simulation.run({ minutes: 15, task: { kind: 'void', seq }, ...calm });
    await simulation.scheduler.pass(MINUTE);
    await waitForLease(simulation);
  }
  checks.isVoiding = false;
}

async function restoreTable(simulation: Simulation, tables: readonly TableSnapshot[]): Promise<void> {
  const { table, faults, checks, trace } = simulation;
  const { mirror, archive, violations } = checks;
  await waitForLease(simulation);
  const newest = table.snapshot();
  const newestSeq = mirror.state?.applied ?? 0;
  simulation.restoreTable(tables[simulation.draw.below(tables.length)] ?? newest);
  const isOlder = (mirror.state?.head?.seq ?? 0) < newestSeq;
  if (isOlder && newestSeq > 0) {
    faults.note('dynamodb.table-restored');
    trace.tell(() => `operator: the table is as it was at commit ${mirror.state?.head?.seq ?? 0}`);
    const published = archive.published();
    await waitForLease(simulation);
    await expectStop(simulation, 'a restored table');
    if (archive.published().size !== published.size) {
      violations.add('a restored table', 'something was published');
    }
  }
  simulation.restoreTable(newest);
  violations.throwFirst();
}

/** Most restores go back a little: to before whatever went wrong last. */
const LAST_WRITES = 60;

/**
 * The table as it was after some write, be it in the middle of a commit. Either the export goes on exactly, which everything that is
 * checked later shows, or it refuses and publishes nothing: then an operator restores the newest table.
 */
async function restoreAnywhere(simulation: Simulation): Promise<void> {
  const { table, checks, trace } = simulation;
  const { archive, violations } = checks;
  await waitForLease(simulation);
  const newest = table.snapshot();
  const back = simulation.draw.chance(0.7)
    ? simulation.draw.below(LAST_WRITES)
    : simulation.draw.below(table.writes + 1);
  const writes = Math.max(0, table.writes - back);
  const published = archive.published().size;
  simulation.restoreTable(table.momentAfter(writes));
  checks.forgetAttempts();
  trace.tell(() => `operator: the table is as it was ${back} writes ago, ${describeState(simulation)}`);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    await waitForLease(simulation);
    const outcome = await simulation.run(CALM);
    if (outcome.kind === 'answered') return;
    if (isNamed(outcome, 'IntegrityError')) {
      if (archive.published().size !== published) violations.add('a restored table', 'something was published');
      break;
    }
    // The services fail for reasons of their own.
    if (!isNamed(outcome, 'StoreError') && !isNamed(outcome, 'SystemicError') && !isNamed(outcome, 'CasesCallError')) {
      violations.add('a restored table', `the run neither went on nor refused: ${JSON.stringify(outcome)}`);
    }
  }
  if (archive.published().size === published) simulation.restoreTable(newest);
  await waitForLease(simulation);
  violations.throwFirst();
}

function describeState({ checks }: Simulation): string {
  const { state } = checks.mirror;
  return state === null ? 'without STATE' : `head ${state.head?.seq ?? 'none'}, applied ${state.applied}`;
}

function isAnybodyAsleep({ invocations }: Simulation): boolean {
  return invocations.some(({ process }) => process.isFrozen || process.hasRequestUnderWay);
}

interface Unpublished {
  readonly manifest: Manifest;
  readonly finalKey: string;
  readonly prefix: string;
  readonly seq: number;
}

/** A commit that was made and not published: the process died at once. Null if there was nothing to commit. */
async function commitUnpublished(simulation: Simulation): Promise<Unpublished | null> {
  const { checks, buckets } = simulation;
  await waitForLease(simulation);
  if (!isUnpublished(simulation)) await simulation.run({ minutes: 15, faultOf: () => undefined, dieAfterCommit: true });
  await waitForLease(simulation);
  const head = checks.mirror.state?.head;
  if (head == null || !isUnpublished(simulation)) return null;
  const finalKey = manifestKey('domain-1', head.seq);
  const bytes = buckets.buckets.work.get(head.manifestKey);
  if (bytes === undefined) return null;
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as Manifest;
  return { manifest, finalKey, prefix: head.manifestKey.slice(0, -finalKey.length), seq: head.seq };
}

function isUnpublished({ checks }: Simulation): boolean {
  const { state } = checks.mirror;
  return state?.head != null && state.applied < state.head.seq;
}

/** The next run must end with an IntegrityError. A store that fails for a reason of its own may be quicker: then again. */
async function expectStop(simulation: Simulation, what: string): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    // Of a process that the schedule has started meanwhile, or that is frozen.
    await waitForLease(simulation);
    const outcome = await simulation.run(CALM);
    if (isNamed(outcome, 'IntegrityError')) return;
    if (!isNamed(outcome, 'StoreError')) {
      simulation.checks.violations.add(what, `the run did not stop: ${JSON.stringify(outcome)}`);
      simulation.checks.violations.throwFirst();
    }
  }
}

function isNamed(outcome: Outcome, name: string): boolean {
  return outcome.kind === 'failed' && outcome.error instanceof Error && outcome.error.name === name;
}

async function waitForLease({ scheduler, checks }: Simulation): Promise<void> {
  const leftMs = (checks.mirror.state?.leaseExpiresAt ?? 0) - scheduler.now();
  if (leftMs > 0) await scheduler.pass(leftMs + 1);
}

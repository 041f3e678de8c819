import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { counted } from '../../tools/cases-audit/words';
import { ARCHIVE_BUCKET } from '../exporter/stack';
import type { Tick } from '../exporter/tick';
import type { Action } from '../seed/actions';
import { nextChanges, pastWeeks } from '../seed/scenario';
import { filesOf, readManifests, type StoredManifest } from './archive';
import type { CommitFacts, FieldFacts } from './expected-rows';
import { count, dim, heading, kilobytes, labelled, type Print, seconds, wrapped } from './print';
import { startProgress } from './progress';
import { DEMO_SETTINGS, type DemoWorld, DOMAIN } from './world';

/** The service's clock has whole seconds, so up to one more passes before a change counts as settled. */
const SETTLE_MS = Number(DEMO_SETTINGS.SETTLE_SECONDS) * 1000 + 1_100;
/** The shortest time limit of the killed tick; its lease ends with it, and the next tick has to wait that long. */
const KILLED_TICK_TIMEOUT_MS = 8_000;
/** On a slow machine the limit is this many times the duration of the tick before. */
const KILLED_TICK_MARGIN = 5;

/** The exporter did not behave as the demo describes. For people to read. */
class DemoError extends Error {
  override readonly name = 'DemoError';
}

interface StoryOptions {
  readonly cases: number;
  readonly seed: number;
  readonly endsAt: number;
}

/** Runs the demo chapter by chapter, and keeps everything that the final comparison needs. */
export class Story {
  #lastTickMs = 0;
  /** The fields as each tick found them, with the last commit before it. */
  readonly #fieldsSince: { readonly afterSeq: number; readonly fields: ReadonlyMap<string, FieldFacts> }[] = [];

  constructor(
    private readonly world: DemoWorld,
    private readonly print: Print,
    private readonly options: StoryOptions,
  ) {}

  /** Simulates four weeks of work at the desk. Resolves with the number of calls. */
  async makeHistory(): Promise<number> {
    const actions = pastWeeks(this.options);
    const progress = startProgress('changes', actions.length, this.print);
    try {
      for (const action of actions) {
        await this.world.play(action);
        progress.step();
      }
    } finally {
      progress.stop();
    }
    return actions.length;
  }

  /** Makes some more changes now, then waits until they are settled. */
  async makeChanges(chapter: string, changes: number, first: readonly Action[] = []): Promise<void> {
    const { seed } = this.options;
    const next = nextChanges({ seed, chapter, changes, cases: this.world.player.cases, now: Date.now() });
    for (const action of [...first, ...next]) await this.world.play(action);
    this.print();
    this.print(
      dim(`… ${counted(changes, 'more change')}, and ${DEMO_SETTINGS.SETTLE_SECONDS} s until they are settled`),
    );
    await sleep(SETTLE_MS);
  }

  /** Runs one tick and rejects with DemoError unless it answers with this status. */
  async tick(title: string, status: 'complete' | 'busy'): Promise<Tick> {
    const before = lookBefore(this.world);
    await this.#noteFields();
    const startedAt = performance.now();
    const tick = await this.world.tick();
    this.#lastTickMs = performance.now() - startedAt;
    printTick(this.print, title, this.world, before, tick);
    if (tick.answer?.status === status) return tick;
    const came =
      tick.error === null ? (tick.answer?.status ?? 'no answer') : `${tick.error.name}: ${tick.error.message}`;
    throw new DemoError(`This tick was expected to answer "${status}", but came back with ${came}`);
  }

  /** Runs a tick that dies once its rows are in the archive, but neither the ledger nor the manifest. */
  async killedTick(title: string): Promise<void> {
    const { stack } = this.world;
    const before = lookBefore(this.world);
    await this.#noteFields();
    let kill: () => void = () => undefined;
    stack.s3.setFault(({ operation, bucket, key }) => {
      // The request takes effect, but its sender dies before the answer.
      if (operation === 'PutObject' && bucket === ARCHIVE_BUCKET && key?.startsWith('field_changes/')) kill();
      return undefined;
    });
    const timeoutMs = Math.max(KILLED_TICK_TIMEOUT_MS, KILLED_TICK_MARGIN * this.#lastTickMs);
    const tick = await this.world.tick({ timeoutMs, onStart: (end) => (kill = end) });
    stack.s3.setFault(undefined);
    printTick(this.print, title, this.world, before, tick);
    const { head, applied } = await this.world.state();
    if (!tick.killed) throw new DemoError('This tick was to be killed after its COMMIT, but it ended before that');
    const [line = ''] = labelled('checkpoint', [
      `commit ${head} is made; wholly published are only the first ${applied}`,
    ]);
    this.print(line);
  }

  /** Waits until the dead tick's lease has expired. */
  async waitForLease(): Promise<void> {
    const leftMs = (await this.world.state()).leaseExpiresAt - Date.now();
    this.print();
    this.print(dim(`… ${Math.max(0, leftMs / 1000).toFixed(1)} s until the lease of the dead tick has run out`));
    await sleep(Math.max(0, leftMs) + 50);
  }

  /** Facts of every commit in the archive, by its number. */
  commits(): ReadonlyMap<number, CommitFacts> {
    return new Map(
      readManifests(this.world.archiveFolder, DOMAIN).map(({ seq, runId, exportedAt, exportDate, domainId }) => {
        const fields = this.#fieldsSince.findLast(({ afterSeq }) => afterSeq < seq)?.fields ?? new Map();
        return [seq, { seq, runId, exportedAt: Date.parse(exportedAt), exportDate, domainId, fields }];
      }),
    );
  }

  async #noteFields(): Promise<void> {
    this.#fieldsSince.push({ afterSeq: (await this.world.state()).head, fields: this.world.fields() });
  }
}

/** Counts before a tick, to subtract from those after it. */
interface Before {
  readonly at: number;
  readonly cases: number;
  readonly s3: number;
  readonly dynamodb: number;
  readonly kms: number;
  readonly files: ReadonlySet<string>;
}

function lookBefore({ stack, archiveFolder }: DemoWorld): Before {
  return {
    at: performance.now(),
    cases: stack.cases.calls.log.length,
    s3: stack.s3.calls.length,
    dynamodb: stack.dynamodb.calls.length,
    kms: stack.kms.calls.length,
    files: new Set(filesOf(archiveFolder)),
  };
}

/** Prints the effects of a tick in the services and in the archive. */
function printTick(print: Print, title: string, world: DemoWorld, before: Before, tick: Tick): void {
  const tookMs = performance.now() - before.at;
  const manifests = readManifests(world.archiveFolder, DOMAIN);
  const added = filesOf(world.archiveFolder).filter((key) => !before.files.has(key));
  const commits = manifests.filter(({ seq }) => added.some((key) => key.startsWith('manifests/') && keyHas(key, seq)));
  print();
  print(`${heading(title)}  ${seconds(tookMs)}`);
  const lines = [
    ...labelled('answer', [answerText(tick)]),
    ...labelled('calls', callTexts(world, before)),
    ...labelled(
      'commits',
      commits.map((commit) => commitText(commit, tick)),
    ),
    ...labelled('files', added.length === 0 ? ['none'] : fileTexts(world.archiveFolder, added)),
    ...labelled('watermark', [tick.answer?.watermark ?? (tick.killed ? 'unchanged' : 'none')]),
    ...labelled('chain head', [headText(manifests.at(-1))]),
  ];
  for (const line of lines) print(line);
}

function answerText({ answer, killed }: Tick): string {
  if (killed) return 'none: killed';
  if (answer === null) return 'none';
  if (answer.status === 'busy') return 'busy: the lease of another tick is still running';
  const { casesFound, casesRead, eventsExported, rowsWritten } = answer;
  return [
    answer.status,
    `${counted(casesFound, 'case')} found, ${count(casesRead)} read`,
    `${counted(eventsExported, 'event')} → ${counted(rowsWritten, 'row')}`,
  ].join(' · ');
}

function callTexts({ stack }: DemoWorld, before: Before): string[] {
  const byOperation = new Map<string, number>();
  for (const { operation } of stack.cases.calls.log.slice(before.cases)) {
    byOperation.set(operation, (byOperation.get(operation) ?? 0) + 1);
  }
  const cases = [...byOperation].map(([operation, calls]) => `${operation} ${count(calls)}`);
  const s3 = stack.s3.calls.length - before.s3;
  const dynamodb = stack.dynamodb.calls.length - before.dynamodb;
  const kms = stack.kms.calls.length - before.kms;
  return [
    ...wrapped(cases.length === 0 ? ['none to Cases'] : cases),
    `S3 ${count(s3)} · DynamoDB ${count(dynamodb)} · KMS ${count(kms)}`,
  ];
}

function commitText({ seq, runId, counts }: StoredManifest, { answer }: Tick): string {
  const size = `${counted(counts.events, 'event')}, ${counted(counts.rows, 'row')}`;
  const what = counts.events === 0 ? 'proof that nothing was new' : size;
  return `${seq}  ${what}${runId === answer?.runId ? '' : '  ← made by an earlier tick, published by this one'}`;
}

function fileTexts(folder: string, keys: readonly string[]): string[] {
  return keys.map((key) => `${kilobytes(statSync(join(folder, key)).size).padStart(8)}  ${key}`);
}

function headText(last: StoredManifest | undefined): string {
  return last === undefined ? 'none' : `manifest ${last.seq}, sha256 ${last.sha256.slice(0, 12)}…`;
}

function keyHas(key: string, seq: number): boolean {
  return Number(key.match(/(\d+)\.json$/)?.[1]) === seq;
}

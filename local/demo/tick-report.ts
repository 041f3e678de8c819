import { statSync } from 'node:fs';
import { join } from 'node:path';
import { counted } from '../../tools/cases-audit/words';
import type { Tick } from '../exporter/tick';
import { filesOf, readManifests, type StoredManifest } from './archive';
import { count, heading, kilobytes, labelled, type Print, seconds, wrapped } from './print';
import { type DemoWorld, DOMAIN } from './world';

/** Counts before a tick, to subtract from those after it. */
interface Before {
  readonly at: number;
  readonly cases: number;
  readonly s3: number;
  readonly dynamodb: number;
  readonly kms: number;
  readonly files: ReadonlySet<string>;
}

export function lookBefore({ stack, archiveFolder }: DemoWorld): Before {
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
export function printTick(print: Print, title: string, world: DemoWorld, before: Before, tick: Tick): void {
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

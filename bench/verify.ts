/**
 * `cases-audit verify` over a long chain, in a process of its own: commits per second, peak memory, and what a day of commits costs beside
 * a state file. Exit code 1 if a check is not sound, or memory grows with the chain.
 *
 *   npm run build && npx tsx bench/verify.ts [--commits 100000] [--a-day 288]
 *
 * Every fifth commit has a file of rows of a few kilobytes, which are hashed and not decoded; every note is signed.
 */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noteText, signatureLine, signedNote } from '../lambda/export/domain/commit-note';
import { fieldChangesKey, manifestKey, noteKey } from '../lambda/export/domain/keys';
import type { Manifest } from '../lambda/export/domain/manifest';
import { noteKeyOf, toPem } from '../lambda/export/domain/note-keys';
import { sha256, toJsonBytes } from '../lambda/export/domain/stored-form';
import { soundManifest } from '../test/tools/query/world/sound-manifest';
import { readOptions, tableHead, tableRow, writeBelow } from './harness';

const DOMAIN = 'bench-domain';
const BUNDLE = join(__dirname, '../dist/cases-audit.js');
const MINUTE = 60_000;
const START = Date.UTC(2020, 0, 1);
const ROWS_EVERY = 5;
const FILE_BYTES = 4_000;
/** Beyond the memory that a chain of a tenth takes. */
const MAX_GROWTH_MB = 60;

interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
  readonly commits: number;
}

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = noteKeyOf(publicKey.export({ type: 'spki', format: 'der' }));

/** Writes commits `first` to `last`, five minutes apart; answers with the hash of the last manifest. */
function writeCommits(folder: string, first: number, last: number, before: string | null): string | null {
  let previous = before;
  for (let seq = first; seq <= last; seq += 1) previous = writeCommit(folder, seq, previous);
  return previous;
}

function writeCommit(folder: string, seq: number, previousSha256: string | null): string {
  const exportedAt = new Date(START + seq * 5 * MINUTE);
  const exportDate = exportedAt.toISOString().slice(0, 10);
  const objects: Manifest['objects'][number][] = [];
  if (seq % ROWS_EVERY === 0) {
    const bytes = randomBytes(FILE_BYTES);
    const place = fieldChangesKey(DOMAIN, exportDate, seq);
    objects.push({ key: place, sha256: sha256(bytes), bytes: bytes.length, rows: 10 });
    writeBelow(join(folder, place), bytes);
  }
  const manifest = manifestOf(seq, previousSha256, exportedAt, objects);
  const bytes = toJsonBytes(manifest);
  writeBelow(join(folder, manifestKey(DOMAIN, seq)), bytes);
  const text = noteText(manifest, sha256(bytes));
  const line = signatureLine(
    'bench',
    key.id,
    sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'der' }),
  );
  writeBelow(join(folder, noteKey(DOMAIN, seq)), signedNote(text, [line]));
  return sha256(bytes);
}

/** Of a commit after which nothing is owed; every file has ten rows. */
function manifestOf(seq: number, previousSha256: string | null, at: Date, objects: Manifest['objects']): Manifest {
  const sound = soundManifest(DOMAIN, seq, at.getTime());
  const rows = objects.length * 10;
  return {
    ...sound,
    previousSha256,
    counts: { ...sound.counts, events: rows, rows },
    objects,
    cases: { count: objects.length, sha256: sound.settingsSha256 },
    signingKeys: [key.sha256],
  };
}

/** One check, in a process of its own. */
function measure(root: string, ...args: string[]): Measured {
  const hook = join(root, 'hook.cjs');
  writeFileSync(hook, "process.on('exit', () => process.stderr.write('\\npeak ' + process.resourceUsage().maxRSS));\n");
  const startedAt = performance.now();
  const command = ['-r', hook, BUNDLE, 'verify', '--offline', join(root, 'archive'), '--json', '--read-data', 'none'];
  const { stdout, stderr } = spawnSync(process.execPath, [...command, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const { verdict, domains, findings } = JSON.parse(stdout) as {
    verdict: string;
    domains: { commits: number }[];
    findings: { words: string }[];
  };
  // The chain is of another year than the machine's clock; whether it is signed of late is not what is measured.
  if (verdict !== 'sound') throw new Error(`The chain is ${verdict}: ${findings[0]?.words}`);
  return { seconds, peakMb: Number(stderr.split('peak ').at(-1)) / 1024, commits: domains[0]?.commits ?? 0 };
}

function print(name: string, { seconds, peakMb, commits }: Measured): void {
  const [all, pace] = [commits, Math.round(commits / seconds)].map((count) => count.toLocaleString('en-US'));
  tableRow(name, all ?? '', seconds.toFixed(1), pace ?? '', peakMb.toFixed(0));
}

function main(): void {
  const { commits, 'a-day': aDay } = readOptions({ commits: [100_000, 10, 10_000_000], 'a-day': [288, 1, 100_000] });
  const root = mkdtempSync(join(tmpdir(), 'bench-verify-'));
  try {
    const archive = join(root, 'archive');
    const pem = join(root, 'key.pem');
    const state = join(root, 'state.json');
    writeFileSync(pem, toPem(key));
    const tenth = writeCommits(archive, 1, commits / 10, null);
    tableHead('check', 'commits', 's', 'commits/s', 'peak RSS MB');
    const small = measure(root, '--key', pem);
    print('a tenth of the chain', small);
    const last = writeCommits(archive, commits / 10 + 1, commits, tenth);
    const whole = measure(root, '--key', pem, '--state', state);
    print('the whole chain', whole);
    writeCommits(archive, commits + 1, commits + aDay, last);
    print('a day more, with --state', measure(root, '--key', pem, '--state', state));
    if (whole.peakMb > small.peakMb + MAX_GROWTH_MB) process.exitCode = 1;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

main();

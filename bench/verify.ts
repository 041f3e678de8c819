/**
 * `cases-audit verify` over a long chain, in a process of its own: commits per second, peak memory, and what a day of commits costs beside
 * a state file. Exit code 1 if a check is not sound, or memory grows with the chain.
 *
 *   npm run build && npx tsx bench/verify.ts [--commits 100000] [--a-day 288]
 *
 * Every fifth commit has a file of rows of a few kilobytes, which are hashed and not decoded; every note is signed.
 */
import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { noteText, signatureLine, signedNote } from '../lambda/export/domain/commit-note';
import { fieldChangesKey, manifestKey, noteKey } from '../lambda/export/domain/keys';
import type { Manifest } from '../lambda/export/domain/manifest';
import { noteKeyOf, toPem } from '../lambda/export/domain/note-keys';
import { sha256, toJsonBytes } from '../lambda/export/domain/stored-form';

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
    put(folder, place, bytes);
  }
  const manifest = manifestOf(seq, previousSha256, exportedAt, objects);
  const bytes = toJsonBytes(manifest);
  put(folder, manifestKey(DOMAIN, seq), bytes);
  const text = noteText(manifest, sha256(bytes));
  const line = signatureLine(
    'bench',
    key.id,
    sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'der' }),
  );
  put(folder, noteKey(DOMAIN, seq), signedNote(text, [line]));
  return sha256(bytes);
}

function manifestOf(seq: number, previousSha256: string | null, at: Date, objects: Manifest['objects']): Manifest {
  const time = at.getTime();
  const rows = objects.length * 10;
  const hash = createHash('sha256').update('settings').digest('hex');
  return {
    version: 1,
    domainId: DOMAIN,
    seq,
    previousSha256,
    runId: `run-${seq}`,
    fence: seq,
    exportDate: at.toISOString().slice(0, 10),
    exportedAt: at.toISOString(),
    lanes: {
      live: { watermark: time, passStartedAt: null, anchor: null, provenUntil: time, heldPasses: 0 },
      related: { watermark: time, walk: null, ticksWithoutBottom: 0, heldPasses: 0 },
      sweep: null,
    },
    livePassFinished: true,
    counts: {
      calls: { SearchCases: 3, SearchAllRelatedItems: 1 },
      casesFound: 10,
      casesRead: 3,
      pages: 3,
      events: rows,
      rows,
      quarantined: 0,
      replayed: 0,
      nullElements: 0,
      anomalies: 0,
      totalCount: 100_000,
    },
    objects,
    redo: { sha256: hash, bytes: 1_000 },
    gaps: [],
    debts: [],
    history: null,
    unexplainedTouches: 0,
    changedUpstream: [],
    halfRead: [],
    openQuarantine: 0,
    gone: [],
    cases: { count: objects.length, sha256: hash },
    signingKeys: [key.sha256],
    voids: null,
    bundleSha256: hash,
    settingsSha256: hash,
  };
}

const folders = new Set<string>();

function put(folder: string, name: string, bytes: Uint8Array): void {
  const path = join(folder, name);
  if (!folders.has(dirname(path))) mkdirSync(dirname(path), { recursive: true });
  folders.add(dirname(path));
  writeFileSync(path, bytes);
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
  const pace = Math.round(commits / seconds).toLocaleString('en-US');
  process.stdout.write(
    `| ${name} | ${commits.toLocaleString('en-US')} | ${seconds.toFixed(1)} | ${pace} | ${peakMb.toFixed(0)} |\n`,
  );
}

function main(): void {
  const { values } = parseArgs({
    options: { commits: { type: 'string', default: '100000' }, 'a-day': { type: 'string', default: '288' } },
  });
  const [commits, aDay] = [Number(values.commits), Number(values['a-day'])];
  const root = mkdtempSync(join(tmpdir(), 'bench-verify-'));
  try {
    const archive = join(root, 'archive');
    const pem = join(root, 'key.pem');
    const state = join(root, 'state.json');
    writeFileSync(pem, toPem(key));
    const tenth = writeCommits(archive, 1, commits / 10, null);
    process.stdout.write('| check | commits | s | commits/s | peak RSS MB |\n|---|---|---|---|---|\n');
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

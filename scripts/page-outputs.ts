/**
 * Outputs on pages of `docs/`: below each mark `<!-- output: <command> -->` stands what the command prints, over the desk of the demo as of 31 March
 * 2026 and a Cases service on this machine that holds the same desk. Write a mark, and `npm run docs` writes the rest.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FieldChange } from '../lambda/export/domain/columns';
import { toPem } from '../lambda/export/domain/note-keys';
import { readRows } from '../lambda/export/parquet/read-back';
import type { Clock } from '../lambda/export/ports';
import { readText } from '../lib/text-file';
import { deleteCase } from '../local/cases/model/cases';
import { type CasesService, startCasesService } from '../local/cases/server';
import { readManifests } from '../local/demo/archive';
import { createMemorySigner } from '../test/fakes/memory-signer';
import { rowFile } from '../test/tools/cases-audit/signed-archive';
import { makeDeskWorld } from '../test/tools/query/world/desk-world';
import { run } from '../tools/cases-audit/main';
import { CALL_LIMIT_MS } from '../tools/cases-audit/recheck/polite-calls';

/** Pages that have marks. */
export const PAGES_WITH_OUTPUTS = [join(__dirname, '../docs/operating.md')];

const DOMAIN = 'demo';
/** Ten minutes after the last tick. */
const NOW = Date.UTC(2026, 2, 31, 19, 5);
const BLOCK = /(<!-- output: (cases-audit .+?) -->\n)[\s\S]*?(<!-- \/output -->)/g;

/** The page with every output as it is now. The same on every machine and day. */
export async function withOutputs(page: string, desk: Desk): Promise<string> {
  const outputs: string[] = [];
  for (const [, , command = ''] of page.matchAll(BLOCK)) outputs.push(await outputOf(command, desk));
  return page.replace(BLOCK, (_, begin: string, _command, end: string) => `${begin}\n${outputs.shift()}\n\n${end}`);
}

/** What commands on the pages find: a folder to be in, and the environment that leads to the service. */
export interface Desk {
  /** Holds `archive/`, `altered/`, a copy in which somebody changed one value, and `audit-key.pem`. */
  readonly folder: string;
  readonly service: CasesService;
  close(): Promise<void>;
}

/** Makes the desk. One case of it is deleted in the service afterwards. */
export async function openDesk(): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  const signer = createMemorySigner('audit');
  let service: CasesService | undefined;
  await makeDeskWorld(folder, {
    cases: 60,
    seed: 1,
    users: false,
    signers: [signer],
    makeWorld: async (options) => {
      service = await startCasesService(options);
      return service.world;
    },
  });
  if (service === undefined) throw new Error('no service');
  const running = service;
  writeFileSync(join(folder, 'audit-key.pem'), toPem(signer.key));
  await alterCopy(folder);
  const [first] = running.history(DOMAIN);
  if (first !== undefined) deleteCase(running.world, { domainId: DOMAIN, caseId: first.caseId });
  return {
    folder,
    service: running,
    async close() {
      await running.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** In the copy one case was never closed: a person who may write to the archive has changed that value. */
async function alterCopy(folder: string): Promise<void> {
  const copy = join(folder, 'altered');
  cpSync(join(folder, 'archive'), copy, { recursive: true });
  for (const manifest of readManifests(copy, DOMAIN)) {
    const key = manifest.objects.find((object) => object.key.startsWith('field_changes/'))?.key;
    if (key === undefined) continue;
    const found = await readRows(readFileSync(join(copy, key)));
    const rows = found.map(({ exported_at, run_id, commit_seq, ...row }) => row as unknown as FieldChange);
    const at = rows.findLastIndex(({ old_value: before, new_value: after }) => before !== null && after === 'closed');
    if (at < 0) continue;
    const changed = rows.map((row, index) => (index === at ? { ...row, new_value: row.old_value } : row));
    writeFileSync(join(copy, key), await rowFile(changed, manifest, null));
    return;
  }
  throw new Error('No case of the desk was closed: the seed has changed. Choose another value to alter.');
}

/** As a person sees it whose terminal has 100 columns: the call, then stdout and stderr, and the exit code where it is not 0. */
async function outputOf(command: string, { folder, service }: Desk): Promise<string> {
  const [, ...args] = wordsOf(command);
  const before = { directory: process.cwd(), env: { ...process.env } };
  let text = '';
  const print = (part: string) => {
    text += part;
  };
  process.chdir(folder);
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_CONNECTCASES: service.url,
  });
  try {
    const code = await run(args, {
      out: print,
      err: print,
      width: 100,
      hasColors: false,
      isInteractive: false,
      signal: new AbortController().signal,
      now: () => NOW,
      env: process.env,
      clock: createClock(),
    });
    const exit = code === 0 ? '' : `\n(exit code ${code})`;
    return `\`\`\`\n$ ${command}\n${text.trimEnd().replace(SEAL, '$1<64 digits>')}${exit}\n\`\`\``;
  } finally {
    process.chdir(before.directory);
    process.env = before.env;
    tidy(folder);
  }
}

/** Pauses take no time; the limit of a call never comes. */
function createClock(): Clock {
  let elapsed = 0;
  return {
    now: () => NOW,
    monotonic: () => elapsed,
    async sleep(ms, signal) {
      if (ms < CALL_LIMIT_MS) elapsed += ms;
      else await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    },
  };
}

/** What a command left beside its output would be found by the next. */
function tidy(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!KEPT.has(name)) rmSync(join(folder, name), { recursive: true });
  }
}

/** It covers every word of a bag, also those that have nothing to do with the page. */
const SEAL = /(\nSeal [^\n]*\n +)[0-9a-f]{64}/g;

const KEPT: ReadonlySet<string> = new Set(['archive', 'altered', 'audit-key.pem', 'work-area']);

/** Words of a shell, as far as these pages need one: blanks part them, and quotes hold blanks. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

async function main(): Promise<void> {
  const desk = await openDesk();
  try {
    for (const path of PAGES_WITH_OUTPUTS) writeFileSync(path, await withOutputs(readText(path), desk));
  } finally {
    await desk.close();
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}

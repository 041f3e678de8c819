/** Runs the blocks of VERIFY.md as the page says, over files that a test has made, and holds them against the verifier. */
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readText } from '../../lib/text-file';
import type { Files, Signer } from '../tools/cases-audit/signed-archive';
import { soundArchiveOfFile } from '../tools/cases-audit/sound-archive';

export const PAGE = resolve(__dirname, '../../VERIFY.md');
/** By hand there is no clock: what no signature covers is unproven at once. So is it for the verifier a day later. */
const A_DAY_LATER = Date.UTC(2026, 0, 11, 20);

export interface ByHand {
  readonly code: number | null;
  readonly out: string;
}

/** Runs `sh`, which has to say nothing on stderr. */
export function sh(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): ByHand {
  const { status, stdout, stderr } = spawnSync('sh', args, {
    encoding: 'utf8',
    ...options,
    env: { ...process.env, ...options.env },
  });
  expect(stderr).toBe('');
  return { code: status, out: stdout };
}

/** Makes the scripts by the very commands of the page. */
function makeScripts(folder: string): string {
  copyFileSync(PAGE, join(folder, 'VERIFY.md'));
  const [, commands = ''] = /^```console\n([\s\S]*?)^```$/m.exec(readText(PAGE)) ?? [];
  const makers = commands.split('\n').filter((line) => !line.startsWith('sh '));
  sh(['-c', makers.join('\n')], { cwd: folder });
  return folder;
}

/** The sound archive, and the page's scripts beside it, for the tests of this file. */
export function byHandOfFile() {
  const archive = soundArchiveOfFile();
  const { scratch, keyFile, folderOf, signer } = archive;
  let folder: string;
  beforeAll(() => {
    folder = makeScripts(scratch.emptyFolder());
  });
  const script = (name: 'archive' | 'case' | 'extract') => join(folder, `verify-${name}.sh`);

  function byHand(files: Files, signers: readonly Signer[] = [signer], env = {}): ByHand {
    return sh([script('archive'), folderOf(files), ...signers.map(keyFile)], { env });
  }

  return {
    archive,
    script,
    byHand,
    /** What both come to; the test fails if they differ. */
    async agreed(files: Files, signers: readonly Signer[] = [signer]): Promise<ByHand> {
      const hand = byHand(files, signers);
      const { exitCode, findings } = await archive.verify(files, { signers, now: A_DAY_LATER });
      expect({ ...hand, findings }).toMatchObject({ code: exitCode });
      expect(hand.out).toMatch({ 0: /^OK: /, 1: /^FAILED: ./, 3: /^UNPROVEN: ./ }[exitCode] ?? /never/);
      return hand;
    },
  };
}

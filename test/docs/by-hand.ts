/** Runs the blocks of VERIFY.md as the page says, over files that a test has made, and holds them against the verifier. */
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readText } from '../../lib/text-file';
import {
  exportModel,
  type Files,
  type ModelCommit,
  newSigner,
  render,
  type Signer,
} from '../tools/cases-audit/signed-archive';
import { verifierOfFile } from '../tools/cases-audit/verify-files';

export const PAGE = resolve(__dirname, '../../VERIFY.md');
/** By hand there is no clock: what no signature covers is unproven at once. So is it for the verifier a day later. */
const A_DAY_LATER = Date.UTC(2026, 0, 11, 20);

export interface ByHand {
  readonly code: number | null;
  readonly out: string;
}

export interface Prepared {
  /** Folder with `verify-archive.sh`, `verify-case.sh` and `verify-extract.sh`. */
  readonly scripts: string;
  readonly commits: ModelCommit[];
  /** The archive of `commits`, each signed by `signer`. */
  readonly sound: Files;
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

/** For the tests of this file. */
export function byHandOfFile() {
  const { verify, scratch, keyFile, folderOf } = verifierOfFile();
  const signer = newSigner();

  function byHand({ scripts }: Prepared, files: Files, signers: readonly Signer[] = [signer], env = {}): ByHand {
    return sh([join(scripts, 'verify-archive.sh'), folderOf(files), ...signers.map(keyFile)], { env });
  }

  return {
    verify,
    scratch,
    keyFile,
    folderOf,
    signer,
    byHand,
    async prepare(): Promise<Prepared> {
      const { commits } = await exportModel();
      const sound = await render(commits, { signers: () => [signer] });
      return { scripts: makeScripts(scratch.emptyFolder()), commits, sound };
    },
    /** What both come to; the test fails if they differ. */
    async agreed(prepared: Prepared, files: Files, signers: readonly Signer[] = [signer]): Promise<ByHand> {
      const hand = byHand(prepared, files, signers);
      const { exitCode, findings } = await verify(files, { signers, now: A_DAY_LATER });
      expect({ ...hand, findings }).toMatchObject({ code: exitCode });
      expect(hand.out).toMatch({ 0: /^OK: /, 1: /^FAILED: ./, 3: /^UNPROVEN: ./ }[exitCode] ?? /never/);
      return hand;
    },
  };
}

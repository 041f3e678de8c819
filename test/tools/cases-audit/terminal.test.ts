/** Promise: whoever presses Ctrl-C gets cursor and wrapping of lines back; what is redirected has no colours, in a CI job neither. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { scratchOfFile } from '../../support/scratch';
import { pressCtrlC } from '../../support/terminal';
import { saveLongChain } from './sound-archive';

const ROOT = join(__dirname, '../../..');
const TSX = join(ROOT, 'node_modules/.bin/tsx');
const scratch = scratchOfFile();

/** A mode of the terminal, by its number: switched off (`l`) and on again (`h`). */
function lastOf(out: string, mode: number): string | undefined {
  return [...out.matchAll(new RegExp(`\\u001b\\[\\?${mode}([hl])`, 'g'))].at(-1)?.[1];
}

const CURSOR = 25;
const WRAPPING = 7;
const HIDDEN = `\u001b[?${CURSOR}l`;

test('cases-audit', async () => {
  const folder = scratch.emptyFolder();
  await saveLongChain(folder);
  const command = [process.execPath, '--no-warnings', 'dist/cases-audit.js', 'verify', '--offline', folder];
  const { out, pressed, code } = await pressCtrlC(HIDDEN, command, ROOT);
  expect({ pressed, code }).toEqual({ pressed: true, code: 130 });
  expect([lastOf(out, CURSOR), lastOf(out, WRAPPING)]).toEqual(['h', 'h']);
  expect(out).toContain('Interrupted: nothing was changed.');
});

test('the demo ends by the signal', async () => {
  const folder = join(scratch.emptyFolder(), 'demo');
  const command = [process.execPath, '--import', 'tsx', 'local/demo/main.ts', '--cases', '2000', '--folder', folder];
  const { out, pressed, code } = await pressCtrlC(HIDDEN, command, ROOT);
  expect({ pressed, code }).toEqual({ pressed: true, code: -2 });
  expect([lastOf(out, CURSOR), lastOf(out, WRAPPING)]).toEqual(['h', 'h']);
});

test('what the demo redirects has no colours with CI=1', () => {
  const env = { PATH: process.env['PATH'] ?? '', CI: '1' };
  const print = "import { good, heading } from './local/demo/print'; console.log(heading('x'), good('y'))";
  const { stdout } = spawnSync(TSX, ['-e', print], { cwd: ROOT, env, encoding: 'utf8' });
  expect(stdout).not.toBe('');
  expect(stdout).not.toContain('\u001b');
});

/** Promise: bash and zsh complete every command and option that there is, values where they are known, and names of files as they are. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchOfFile } from '../../support/scratch';
import { cli } from './command-line';

const scratch = scratchOfFile();
const hasZsh = spawnSync('zsh', ['--version']).status === 0;
let folder: string;
let bash: string;
let zsh: string;

beforeAll(async () => {
  folder = scratch.emptyFolder();
  mkdirSync(join(folder, 'my archive'));
  writeFileSync(join(folder, 'my key.pem'), '');
  [bash, zsh] = [join(folder, 'bash-script'), join(folder, 'zsh-script')];
  for (const [shell, file] of [
    ['bash', bash],
    ['zsh', zsh],
  ] as const) {
    const { code, out, err } = await cli(['completion', shell]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    writeFileSync(file, out);
  }
});

/** What bash offers after these words; the last one is being typed. */
function offered(...words: readonly string[]): string[] {
  const program =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash's
    'source "$1"; shift; COMP_WORDS=(cases-audit "$@"); COMP_CWORD=$#; _cases_audit; printf "%s\\n" "${COMPREPLY[@]}"';
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-uc', program, 'bash', bash, ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

/** As the help of a command shows them. */
async function optionsOf(...command: readonly string[]): Promise<string[]> {
  const { out } = await cli([...command, '--help']);
  return [...out.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = '']) => option);
}

async function commands(): Promise<string[]> {
  const { out } = await cli(['--help']);
  return [...(out.split('Commands:')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
}

test('every command', async () => {
  const all = await commands();
  expect(all).toEqual(expect.arrayContaining(['verify', 'doctor', 'completion', 'help']));
  expect(offered('')).toEqual(expect.arrayContaining(all));
  expect(offered('ver')).toEqual(['verify']);
  expect(offered('help', 'sta')).toEqual(['status']);
});

test('every option of every command', async () => {
  for (const name of (await commands()).filter((each) => each !== 'help')) {
    expect({ name, options: offered(name, '--').sort() }).toEqual({ name, options: (await optionsOf(name)).sort() });
  }
});

test('values that are known, and nothing where only a person knows', () => {
  expect(offered('completion', '')).toEqual(['bash', 'zsh']);
  expect(offered('verify', '--bucket', '')).toEqual([]);
});

test('folders where a folder is taken, files where a file is, blanks and all', () => {
  expect(offered('verify', '--offline', 'my')).toEqual(['my archive']);
  expect(offered('verify', '--offline', '=', 'my')).toEqual(['my archive']);
  expect(offered('verify', '--key', 'my').sort()).toEqual(['my archive', 'my key.pem']);
});

test('another shell is a wrong call', async () => {
  const { code, out, err } = await cli(['completion', 'fish']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('Allowed choices are bash, zsh');
});

/** Where the machine has zsh. Its own functions are played: they print what they are told to complete. */
(hasZsh ? describe : describe.skip)('zsh', () => {
  const played =
    '_arguments() { print -rl -- "$@"; state=$STATE; }; _describe() { print -rl -- $commands; }; compdef() { :; }';
  const told = (state: string, ...words: readonly string[]) => {
    const program = `${played}; STATE=$2; source "$1"; words=("\${@:3}"); _cases-audit`;
    const { status, stdout, stderr } = spawnSync('zsh', ['-f', '-c', program, 'zsh', zsh, state, ...words], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };

  test('every command, and what it does', async () => {
    const out = told('command', '');
    for (const name of await commands()) expect(out).toMatch(new RegExp(`^${name}:.`, 'm'));
  });

  test('every option of every command', async () => {
    for (const name of (await commands()).filter((each) => each !== 'help')) {
      const out = told('rest', name);
      const flags = new Set([...out.matchAll(/^(?:\([^)]*\))?\*?(--[a-z-]+)=?\[/gm)].map(([, flag]) => flag));
      expect({ name, flags: [...flags].sort() }).toEqual({ name, flags: (await optionsOf(name)).sort() });
    }
  });
});

test('no line of the zsh script breaks its quotes', async () => {
  // Without zsh at hand: quotes of sh, which are the same, must close on every line.
  const { out } = await cli(['completion', 'zsh']);
  for (const line of out.split('\n')) {
    const quotes =
      line
        .replaceAll("'\\''", '')
        .replace(/^\s*#.*/, '')
        .split("'").length - 1;
    expect({ line, isEven: quotes % 2 === 0 }).toEqual({ line, isEven: true });
  }
});

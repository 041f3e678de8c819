/** The end of the demo: `cases-audit verify` on the archive, then on a copy of it in which one bit was changed. */
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { run } from '../../tools/cases-audit/main';
import { EXIT_CODES } from '../../tools/cases-audit/outcome';
import type { VerifySummary } from '../../tools/cases-audit/verify/summary';
import { wrap } from '../../tools/cases-audit/words';
import { filesOf } from './archive';
import { ALTERED_FOLDER } from './folder';
import { bad, bold, count, good, heading, type Print } from './print';
import type { DemoWorld } from './world';

/** The result of `cases-audit verify`. */
interface Checked {
  readonly exitCode: number;
  /** Null without a verdict; then `errors` has the reason. */
  readonly summary: VerifySummary | null;
  readonly errors: string;
}

/** The built command, for people who check for themselves. */
const COMMAND_LINE = join(__dirname, '../../dist/cases-audit.js');
const WIDTH = 80;

/**
 * Prints the findings of verify in the archive and in the altered copy, which stays beside it, and the commands that
 * check both again. Resolves with whether the first is sound and the second is contradicted at exactly the altered
 * file.
 */
export async function printEvidence(
  print: Print,
  { archiveFolder, keyFile }: Pick<DemoWorld, 'archiveFolder' | 'keyFile'>,
): Promise<boolean> {
  print();
  print(heading('Can an outsider check it?'));
  say(print, '  ', 'cases-audit verify needs the archive and the public key of the signer, and trusts nobody else:');
  const original = await verify(archiveFolder, keyFile);
  const isSound = original.exitCode === EXIT_CODES.sound;
  printChecked(print, original, isSound ? null : 'sound, exit code 0.');

  const copy = join(dirname(archiveFolder), ALTERED_FOLDER);
  const { key, byte } = alterCopy(archiveFolder, copy);
  print();
  print(heading('And if somebody alters one bit?'));
  say(print, '  ', `In ${ALTERED_FOLDER}/, a copy, one bit of byte ${count(byte)} is flipped in ${key}`);
  const altered = await verify(copy, keyFile);
  const isFound =
    altered.exitCode === EXIT_CODES.contradicted &&
    altered.summary?.findings.some((found) => found.key === key) === true;
  printChecked(print, altered, isFound ? null : `contradicted, exit code 1, with a finding at ${key}`);

  print();
  print('Check it yourself; nothing of the exporter has to run:');
  print(commandText(archiveFolder, keyFile));
  return isSound && isFound;
}

/** Runs the command line in this process, without a terminal. */
async function verify(folder: string, keyFile: string): Promise<Checked> {
  const out: string[] = [];
  const errors: string[] = [];
  const exitCode = await run(['verify', '--offline', folder, '--key', keyFile, '--json'], {
    out: (text) => void out.push(text),
    err: (text) => void errors.push(text),
    width: WIDTH,
    hasColors: false,
    isInteractive: false,
    signal: new AbortController().signal,
    now: () => Date.now(),
    env: {},
  });
  const summary = out.length === 0 ? null : (JSON.parse(out.join('')) as VerifySummary);
  return { exitCode, summary, errors: errors.join('').trim() };
}

/**
 * Copies the archive and flips the lowest bit of the byte in the middle of its largest file of rows. Returns the file's
 * key and the byte's offset.
 */
function alterCopy(archiveFolder: string, copy: string): { readonly key: string; readonly byte: number } {
  cpSync(archiveFolder, copy, { recursive: true });
  const sizeOf = (key: string) => statSync(join(copy, key)).size;
  const files = filesOf(copy).filter((key) => key.endsWith('.parquet'));
  const key = files.reduce((largest, each) => (sizeOf(each) > sizeOf(largest) ? each : largest));
  const bytes = readFileSync(join(copy, key));
  const byte = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(byte) ^ 1, byte);
  writeFileSync(join(copy, key), bytes);
  return { key, byte };
}

/** The verdict with its mark, then what was found or is proven; then what was expected, if something else came. */
function printChecked(print: Print, { exitCode, summary, errors }: Checked, unmet: string | null): void {
  const mark = exitCode === EXIT_CODES.sound ? good : bad;
  print(`  ${mark(bold(`${summary?.verdict ?? 'no verdict'}, exit code ${exitCode}`))}`);
  const findings = summary?.findings ?? [];
  if (findings.length === 0) say(print, '    ', summary?.proven ?? errors);
  for (const { commit, kind, words } of findings) {
    print(`    ${commit === null ? '' : `commit ${commit}: `}${kind}`);
    say(print, '    ', words);
  }
  if (unmet !== null) say(print, '  ', bad(`Expected was ${unmet}`));
}

/** The command to type, on one line if it fits. Paths are relative to the demo's folder. */
function commandText(archiveFolder: string, keyFile: string): string {
  const parts = [
    `node ${pathText(COMMAND_LINE)} verify`,
    `--offline ${pathText(archiveFolder)}`,
    `--key ${pathText(keyFile)}`,
  ];
  const line = `  ${parts.join(' ')}`;
  return line.length <= WIDTH ? line : `  ${parts[0]} \\\n    ${parts.slice(1).join(' ')}`;
}

/** Quotes a path as one shell word. */
function pathText(path: string): string {
  const short = relative(process.cwd(), path);
  return /^[\w./-]+$/.test(short) ? short : `'${short.replaceAll("'", `'\\''`)}'`;
}

/** Prints a text in indented lines of at most 80 characters; a longer word continues in the next line. */
function say(print: Print, indent: string, text: string): void {
  for (const line of wrap(text.replace(/\s+/g, ' '), WIDTH - indent.length).split('\n')) print(`${indent}${line}`);
}

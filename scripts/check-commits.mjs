/**
 * Checks that commit messages keep to the form of CONTRIBUTING.md: `type(scope): what changes` in at most 72 characters,
 * and an empty line before the body. Merge commits are left out. Needs Node and git alone.
 *
 *   node scripts/check-commits.mjs main..HEAD          the commits of a branch
 *   node scripts/check-commits.mjs --message <file>    one message, as git's hook `commit-msg` hands it over
 *
 * Exit code: 0 all keep to the form, 1 some do not (each with its reason), 2 the command line is wrong.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TYPES = ['feat', 'fix', 'perf', 'refactor', 'test', 'docs', 'build', 'ci'];
const MAX_SUBJECT = 72;
const SUBJECT = new RegExp(`^(?:${TYPES.join('|')})\\([a-z0-9][a-z0-9/-]*\\)!?: \\S`);
const FORM = `"type(scope): what changes" with a scope in lower case and a type of ${TYPES.join(', ')}`;
const USAGE = 'Usage: node scripts/check-commits.mjs <range, for example main..HEAD> | --message <file>';

/** What is wrong with a message, each as a sentence. Empty: nothing. */
function problemsOf(message) {
  const [subject = '', separator] = message.split('\n');
  const length = [...subject].length;
  const problems = [];
  if (!SUBJECT.test(subject)) problems.push(`expected ${FORM}`);
  if (length > MAX_SUBJECT) problems.push(`the subject has ${length} characters, expected at most ${MAX_SUBJECT}`);
  if (/[.\s]$/.test(subject)) problems.push('the subject ends with a full stop or a space, expected neither');
  if (separator) problems.push('the second line is not empty, expected an empty one before the body');
  return problems;
}

/** Messages of a range, oldest first, each with the short id of its commit. */
function commitsIn(range) {
  const args = ['log', '--reverse', '--no-merges', '--format=%h%n%B%x00', '--end-of-options', range, '--'];
  const log = execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const entries = log.split('\0').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '').map((entry) => splitOnce(entry, '\n'));
}

/** The message of a file, without the comments that git adds to it. */
function messageIn(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => !line.startsWith('#')).join('\n');
}

function splitOnce(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function commitsFrom(args) {
  const [first, second, ...more] = args;
  if (first === '--message' && second !== undefined && more.length === 0) return [['message', messageIn(second)]];
  if (first !== undefined && !first.startsWith('-') && second === undefined) return commitsIn(first);
  return undefined;
}

function main(args) {
  let commits;
  try {
    commits = commitsFrom(args);
  } catch (error) {
    console.error(String(error.stderr || error.message).trim());
  }
  if (commits === undefined) {
    console.error(USAGE);
    return 2;
  }
  const wrong = commits.filter(([, message]) => problemsOf(message).length > 0);
  for (const [id, message] of wrong) {
    console.error(`${id} "${message.split('\n')[0]}"`);
    for (const problem of problemsOf(message)) console.error(`  - ${problem}`);
  }
  if (wrong.length > 0) return 1;
  console.log(`Every message keeps to the form: ${commits.length} checked`);
  return 0;
}

process.exitCode = main(process.argv.slice(2));

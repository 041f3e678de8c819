/** A demo that cannot start says why and ends with 1: no server that is open by then keeps it alive. */
import { writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { dropAwsSettings, localClientSettings } from '../../../local/aws-settings';
import { closedOnError, startAll } from '../../../local/loopback';
import { scratchOfFile } from '../../support/scratch';
import { runDemo } from './run-demo';

/** Makes the loopback server of a number, in the order of their starts, fail: its port is refused, or its connections are cut. */
const BREAKER = `
const { Server } = require('node:net');
const { listen } = Server.prototype;
let servers = 0;
Server.prototype.listen = function (...args) {
  if (args[1] !== '127.0.0.1') return listen.apply(this, args);
  servers += 1;
  if (servers !== Number(process.env.BROKEN_SERVER)) return listen.apply(this, args);
  if (process.env.BROKEN_HOW === 'cut') {
    this.prependListener('connection', (socket) => socket.destroy());
    return listen.apply(this, args);
  }
  process.nextTick(() => this.emit('error', new Error('listen EACCES: made for the test')));
  return this;
};
`;

const scratch = scratchOfFile();

test.each([
  ['the Cases service', 1],
  ['S3', 2],
  ['DynamoDB', 3],
  ['KMS', 4],
  ['the proxy before DynamoDB', 5],
])('where %s gets no port, the demo ends with 1 and says so', async (_, server) => {
  expect(await demoWithBroken(server, 'refused')).toEqual({ code: 1, stderr: '\nlisten EACCES: made for the test\n' });
});

test.each([
  ['the Cases service', 1],
  ['DynamoDB', 3],
])('where %s answers nothing, the demo ends with 1 and says so', async (_, server) => {
  const { code, stderr } = await demoWithBroken(server, 'cut');
  expect(code).toBe(1);
  expect(stderr).toMatch(/socket hang up|ECONNRESET/);
});

test('of services that start together, those that did are closed when one fails, and the first error is told', async () => {
  const closed: string[] = [];
  const started = (name: string) => Promise.resolve({ close: async () => void closed.push(name) });
  const failed = new Error('no port');
  await expect(startAll([started('a'), Promise.reject(failed), started('b')])).rejects.toBe(failed);
  expect(closed).toEqual(['a', 'b']);
});

test('an error stays the same where closing fails too', async () => {
  const service = { close: () => Promise.reject(new Error('cannot close')) };
  const failed = new Error('no table');
  await expect(closedOnError(service, () => Promise.reject(failed))).rejects.toBe(failed);
});

test('no AWS variable of the shell is left, and no profile is read', () => {
  const env: NodeJS.ProcessEnv = {
    HOME: '/home/me',
    AWS_PROFILE: 'audit',
    AWS_ENDPOINT_URL: 'x',
    AWS_CONFIG_FILE: 'mine',
  };
  dropAwsSettings(env);
  expect(env).toEqual({
    HOME: '/home/me',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_USE_FIPS_ENDPOINT: 'false',
    AWS_USE_DUALSTACK_ENDPOINT: 'false',
  });
});

test('a local client takes neither FIPS nor dual-stack from a profile', () => {
  expect(localClientSettings('http://127.0.0.1:1')).toMatchObject({
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  });
});

async function demoWithBroken(
  server: number,
  how: 'refused' | 'cut',
): Promise<{ code: number | null; stderr: string }> {
  const breaker = join(scratch.emptyFolder(), 'breaker.cjs');
  writeFileSync(breaker, BREAKER);
  const env = { NODE_OPTIONS: `--require ${breaker}`, BROKEN_SERVER: `${server}`, BROKEN_HOW: how };
  const { code, stderr } = await runDemo(['--cases', '1', '--folder', scratch.emptyFolder()], env);
  return { code, stderr };
}

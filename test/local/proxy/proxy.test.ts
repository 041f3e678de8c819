/** What the proxy promises: what it drops before did not happen, what it drops after did, and the rest is as without it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpProxy, startProxy } from '../../../local/proxy/proxy';

let server: Server;
let proxy: HttpProxy;
let took: string[];

beforeEach(async () => {
  took = [];
  server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    took.push(`${incoming.method} ${incoming.url} ${body}`);
    outgoing.writeHead(201, { 'x-mark': String(incoming.headers['x-mark']) }).end(`did ${body}`);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  proxy = await startProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(async () => {
  await proxy.close();
  await new Promise((closed) => server.close(closed));
});

function put(body: string): Promise<Response> {
  return fetch(`${proxy.url}/a/b?c=d`, { method: 'PUT', body, headers: { 'x-mark': 'm' } });
}

test('Without a hook, method, path, query, headers, body and answer pass as they are', async () => {
  const answer = await put('x');
  expect([answer.status, answer.headers.get('x-mark'), await answer.text()]).toEqual([201, 'm', 'did x']);
  expect(took).toEqual(['PUT /a/b?c=d x']);
});

test('A request dropped before never reaches the server', async () => {
  proxy.setHook(() => ({ kind: 'reset-before' }));
  await expect(put('x')).rejects.toThrow();
  expect(took).toEqual([]);
});

test('A request dropped after took effect, and its sender learns nothing', async () => {
  proxy.setHook(() => ({ kind: 'apply-then-reset' }));
  await expect(put('x')).rejects.toThrow();
  expect(took).toEqual(['PUT /a/b?c=d x']);
});

test('An answer of its own is given in place of the server', async () => {
  proxy.setHook(() => ({ kind: 'answer', answer: { status: 503, headers: {}, body: Buffer.from('slow down') } }));
  const answer = await put('x');
  expect([answer.status, await answer.text()]).toEqual([503, 'slow down']);
  expect(took).toEqual([]);
});

test('A request that is held takes effect later, though its sender has gone; until then the proxy is not idle', async () => {
  let letGo: () => void = () => undefined;
  const held = new Promise<undefined>((resolve) => {
    letGo = () => resolve(undefined);
  });
  let arrived: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  proxy.setHook(() => {
    arrived();
    return held;
  });
  const sender = new AbortController();
  const sent = fetch(proxy.url, { method: 'PUT', body: 'x', signal: sender.signal });
  await arrival;
  sender.abort();
  await expect(sent).rejects.toThrow();
  let isIdle = false;
  const idle = proxy.idle().then(() => {
    isIdle = true;
  });
  await new Promise((later) => setImmediate(later));
  expect([took, isIdle]).toEqual([[], false]);
  letGo();
  await idle;
  expect(took).toEqual(['PUT / x']);
});

test('The observer is told of every request that was done, lost answers too, once it is done and before it is answered', async () => {
  const seen: unknown[] = [];
  proxy.setObserver(({ number, method }, { status }) => void seen.push([number, method, status, took.length]));
  await put('x');
  proxy.setHook(() => ({ kind: 'apply-then-reset' }));
  await expect(put('y')).rejects.toThrow();
  proxy.setHook(() => ({ kind: 'reset-before' }));
  await expect(put('z')).rejects.toThrow();
  expect(seen).toEqual([
    [1, 'PUT', 201, 1],
    [2, 'PUT', 201, 2],
  ]);
});

test('A server that is gone looks like a connection that is cut', async () => {
  await new Promise((closed) => {
    server.close(closed);
    server.closeAllConnections();
  });
  await expect(put('x')).rejects.toThrow();
  server = createServer().listen(0, '127.0.0.1');
});

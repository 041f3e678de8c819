/** Contract of `http-answer.ts`: a body comes whole or is an error, and no call pays for a logger that nobody has. */
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCasesClient } from '../../../lambda/export/aws/cases-api';
import { wholeAnswer } from '../../../lambda/export/aws/http-answer';
import { createDynamoDBClient } from '../../../lambda/export/aws/table-requests';

/** An answer over a real connection: `chunks`, and then its end, or that of the connection. */
async function answered(
  chunks: readonly string[],
  { isCutOff = false }: { readonly isCutOff?: boolean },
  use: (answer: IncomingMessage) => Promise<void>,
): Promise<void> {
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-length': String(chunks.join('').length + (isCutOff ? 1 : 0)) });
    for (const chunk of chunks) {
      response.write(chunk);
      await sleep(5);
    }
    if (isCutOff) response.destroy();
    else response.end();
  }).listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await use(await new Promise((resolve, reject) => get({ port, agent: false }, resolve).once('error', reject)));
  } finally {
    server.close();
  }
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('the whole of an answer', () => {
  test.each([[[]], [['one']], [['one', 'and', 'another']]])('comes whole in whatever chunks: %j', async (chunks) => {
    await answered(chunks, {}, async (body) => {
      expect(textOf(await wholeAnswer({ body }))).toBe(chunks.join(''));
    });
  });

  test('comes whole from what is no stream of Node', async () => {
    const chunks = [Buffer.from('one'), Buffer.from('another')];
    async function* body() {
      yield* chunks;
    }
    expect(textOf(await wholeAnswer({ body: body() }))).toBe('oneanother');
    expect(await wholeAnswer({ body: chunks[0] ?? Buffer.of() })).toBe(chunks[0]);
  });

  test('that breaks off is an error, never a shorter answer', async () => {
    await answered(['half of'], { isCutOff: true }, async (body) => {
      await expect(wholeAnswer({ body })).rejects.toThrow();
    });
  });

  test('that broke off before it was asked for is an error, and nobody waits for ever', async () => {
    const body = new Readable({ read: () => undefined });
    body.on('error', () => undefined);
    body.destroy(new Error('the connection is gone'));
    await sleep(0);
    await expect(wholeAnswer({ body })).rejects.toThrow('the connection is gone');
  });
});

test.each([
  ['Cases', createCasesClient],
  ['DynamoDB', createDynamoDBClient],
])('no call to %s prepares its input and output for a logger', (_name, create) => {
  const names = create().middlewareStack.identify();
  expect(names).toContainEqual(expect.stringContaining('deserializerMiddleware'));
  expect(names).not.toContainEqual(expect.stringContaining('logger'));
});

import { BatchGetItemCommand, BatchWriteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type LocalDynamoDB, localClient, startDynamoDB } from '../../../local/dynamodb/server';

const TABLE = 'checkpoints';

let local: LocalDynamoDB;

beforeEach(async () => {
  local = await startDynamoDB();
});
afterEach(() => local.close());

test('a table is ready when it is made, and making it twice is harmless', async () => {
  await local.createTable(TABLE);
  const client = localClient(local.url);
  const Item = { pk: { S: 'a' }, sk: { S: 'b' }, n: { N: '1' } };
  await client.send(new PutItemCommand({ TableName: TABLE, Item }));
  await local.createTable(TABLE);
  client.destroy();
  expect(await local.items(TABLE)).toEqual([{ pk: 'a', sk: 'b', n: 1 }]);
});

test('requests and answers are lost when told to, and only then', async () => {
  await local.createTable(TABLE);
  const client = localClient(local.url);
  client.config.maxAttempts = async () => 1;
  const put = (pk: string) =>
    client.send(new PutItemCommand({ TableName: TABLE, Item: { pk: { S: pk }, sk: { S: 'x' } } }));
  local.setFault(() => ({ kind: 'reset-before' }));
  await expect(put('never')).rejects.toThrow();
  local.setFault(() => ({ kind: 'apply-then-reset' }));
  await expect(put('lost')).rejects.toThrow();
  local.setFault(() => ({ kind: 'error', status: 400, type: 'ProvisionedThroughputExceededException' }));
  await expect(put('throttled')).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
  local.setFault(undefined);
  await put('fine');
  client.destroy();
  expect((await local.items(TABLE)).map((item) => item['pk']).sort()).toEqual(['fine', 'lost']);
});

test('a batch is left unprocessed when told to, and nothing of it is done', async () => {
  await local.createTable(TABLE);
  const client = localClient(local.url);
  const [Key, requests] = [
    { pk: { S: 'a' }, sk: { S: 'b' } },
    [{ PutRequest: { Item: { pk: { S: 'a' }, sk: { S: 'b' } } } }],
  ];
  const write = () => client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests } }));
  const read = () => client.send(new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: [Key] } } }));
  local.setFault(() => ({ kind: 'unprocessed' }));
  expect((await write()).UnprocessedItems).toEqual({ [TABLE]: requests });
  expect(await local.items(TABLE)).toEqual([]);
  expect(await read()).toMatchObject({ Responses: {}, UnprocessedKeys: { [TABLE]: { Keys: [Key] } } });
  local.setFault(undefined);
  expect((await write()).UnprocessedItems).toEqual({});
  expect((await read()).Responses?.[TABLE]).toEqual([Key]);
  client.destroy();
});

test('the log names each call, and the hook sees what it asks for', async () => {
  await local.createTable(TABLE);
  const client = localClient(local.url);
  const seen: unknown[] = [];
  local.setFault(({ operation, input, number }) => void seen.push([number, operation, input['TableName']]));
  await client.send(new GetItemCommand({ TableName: TABLE, Key: { pk: { S: 'a' }, sk: { S: 'b' } } }));
  client.destroy();
  expect(seen).toEqual([[1, 'GetItem', TABLE]]);
  expect(local.calls.map(({ operation, status }) => [operation, status])).toEqual([['GetItem', 200]]);
});

/** Promise: conditions and changes are written in the service's language, word for word, with the names and values they use. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import {
  absent,
  allOf,
  anyOf,
  type Condition,
  compares,
  createTableRequests,
  setting,
  unlessThere,
  valuesOf,
} from '../../../lambda/export/aws/table-requests';

const KEY = { pk: 'p', sk: 's' };

/** The requests of a client that answers nothing, and what they would have sent. */
function recorded() {
  const sent: Record<string, unknown>[] = [];
  const send = async ({ input }: { input: Record<string, unknown> }) => {
    sent.push(input);
    return {};
  };
  return { sent, requests: createTableRequests({ send } as unknown as DynamoDBClient, 'table') };
}

test.each<[string, Condition, Record<string, string>]>([
  ['attribute_not_exists(#head)', absent('head'), { '#head': 'head' }],
  ['#head.#seq = :seq', compares('head.seq', '=', ':seq'), { '#head': 'head', '#seq': 'seq' }],
  ['(attribute_not_exists(#n) OR #n <= :n)', anyOf(absent('n'), compares('n', '<=', ':n')), { '#n': 'n' }],
  [
    '#a <> :a AND (#b >= :b OR #c > :c)',
    allOf(compares('a', '<>', ':a'), anyOf(compares('b', '>=', ':b'), compares('c', '>', ':c'))),
    { '#a': 'a', '#b': 'b', '#c': 'c' },
  ],
])('%s', async (expression, condition, names) => {
  const { sent, requests } = recorded();
  await requests.putItem(KEY, { condition, values: { ':v': 1 } });
  await requests.query({ partition: 'p', prefix: 's', filter: { condition, values: { ':v': 1 } } });
  const [put, query] = sent;
  expect(put).toMatchObject({
    ConditionExpression: expression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: marshall({ ':v': 1 }),
  });
  expect(query).toMatchObject({
    KeyConditionExpression: '#pk = :partition AND begins_with(#sk, :prefix)',
    FilterExpression: expression,
    ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk', ...names },
    ExpressionAttributeValues: marshall({ ':partition': 'p', ':prefix': 's', ':v': 1 }),
  });
});

test('a change sets a value, counts, or keeps what is there', async () => {
  const { sent, requests } = recorded();
  const changes = {
    ...setting({ a: 1 }),
    ...unlessThere({ b: 2 }),
    fence: { unlessThere: ':zero', plus: ':one' },
  } as const;
  const values = { ...valuesOf({ a: 1, b: 2 }), ':zero': 0, ':one': 1 };
  await requests.updateItem(KEY, changes, { condition: absent('c'), values });
  expect(sent).toMatchObject([
    {
      UpdateExpression: 'SET #a = :a, #b = if_not_exists(#b, :b), #fence = if_not_exists(#fence, :zero) + :one',
      ConditionExpression: 'attribute_not_exists(#c)',
      ExpressionAttributeNames: { '#a': 'a', '#b': 'b', '#fence': 'fence', '#c': 'c' },
      ExpressionAttributeValues: marshall({ ':a': 1, ':b': 2, ':zero': 0, ':one': 1 }),
      ReturnValues: 'ALL_NEW',
    },
  ]);
});

test('no values are left out, as the service refuses an empty list of them', async () => {
  const { sent, requests } = recorded();
  await requests.putItem(KEY, { condition: absent('pk'), values: {} });
  expect(sent[0]?.['ExpressionAttributeValues']).toBeUndefined();
});

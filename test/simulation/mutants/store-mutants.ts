/** Breaks of the adapters for DynamoDB and S3: conditions left out, answers half read. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the code that is broken has template strings.
import { bySeed, byTest, type Mutant } from './mutant';
import { having } from './worlds';

export const STORE_MUTANTS: readonly Mutant[] = [
  ...bySeed('aws/checkpoint-store.ts', {
    'COMMIT is not conditional on the fence': [
      'allOf(FENCE_IS_MINE, headStands, PREVIOUS_IS_APPLIED)',
      "allOf(compares('fence', '>=', ':fence'), headStands, PREVIOUS_IS_APPLIED)",
    ],
    'Applied is set for a commit that is not the head': [
      'allOf(HEAD_IS_THIS, PREVIOUS_IS_APPLIED)',
      "anyOf(compares('applied', '<>', ':previous'), compares('applied', '=', ':previous'))",
    ],
  }),
  ...byTest(
    'aws/checkpoint-store.ts',
    'test/simulation/stores/contracts.test.ts',
    'the fence keeps two writers apart; the lease only saves them the calls',
    {
      'COMMIT is not conditional on the head': [
        'replaces === undefined ? nextInLine : HEAD_IS_REPLACED;',
        'replaces === undefined ? FENCE_IS_MINE : HEAD_IS_REPLACED;',
        'the fence, and no commit after one that failed, keep every run from trying; this is the second lock',
      ],
      'COMMIT is not conditional on what is applied': [
        'allOf(FENCE_IS_MINE, headStands, PREVIOUS_IS_APPLIED)',
        "allOf(FENCE_IS_MINE, headStands, compares('applied', '<=', ':previous'))",
        'every run recovers before it commits, so none tries; this is the second lock',
      ],
      'A COMMIT that failed for its fence counts as made': [
        "|| now?.fence !== fence) return 'refused';",
        "|| now?.fence !== fence) return 'committed';",
        'two writers have to meet at one COMMIT: none of a hundred and twenty seeds',
      ],
      'COMMIT is refused after an answer that was lost': [
        "          if (now?.head?.manifestKey === head.manifestKey) return 'committed';\n",
        '',
        'the run ends with an error and the next one publishes what was committed: nothing is lost, time is',
      ],
      'Heads and retry entries are written over newer ones': [
        "anyOf(absent('seq'), compares('seq', '<', ':seq'))",
        "anyOf(absent('seq'), compares('seq', '<>', ':seq'), compares('seq', '=', ':seq'))",
        'the two writers have to meet within the moment between COMMIT and the ledger, an hour of freezing apart',
      ],
      'The lease is taken though it is held': [
        "compares('leaseExpiresAt', '<=', ':now')",
        "compares('leaseExpiresAt', '<>', ':now')",
      ],
      'Whoever had the lease before releases that of another': [
        "{ condition: FENCE_IS_MINE, values: { ':fence': fence, ':zero': 0, ':nobody': null } }",
        "{ condition: compares('fence', '>=', ':fence'), values: { ':fence': fence, ':zero': 0, ':nobody': null } }",
      ],
      'A redo is marked as done for a commit that is not the head': [
        "const HEAD_IS_MINE = compares('head.manifestKey', '=', ':manifestKey');",
        "const HEAD_IS_MINE = anyOf(absent('head.other'), compares('head.manifestKey', '=', ':manifestKey'));",
        'a writer has to be frozen over a whole commit of another, and the table restored right after it thaws',
      ],
    },
  ),
  ...byTest('aws/checkpoint-store.ts', 'test/export/aws/checkpoint-store.test.ts', {
    'The lease says of any table that whoever has ids has a record': [
      '  idsHaveRecords: false,\n',
      '  idsHaveRecords: true,\n',
      'tables of these worlds begin empty: only one of an earlier build has ids without records',
    ],
  }),
  ...byTest('aws/checkpoint-table.ts', 'test/export/aws/checkpoint-store.test.ts', {
    'Keys that a batch read leaves unprocessed are ignored': [
      'return answer.left;',
      'return [];',
      'a head that is not read costs another read of its case, in which known ids are known: calls, never an event',
    ],
  }),
  ...byTest('aws/checkpoint-table.ts', 'test/simulation/stores/contracts.test.ts', {
    'Items that a batch write leaves unprocessed are ignored': [
      "calling('BatchWriteItem', () => requests.batchWriteItem(some)),",
      "calling('BatchWriteItem', () => requests.batchWriteItem(some)).then(() => []),",
      'a world shows it only where the very case is read again in a later commit; the contract asks at once',
    ],
  }),
  ...bySeed('aws/checkpoint-table.ts', {
    'A query ends at its first page': ['next = page.end;', 'next = undefined;', having('dynamodb.short-page')],
  }),
  ...byTest('aws/store-failures.ts', 'test/simulation/stores/simulated-table.test.ts', {
    'A read that fails is not tried again': [
      'const isLast = attempt === MAX_READS ||',
      'const isLast = attempt >= 1 ||',
      'the run ends with an error and the next one goes on: nothing is lost, time is',
    ],
  }),
  ...bySeed('domain/keys.ts', {
    'The ledger of a case is rewritten instead of appended to': [
      'sk: `${eventIdsPrefix(caseId)}${seqDigits(seq)}#${digits}`',
      'sk: `${eventIdsPrefix(caseId)}${seqDigits(Math.min(seq, 1))}#${digits}`',
    ],
  }),
  ...bySeed('aws/object-store.ts', {
    'A final key is written without If-None-Match': [
      "await putOnce(bucket, key, bytes, '*');",
      'await putOnce(bucket, key, bytes);',
      having('s3.other-bytes'),
    ],
  }),
];

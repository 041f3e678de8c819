/** Breaks of the adapters for DynamoDB and S3: conditions left out, answers half read. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the code that is broken has template strings.
import type { Mutant } from './mutant';
import { having } from './worlds';

export const STORE_MUTANTS: readonly Mutant[] = [
  {
    name: 'COMMIT is not conditional on the fence',
    file: 'aws/checkpoint-store.ts',
    find: 'allOf(FENCE_IS_MINE, headStands, PREVIOUS_IS_APPLIED)',
    replace: "allOf(compares('fence', '>=', ':fence'), headStands, PREVIOUS_IS_APPLIED)",
  },
  {
    name: 'COMMIT is not conditional on the head',
    file: 'aws/checkpoint-store.ts',
    find: 'replaces === undefined ? nextInLine : HEAD_IS_REPLACED;',
    replace: 'replaces === undefined ? FENCE_IS_MINE : HEAD_IS_REPLACED;',
    caughtBy: {
      test: 'test/simulation/stores/contracts.test.ts',
      because: 'the fence, and no commit after one that failed, keep every run from trying; this is the second lock',
    },
  },
  {
    name: 'COMMIT is not conditional on what is applied',
    file: 'aws/checkpoint-store.ts',
    find: 'allOf(FENCE_IS_MINE, headStands, PREVIOUS_IS_APPLIED)',
    replace: "allOf(FENCE_IS_MINE, headStands, compares('applied', '<=', ':previous'))",
    caughtBy: {
      test: 'test/simulation/stores/contracts.test.ts',
      because: 'every run recovers before it commits, so none tries; this is the second lock',
    },
  },
  {
    name: 'A COMMIT that failed for its fence counts as made',
    file: 'aws/checkpoint-store.ts',
    find: "|| now?.fence !== fence) return 'refused';",
    replace: "|| now?.fence !== fence) return 'committed';",
    caughtBy: {
      test: 'test/simulation/stores/contracts.test.ts',
      because: 'two writers have to meet at one COMMIT: none of a hundred and twenty seeds',
    },
  },
  {
    name: 'COMMIT is refused after an answer that was lost',
    file: 'aws/checkpoint-store.ts',
    find: "          if (now?.head?.manifestKey === head.manifestKey) return 'committed';\n",
    replace: '',
    caughtBy: {
      test: 'test/simulation/stores/contracts.test.ts',
      because: 'the run ends with an error and the next one publishes what was committed: nothing is lost, time is',
    },
  },
  {
    name: 'Heads and retry entries are written over newer ones',
    file: 'aws/checkpoint-store.ts',
    find: "anyOf(absent('seq'), compares('seq', '<', ':seq'))",
    replace: "anyOf(absent('seq'), compares('seq', '<>', ':seq'), compares('seq', '=', ':seq'))",
    caughtBy: {
      test: 'test/simulation/stores/contracts.test.ts',
      because:
        'the two writers have to meet within the moment between COMMIT and the ledger, an hour of freezing apart',
    },
  },
  {
    name: 'The lease is taken though it is held',
    file: 'aws/checkpoint-store.ts',
    find: "compares('leaseExpiresAt', '<=', ':now')",
    replace: "compares('leaseExpiresAt', '<>', ':now')",
    caughtBy: {
      test: 'test/simulation/stores/contracts.test.ts',
      because: 'the fence keeps two writers apart; the lease only saves them the calls',
    },
  },
  {
    name: 'Whoever had the lease before releases that of another',
    file: 'aws/checkpoint-store.ts',
    find: "{ condition: FENCE_IS_MINE, values: { ':fence': fence, ':zero': 0, ':nobody': null } }",
    replace:
      "{ condition: compares('fence', '>=', ':fence'), values: { ':fence': fence, ':zero': 0, ':nobody': null } }",
    caughtBy: {
      test: 'test/simulation/stores/contracts.test.ts',
      because: 'the fence keeps two writers apart; the lease only saves them the calls',
    },
  },
  {
    name: 'Applied is set for a commit that is not the head',
    file: 'aws/checkpoint-store.ts',
    find: 'allOf(HEAD_IS_THIS, PREVIOUS_IS_APPLIED)',
    replace: "anyOf(compares('applied', '<>', ':previous'), compares('applied', '=', ':previous'))",
  },
  {
    name: 'Keys that a batch read leaves unprocessed are ignored',
    file: 'aws/checkpoint-table.ts',
    find: 'return answer.left;',
    replace: 'return [];',
    caughtBy: {
      test: 'test/export/aws/checkpoint-store.test.ts',
      because:
        'a head that is not read costs another read of its case, in which known ids are known: calls, never an event',
    },
  },
  {
    name: 'Items that a batch write leaves unprocessed are ignored',
    file: 'aws/checkpoint-table.ts',
    find: "calling('BatchWriteItem', () => requests.batchWriteItem(some)),",
    replace: "calling('BatchWriteItem', () => requests.batchWriteItem(some)).then(() => []),",
    caughtBy: {
      test: 'test/simulation/stores/contracts.test.ts',
      because: 'a world shows it only where the very case is read again in a later commit; the contract asks at once',
    },
  },
  {
    name: 'A read that fails is not tried again',
    file: 'aws/store-errors.ts',
    find: 'const isLast = attempt === MAX_TRIES ||',
    replace: 'const isLast = attempt >= 1 ||',
    caughtBy: {
      test: 'test/simulation/stores/simulated-table.test.ts',
      because: 'the run ends with an error and the next one goes on: nothing is lost, time is',
    },
  },
  {
    name: 'A redo is marked as done for a commit that is not the head',
    file: 'aws/checkpoint-store.ts',
    find: "const HEAD_IS_MINE = compares('head.manifestKey', '=', ':manifestKey');",
    replace: "const HEAD_IS_MINE = anyOf(absent('head.other'), compares('head.manifestKey', '=', ':manifestKey'));",
    caughtBy: {
      test: 'test/simulation/stores/contracts.test.ts',
      because: 'a writer has to be frozen over a whole commit of another, and the table restored right after it thaws',
    },
  },
  {
    name: 'The lease says of any table that whoever has ids has a record',
    file: 'aws/checkpoint-store.ts',
    find: '  idsHaveRecords: false,\n',
    replace: '  idsHaveRecords: true,\n',
    caughtBy: {
      test: 'test/export/aws/checkpoint-store.test.ts',
      because: 'tables of these worlds begin empty: only one of an earlier build has ids without records',
    },
  },
  {
    name: 'A query ends at its first page',
    file: 'aws/checkpoint-table.ts',
    find: 'next = page.end;',
    replace: 'next = undefined;',
    worlds: having('dynamodb.short-page'),
  },
  {
    name: 'The ledger of a case is rewritten instead of appended to',
    file: 'domain/keys.ts',
    find: 'sk: `${eventIdsPrefix(caseId)}${seqDigits(seq)}#${digits}`',
    replace: 'sk: `${eventIdsPrefix(caseId)}${seqDigits(Math.min(seq, 1))}#${digits}`',
  },
  {
    name: 'A final key is written without If-None-Match',
    file: 'aws/object-store.ts',
    find: "await putOnce(bucket, key, bytes, '*');",
    replace: 'await putOnce(bucket, key, bytes);',
    worlds: having('s3.other-bytes'),
  },
];

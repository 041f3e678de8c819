/** Breaks of the adapters for DynamoDB and S3: conditions left out, answers half read. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the code that is broken has template strings.
import type { Break } from './break';

export const STORE_BREAKS: readonly Break[] = [
  {
    name: 'COMMIT is not conditional on the fence',
    file: 'aws/checkpoint-store.ts',
    find: '`${FENCE_IS_MINE} AND ${headStands} AND ${PREVIOUS_IS_APPLIED}`',
    replace: '`#fence >= :fence AND ${headStands} AND ${PREVIOUS_IS_APPLIED}`',
  },
  {
    name: 'COMMIT is not conditional on the head',
    file: 'aws/checkpoint-store.ts',
    find: 'replaces === undefined ? nextInLine : HEAD_IS_REPLACED;',
    replace: "replaces === undefined ? 'attribute_exists(#fence)' : HEAD_IS_REPLACED;",
  },
  {
    name: 'COMMIT is not conditional on what is applied',
    file: 'aws/checkpoint-store.ts',
    find: '`${FENCE_IS_MINE} AND ${headStands} AND ${PREVIOUS_IS_APPLIED}`',
    replace: '`${FENCE_IS_MINE} AND ${headStands} AND #applied <= :previous`',
  },
  {
    name: 'A COMMIT that failed for its fence counts as made',
    file: 'aws/checkpoint-store.ts',
    find: "|| now?.fence !== fence) return 'refused';",
    replace: "|| now?.fence !== fence) return 'committed';",
  },
  {
    name: 'COMMIT is refused after an answer that was lost',
    file: 'aws/checkpoint-store.ts',
    find: "          if (now?.head?.manifestKey === head.manifestKey) return 'committed';\n",
    replace: '',
  },
  {
    name: 'Heads and retry entries are written over newer ones',
    file: 'aws/checkpoint-store.ts',
    find: "'(attribute_not_exists(#seq) OR #seq < :seq)'",
    replace: "'(attribute_not_exists(#seq) OR #seq <> :seq OR #seq = :seq)'",
  },
  {
    name: 'The lease is taken though it is held',
    file: 'aws/checkpoint-store.ts',
    find: '#leaseExpiresAt <= :now)',
    replace: '#leaseExpiresAt <> :now)',
  },
  {
    name: 'Whoever had the lease before releases that of another',
    file: 'aws/checkpoint-store.ts',
    find: "{ condition: FENCE_IS_MINE, values: { ':fence': fence, ':zero': 0, ':nobody': null } }",
    replace: "{ condition: '#fence >= :fence', values: { ':fence': fence, ':zero': 0, ':nobody': null } }",
  },
  {
    name: 'Applied is set for a commit that is not the head',
    file: 'aws/checkpoint-store.ts',
    find: '`${HEAD_IS_THIS} AND ${PREVIOUS_IS_APPLIED}`',
    replace: "'(#applied <> :previous OR #applied = :previous)'",
  },
  {
    name: 'Keys that a batch read leaves unprocessed are ignored',
    file: 'aws/checkpoint-table.ts',
    find: 'left = output.UnprocessedKeys?.[table]?.Keys ?? [];',
    replace: 'left = [];',
    worlds: ['dynamodb.unprocessed-keys'],
  },
  {
    name: 'A query ends at its first page',
    file: 'aws/checkpoint-table.ts',
    find: 'next = output.LastEvaluatedKey;',
    replace: 'next = undefined;',
    worlds: ['dynamodb.short-page'],
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
    worlds: ['s3.other-bytes'],
  },
];

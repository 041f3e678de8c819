/**
 * The real adapters over the simulated clients keep the contracts of their ports, without faults and with those that a
 * caller must not notice.
 */
import { describeBuckets, describeTable } from './contracts-under-faults';

describeTable('no faults', {});
describeTable('all that a caller must not notice', {
  'dynamodb.unprocessed-keys': 0.2,
  'dynamodb.unprocessed-writes': 0.2,
  'dynamodb.read-fails': 0.2,
  'dynamodb.short-page': 0.2,
  'dynamodb.condition-failed-own-write': 0.2,
  'dynamodb.lost-answer': 0.2,
});

describeBuckets('no faults', {});
describeBuckets('conflicts', { 's3.409': 0.05 });

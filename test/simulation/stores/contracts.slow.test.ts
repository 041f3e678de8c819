/** The real adapters keep the contract of the table's port also where one kind of fault strikes at every call. */
import { describeTable } from './contracts-under-faults';

describeTable('every page cut short, every batch left incomplete', {
  'dynamodb.unprocessed-keys': 1,
  'dynamodb.unprocessed-writes': 1,
  'dynamodb.short-page': 1,
});
describeTable('every own write met again', { 'dynamodb.condition-failed-own-write': 1 });

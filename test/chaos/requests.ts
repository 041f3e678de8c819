/** What a request of the exporter is about, seen from outside: by service, and by the step of the export that it belongs to. */
import { ARCHIVE_BUCKET } from '../../local/exporter/stack';
import type { ProxiedRequest } from '../../local/proxy/proxy';

export const SERVICES = ['cases', 's3', 'dynamodb'] as const;
export type Service = (typeof SERVICES)[number];

/** Each kind with as many of it as most ticks of these worlds live to send: a moment is drawn from them. */
export const REQUEST_KINDS = {
  'cases.call': 30,
  's3.stage': 8,
  's3.publish': 6,
  's3.read': 10,
  's3.tidy': 8,
  'dynamodb.commit': 2,
  'dynamodb.update': 4,
  'dynamodb.ledger': 40,
  'dynamodb.read': 20,
} as const satisfies Readonly<Record<`${Service}.${string}`, number>>;

export type RequestKind = keyof typeof REQUEST_KINDS;

/** `commit` is the one UpdateItem that sets a head; `update` is any other: lease, applied, release. */
export function kindOf(service: Service, { method, path, headers, body }: ProxiedRequest): RequestKind {
  if (service === 'cases') return 'cases.call';
  if (service === 's3') {
    if (method === 'DELETE') return 's3.tidy';
    if (method !== 'PUT') return 's3.read';
    return path.startsWith(`/${ARCHIVE_BUCKET}/`) ? 's3.publish' : 's3.stage';
  }
  const target = String(headers['x-amz-target'] ?? '');
  if (target.endsWith('.PutItem') || target.endsWith('.BatchWriteItem')) return 'dynamodb.ledger';
  if (!target.endsWith('.UpdateItem')) return 'dynamodb.read';
  return body.includes('manifestKey') ? 'dynamodb.commit' : 'dynamodb.update';
}

/** What the bundle sends over the wire, and what each of these requests needs by IAM. */
import { matchRoute } from '../../../local/cases/routes';
import type { LocalStack } from '../../../local/exporter/stack';
import { type HttpProxy, type ProxiedRequest, startProxy } from '../../../local/proxy/proxy';
import { operationOf } from '../../../local/s3/operations';
import { parseHead } from '../../../local/s3/request';
import type { IamRequest } from './iam';
import type { Deployed } from './template';

/** One request that reached a service. */
export interface Call {
  readonly service: 'cases' | 's3' | 'dynamodb';
  readonly request: ProxiedRequest;
  readonly status: number;
}

export interface Recorder {
  readonly calls: readonly Call[];
  /** In front of S3, where requests can be lost. */
  readonly s3: HttpProxy;
  /** Environment that leads through the recorder. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Listens in front of all three services. */
export async function startRecorder(stack: LocalStack): Promise<Recorder> {
  const calls: Call[] = [];
  const listen = async (service: Call['service'], url: string): Promise<HttpProxy> => {
    const proxy = await startProxy(url);
    proxy.setObserver((request, { status }) => void calls.push({ service, request, status }));
    return proxy;
  };
  const cases = await listen('cases', stack.cases.url);
  const s3 = await listen('s3', stack.s3.url);
  const dynamodb = await listen('dynamodb', stack.dynamodb.url);
  return {
    calls,
    s3,
    env: {
      AWS_ENDPOINT_URL_CONNECTCASES: cases.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    },
    close: async () => void (await Promise.all([cases.close(), s3.close(), dynamodb.close()])),
  };
}

/** All that must be allowed for the call to do what it did. @throws Error for an operation that is not listed here. */
export function needs(call: Call, deployed: Deployed): IamRequest[] {
  const requests = NEEDS[call.service](call, deployed);
  // Lambda's own role and TLS are the same for every call.
  const context = { 'aws:securetransport': ['true'], 's3:tlsversion': ['1.3'], 'aws:principalarn': [deployed.roleArn] };
  return requests.map((request) => ({ ...request, context: { ...context, ...request.context } }));
}

const NEEDS: Readonly<Record<Call['service'], (call: Call, deployed: Deployed) => IamRequest[]>> = {
  cases: needsOfCases,
  s3: needsOfS3,
  dynamodb: needsOfDynamoDB,
};

/** Resources besides the domain. Source: Service Authorization Reference, Amazon Connect Cases. */
const CASES_RESOURCES: Readonly<Record<string, (labels: Readonly<Record<string, string>>, body: Buffer) => string[]>> =
  {
    SearchCases: () => [],
    SearchAllRelatedItems: () => [],
    ListFields: () => [],
    ListTemplates: () => [],
    ListFieldOptions: ({ fieldId }) => [`field/${fieldId}`],
    GetCaseAuditEvents: ({ caseId }) => [`case/${caseId}`],
    BatchGetField: (_, body) =>
      (JSON.parse(String(body)) as { fields: { id: string }[] }).fields.map(({ id }) => `field/${id}`),
  };

function needsOfCases({ request: { method, path, body } }: Call, { region, account }: Deployed): IamRequest[] {
  const matched = matchRoute(method, new URL(path, 'http://cases').pathname);
  const further = CASES_RESOURCES[matched?.operation ?? ''];
  if (matched === undefined || further === undefined) {
    throw new Error(`The bundle calls ${method} ${matched?.operation ?? path} of Cases, which is not listed here`);
  }
  const { operation, labels } = matched;
  const domain = `arn:aws:cases:${region}:${account}:domain/${labels['domainId']}`;
  const resources = [domain, ...further(labels, body).map((path) => `${domain}/${path}`)];
  return resources.map((resource) => ({ action: `cases:${operation}`, resource, context: {} }));
}

const S3_ACTIONS: Readonly<Record<string, string>> = {
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  PutObject: 's3:PutObject',
  DeleteObject: 's3:DeleteObject',
  GetObjectRetention: 's3:GetObjectRetention',
};
/** Of the bucket itself. */
const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  ListObjectVersions: 's3:ListBucketVersions',
  GetBucketVersioning: 's3:GetBucketVersioning',
  GetObjectLockConfiguration: 's3:GetBucketObjectLockConfiguration',
};
const KEY_ACTIONS: Readonly<Record<string, string>> = {
  GetObject: 'kms:Decrypt',
  HeadObject: 'kms:Decrypt',
  PutObject: 'kms:GenerateDataKey',
};

function needsOfS3({ request: { method, path, headers }, status }: Call, deployed: Deployed): IamRequest[] {
  const head = parseHead(method, path, headers);
  const operation = operationOf(head);
  const here = { 'aws:resourceaccount': [deployed.account] };
  const ofBucket = BUCKET_ACTIONS[operation];
  if (ofBucket !== undefined) return [{ action: ofBucket, resource: `arn:aws:s3:::${head.bucket}`, context: here }];
  const action = S3_ACTIONS[operation];
  if (action === undefined || head.key === undefined)
    throw new Error(`The bundle calls S3 ${operation}, which is not listed here`);
  const bucket = `arn:aws:s3:::${head.bucket}`;
  const requests: IamRequest[] = [
    { action, resource: `${bucket}/${head.key}`, context: { ...here, ...contextOfS3(operation, headers) } },
  ];
  // Without it S3 says 403 for a key that is not there. Whether it takes the key for the prefix is not documented: both ways.
  if (status === 404 && action === 's3:GetObject') {
    const list = { action: 's3:ListBucket', resource: bucket };
    requests.push({ ...list, context: here }, { ...list, context: { ...here, 's3:prefix': [head.key] } });
  }
  const key = deployed.bucketKeys.get(head.bucket ?? '');
  const keyAction = KEY_ACTIONS[operation];
  if (key !== undefined && keyAction !== undefined && status === 200) {
    requests.push({
      action: keyAction,
      resource: key,
      context: { 'kms:viaservice': [`s3.${deployed.region}.amazonaws.com`] },
    });
  }
  return requests;
}

function contextOfS3(operation: string, headers: ProxiedRequest['headers']): IamRequest['context'] {
  if (operation !== 'PutObject') return {};
  const condition = headers['if-none-match'];
  return {
    's3:objectcreationoperation': ['true'],
    ...(condition === undefined ? {} : { 's3:if-none-match': [condition] }),
  };
}

type Item = Readonly<Record<string, { readonly S?: string }>>;

/** Only puts: a batch that deletes would need another look at what it may delete. */
interface BatchedWrite {
  readonly PutRequest?: { readonly Item: Item };
}

/** The request of an operation on one table. */
interface TableInput {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
  readonly RequestItems?: Readonly<Record<string, { readonly Keys: readonly Item[] } | readonly BatchedWrite[]>>;
}

/** Partition keys that a request names. Source: DynamoDB Developer Guide, fine-grained access control (`dynamodb:LeadingKeys`). */
const LEADING_KEYS: Readonly<Record<string, (input: TableInput) => (string | undefined)[]>> = {
  GetItem: ({ Key }) => [Key?.['pk']?.S],
  PutItem: ({ Item }) => [Item?.['pk']?.S],
  UpdateItem: ({ Key }) => [Key?.['pk']?.S],
  Query: queried,
  BatchGetItem: batched,
  BatchWriteItem: batched,
};

function batched({ RequestItems = {} }: TableInput) {
  return Object.values(RequestItems).flatMap((requests) => {
    if ('Keys' in requests) return requests.Keys.map((key) => key['pk']?.S);
    return requests.map(({ PutRequest }) => PutRequest?.Item['pk']?.S);
  });
}

function queried({
  KeyConditionExpression = '',
  ExpressionAttributeNames = {},
  ExpressionAttributeValues = {},
}: TableInput) {
  const equalities = [...KeyConditionExpression.matchAll(/([#\w]+)\s*=\s*(:\w+)/g)];
  const ofPartition = equalities.find(([, name = '']) => (ExpressionAttributeNames[name] ?? name) === 'pk');
  return [ExpressionAttributeValues[ofPartition?.[2] ?? '']?.S];
}

function needsOfDynamoDB({ request: { headers, body } }: Call, { region, account }: Deployed): IamRequest[] {
  const operation = String(headers['x-amz-target']).replace(/^.*\./, '');
  const input = JSON.parse(String(body)) as TableInput;
  const keys = LEADING_KEYS[operation]?.(input) ?? [];
  const tables = input.TableName === undefined ? Object.keys(input.RequestItems ?? {}) : [input.TableName];
  const named = keys.filter((key) => key !== undefined);
  if (keys.length === 0 || named.length < keys.length || tables.length === 0 || input.IndexName !== undefined) {
    throw new Error(`The bundle calls DynamoDB ${operation} in a way that is not listed here`);
  }
  return tables.map((table) => ({
    action: `dynamodb:${operation}`,
    resource: `arn:aws:dynamodb:${region}:${account}:table/${table}`,
    context: { 'dynamodb:leadingkeys': [...new Set(named)] },
  }));
}

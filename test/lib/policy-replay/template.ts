/** A template as CloudFormation would deploy it, with names and ARNs in place of references: the function's environment and what its role may do. */
import { Template } from 'aws-cdk-lib/assertions';
import type { Scratch } from '../../support/scratch';
import { EVERYTHING, MINIMAL } from '../configurations';
import { makeStack } from '../make-stack';
import { type Policies, parseStatement, type Statement } from './iam';

interface Place {
  readonly account: string;
  readonly region: string;
}

/** The function as deployed. */
export interface Deployed extends Place {
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly policies: Policies;
  /** Customer's key of a bucket, by the bucket's name; absent where S3's own keys are used. */
  readonly bucketKeys: ReadonlyMap<string, string>;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

type Resources = Readonly<Record<string, Resource>>;

/** Where the stacks of the tests go. */
export const PLACE: Place = { account: MINIMAL.account, region: MINIMAL.region };

/** The template of a configuration. */
export function synthesized(scratch: Scratch, config: object): { readonly Resources: Resources } {
  return Template.fromStack(makeStack(scratch, config).stack).toJSON() as { readonly Resources: Resources };
}

/**
 * The function that the schedule of a domain invokes, in a synthesised template. Names that CloudFormation would make up
 * follow from the logical ids.
 */
export function deploy(template: { readonly Resources: Resources }, domainId: string, place = PLACE): Deployed {
  const { Resources: resources } = template;
  const resolve = resolver(resources, place);
  const target = (it: Resource) =>
    (it.Properties?.['Target'] ?? {}) as { readonly Arn?: unknown; readonly Input?: string };
  const input = JSON.stringify({ domainId });
  const [, schedule] = onlyOne(resources, (it) => it.Type === 'AWS::Scheduler::Schedule' && target(it).Input === input);
  const functionArn = resolve(target(schedule).Arn);
  const [lambdaId] = onlyOne(resources, (_, id) => arnOf(id, resources, place) === functionArn);
  return deployFunction(template, lambdaId, place);
}

/** A function by its logical id, or what that begins with. */
export function deployFunction(template: { readonly Resources: Resources }, idPrefix: string, place = PLACE): Deployed {
  const { Resources: resources } = template;
  const resolve = resolver(resources, place);
  const [, lambda] = onlyOne(resources, ({ Type }, id) => Type === 'AWS::Lambda::Function' && id.startsWith(idPrefix));
  const roleArn = String(resolve(lambda.Properties?.['Role']));
  const [roleId, role] = onlyOne(resources, (_, id) => arnOf(id, resources, place) === roleArn);
  const identity = [...inlinePolicies(role), ...attachedPolicies(resources, roleId)].map((it) =>
    statement(resolve(it)),
  );
  const buckets = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::S3::Bucket');
  const keys = buckets.map(([id, bucket]) => [physicalName(id), resolve(keyOf(bucket))] as const);
  return {
    ...place,
    environment: resolve(environmentOf(lambda)) as Record<string, string>,
    roleArn,
    policies: { identity, guards: guards(resources).map((it) => statement(resolve(it))) },
    bucketKeys: new Map(keys.flatMap(([name, key]) => (typeof key === 'string' ? [[name, key]] : []))),
  };
}

function environmentOf({ Properties }: Resource): unknown {
  return ((Properties?.['Environment'] ?? {}) as { readonly Variables?: unknown }).Variables ?? {};
}

function onlyOne(resources: Resources, is: (resource: Resource, id: string) => boolean): [string, Resource] {
  const found = Object.entries(resources).filter(([id, resource]) => is(resource, id));
  const [only] = found;
  if (found.length !== 1 || only === undefined) throw new Error(`Expected one such resource, found ${found.length}`);
  return only;
}

type Document = { readonly Statement: readonly unknown[] };

/** @throws Error if the role has managed policies of AWS or a boundary, which the template does not show. */
function inlinePolicies({ Properties = {} }: Resource): unknown[] {
  for (const name of ['ManagedPolicyArns', 'PermissionsBoundary']) {
    if (name in Properties) throw new Error(`The role has ${name}, which this does not know`);
  }
  const policies = (Properties['Policies'] ?? []) as readonly { PolicyDocument: Document }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function attachedPolicies(resources: Resources, roleId: string): unknown[] {
  return Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy')
    .filter(({ Properties }) => JSON.stringify(Properties?.['Roles'] ?? []).includes(`"Ref":"${roleId}"`))
    .flatMap(({ Properties }) => documentOf(Properties).Statement);
}

/** What the buckets' own policies say to everybody. */
function guards(resources: Resources): unknown[] {
  return Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::S3::BucketPolicy')
    .flatMap(({ Properties }) => documentOf(Properties).Statement)
    .filter((it) => ['"*"', '{"AWS":"*"}'].includes(JSON.stringify((it as { Principal: unknown }).Principal)));
}

function documentOf(properties: Resource['Properties']): Document {
  return (properties?.['PolicyDocument'] ?? { Statement: [] }) as Document;
}

function statement(document: unknown): Statement {
  return parseStatement(document as Readonly<Record<string, unknown>>);
}

function keyOf({ Properties }: Resource): unknown {
  const encryption = Properties?.['BucketEncryption'] as
    | { ServerSideEncryptionConfiguration: readonly { ServerSideEncryptionByDefault: Record<string, unknown> }[] }
    | undefined;
  return encryption?.ServerSideEncryptionConfiguration[0]?.ServerSideEncryptionByDefault['KMSMasterKeyID'];
}

/** Fits a bucket, the strictest of them. */
function physicalName(logicalId: string): string {
  return logicalId.toLowerCase();
}

function resolver(resources: Resources, place: Place): (value: unknown) => unknown {
  return function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name = '', argument] = entries[0] ?? [];
    if (name === 'Ref') return PSEUDO[String(argument)]?.(place) ?? physicalName(defined(resources, String(argument)));
    if (name === 'Fn::GetAtt') {
      const [id = '', attribute] = argument as string[];
      if (attribute === 'Arn') return arnOf(defined(resources, id), resources, place);
      if (attribute === 'SigningKeys') return settingOf(resolve(resources[id]?.Properties?.['Keys']));
      throw new Error(`${id}.${attribute}: only ARNs are known here`);
    }
    if (name === 'Fn::Join') {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map(resolve).join(separator);
    }
    if (name.startsWith('Fn::')) throw new Error(`${name} is not known here`);
    return Object.fromEntries(entries.map(([key, member]) => [key, resolve(member)]));
  };
}

/** What the custom resource of the public keys answers. Where KMS would be asked, the key that the configuration of the tests tells. */
function settingOf(keys: unknown): string {
  const [, { publicKey }] = EVERYTHING.signingKeys;
  return (keys as readonly { readonly Arn: string; readonly PublicKey?: string }[])
    .map(({ Arn, PublicKey = publicKey }) => `${Arn}=${PublicKey}`)
    .join(',');
}

const PSEUDO: Readonly<Record<string, (place: Place) => string>> = {
  'AWS::Partition': () => 'aws',
  'AWS::URLSuffix': () => 'amazonaws.com',
  'AWS::AccountId': ({ account }) => account,
  'AWS::Region': ({ region }) => region,
};

function defined(resources: Resources, id: string): string {
  if (id in resources) return id;
  throw new Error(`The template has no resource ${id}`);
}

/** Source: Service Authorization Reference. */
function arnOf(id: string, resources: Resources, { account, region }: Place): string {
  const name = physicalName(id);
  const type = resources[id]?.Type ?? '';
  const here = `${region}:${account}`;
  const arns: Readonly<Record<string, string>> = {
    'AWS::S3::Bucket': `arn:aws:s3:::${name}`,
    'AWS::DynamoDB::Table': `arn:aws:dynamodb:${here}:table/${name}`,
    'AWS::DynamoDB::GlobalTable': `arn:aws:dynamodb:${here}:table/${name}`,
    'AWS::SQS::Queue': `arn:aws:sqs:${here}:${name}`,
    'AWS::Logs::LogGroup': `arn:aws:logs:${here}:log-group:${name}:*`,
    'AWS::KMS::Key': `arn:aws:kms:${here}:key/${name}`,
    'AWS::IAM::Role': `arn:aws:iam::${account}:role/${name}`,
  };
  return arns[type] ?? `arn:aws:${type.split('::')[1]?.toLowerCase()}:${here}:${name}`;
}

/** An account's archive: named by flags, or by the outputs of its stack. Loaded only where one is asked for. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { errorName } from '../../../lambda/export/aws/store-failures';
import type { Console } from '../console';
import { WrongCallError } from '../outcome';
import type { Archive, Checkpoints } from './archive';
import { translated } from './aws-errors';
import { BucketArchive } from './bucket';
import { CheckpointTableReader } from './checkpoint-table';

export interface AwsPlaces {
  readonly stack?: string;
  readonly bucket?: string;
  readonly table?: string;
  readonly region?: string;
  readonly mirror?: string;
}

const OUTPUTS = { bucket: 'ArchiveBucket', table: 'CheckpointTable' } as const;

/**
 * Flags win over the stack's outputs. Rejects with WrongCallError where a name leads nowhere.
 * @returns null for what was not named.
 */
export async function openAws(
  places: AwsPlaces,
  { env }: Pick<Console, 'env'>,
): Promise<{ archive: Archive | null; mirror: Archive | null; checkpoints: Checkpoints | null }> {
  const settings = clientSettings(places);
  const outputs = places.stack === undefined ? new Map<string, string>() : await outputsOf(places.stack, settings);
  const bucket = places.bucket ?? outputs.get(OUTPUTS.bucket);
  const table = places.table ?? outputs.get(OUTPUTS.table);
  if (places.stack !== undefined && bucket === undefined) {
    throw new WrongCallError(
      `The stack ${places.stack} has no output ${OUTPUTS.bucket}: expected a stack of this project, or --bucket <name>.`,
    );
  }
  const mirror = places.mirror === undefined ? null : bucketOf(places.mirror);
  return storesAt({ bucket: bucket ?? null, table: table ?? null, mirror }, places, env);
}

/** Readers of what these names lead to; null for what has none. */
export function storesAt(
  names: { readonly bucket: string | null; readonly table: string | null; readonly mirror: string | null },
  places: AwsPlaces,
  env: Console['env'],
) {
  const settings = clientSettings(places);
  const s3 = s3ClientOf(settings, env);
  return {
    archive: names.bucket === null ? null : new BucketArchive(s3, names.bucket),
    mirror: names.mirror === null ? null : new BucketArchive(s3, names.mirror),
    checkpoints: names.table === null ? null : new CheckpointTableReader(new DynamoDBClient(settings), names.table),
  };
}

interface ClientSettings {
  readonly region?: string;
  readonly maxAttempts: number;
}

/** Of every client: the SDK's usual settings, but for what the call names. */
export function clientSettings({ region }: Pick<AwsPlaces, 'region'>): ClientSettings {
  return { ...(region === undefined ? {} : { region }), maxAttempts: 4 };
}

export function s3ClientOf(settings: ClientSettings, env: Console['env']): S3Client {
  return new S3Client({
    ...settings,
    // As the exporter's own client: virtual hosts need DNS that a local server lacks.
    forcePathStyle: Boolean(env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL']),
  });
}

function bucketOf(url: string): string {
  const [, bucket] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/.exec(url) ?? [];
  if (bucket !== undefined) return bucket;
  throw new WrongCallError(
    `--mirror is "${url}"; expected s3://<bucket>, the bucket that the notes are replicated to.`,
  );
}

/** Outputs of a stack by name. Rejects with WrongCallError where there is no such stack, with ArchiveError where it cannot be asked. */
export async function outputsOf(stack: string, settings: ClientSettings): Promise<Map<string, string>> {
  try {
    const { Stacks } = await new CloudFormationClient(settings).send(new DescribeStacksCommand({ StackName: stack }));
    return new Map(Stacks?.[0]?.Outputs?.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  } catch (error) {
    if (errorName(error) === 'ValidationError') {
      const words = `There is no stack ${stack} in this account and Region: check its name, or give --bucket.`;
      throw new WrongCallError(words, { cause: error });
    }
    throw translated(error, 'cloudformation:DescribeStacks', `the outputs of the stack ${stack}`);
  }
}

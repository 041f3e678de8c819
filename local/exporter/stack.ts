import { NO_PROFILE } from '../aws-settings';
import { type CasesService, type CasesServiceOptions, startCasesService } from '../cases/server';
import { type LocalDynamoDB, startDynamoDB } from '../dynamodb/server';
import { type LocalKms, startKms } from '../kms/server';
import { closedOnError, startAll } from '../loopback';
import { type LocalS3, startS3 } from '../s3/server';

export const ARCHIVE_BUCKET = 'archive';
export const WORK_BUCKET = 'work-area';
export const TABLE = 'checkpoints';

/** All services that the exporter calls, on free loopback ports. */
export interface LocalStack {
  readonly cases: CasesService;
  readonly s3: LocalS3;
  readonly dynamodb: LocalDynamoDB;
  readonly kms: LocalKms;
  /** Environment that points a bundle, or any SDK client, at this stack. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

interface LocalStackOptions {
  readonly cases?: CasesServiceOptions;
  /** Folder in which every object of S3 is also kept as a file, one folder per bucket. */
  readonly root?: string;
  /** Name of a local KMS key that signs the notes of commits; unsigned without. */
  readonly signingKey?: string;
}

/** Starts the services, with the buckets and the table in place. If one fails it rejects with everything closed. */
export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalStack> {
  const { signingKey } = options;
  const [cases, s3, dynamodb, kms] = await startAll([
    startCasesService(options.cases),
    startS3({
      buckets: { [ARCHIVE_BUCKET]: {}, [WORK_BUCKET]: {} },
      ...(options.root === undefined ? {} : { root: options.root }),
    }),
    startDynamoDB(),
    startKms(),
  ]);
  const stack: LocalStack = {
    cases,
    s3,
    dynamodb,
    kms,
    env: {
      ...NO_PROFILE,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_CONNECTCASES: cases.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
      AWS_ENDPOINT_URL_KMS: kms.url,
      EXPORT_BUCKET: ARCHIVE_BUCKET,
      STAGING_BUCKET: WORK_BUCKET,
      CHECKPOINT_TABLE: TABLE,
      ...(signingKey === undefined ? {} : { SIGNING_KEYS: kms.key(signingKey).setting }),
    },
    async close() {
      await Promise.all([cases.close(), s3.close(), dynamodb.close(), kms.close()]);
    },
  };
  await closedOnError(stack, () => dynamodb.createTable(TABLE));
  return stack;
}

import { type CasesService, type CasesServiceOptions, startCasesService } from '../cases/server';
import { type LocalDynamoDB, startDynamoDB } from '../dynamodb';
import { type LocalS3, startS3 } from '../s3/server';

export const ARCHIVE_BUCKET = 'archive';
export const WORK_BUCKET = 'work-area';
export const TABLE = 'checkpoints';

/** All that the exporter talks to, on free loopback ports. */
export interface LocalStack {
  readonly cases: CasesService;
  readonly s3: LocalS3;
  readonly dynamodb: LocalDynamoDB;
  /** Environment that points a bundle, or any SDK client, at this stack. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

interface LocalStackOptions {
  readonly cases?: CasesServiceOptions;
  /** Folder in which every object of S3 is kept as a file too, one folder a bucket. */
  readonly root?: string;
}

/** Starts the three services, with the buckets and the table there. */
export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalStack> {
  const [cases, s3, dynamodb] = await Promise.all([
    startCasesService(options.cases),
    startS3({
      buckets: { [ARCHIVE_BUCKET]: {}, [WORK_BUCKET]: {} },
      ...(options.root === undefined ? {} : { root: options.root }),
    }),
    startDynamoDB(),
  ]);
  await dynamodb.createTable(TABLE);
  return {
    cases,
    s3,
    dynamodb,
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_CONNECTCASES: cases.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
      EXPORT_BUCKET: ARCHIVE_BUCKET,
      STAGING_BUCKET: WORK_BUCKET,
      CHECKPOINT_TABLE: TABLE,
    },
    async close() {
      await Promise.all([cases.close(), s3.close(), dynamodb.close()]);
    },
  };
}

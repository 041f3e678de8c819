/** Adapters as the function makes them, but for their limits of time, pointed at a server on this machine by the standard SDK variables alone. */
import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createCheckpointStore } from '../../lambda/export/aws/checkpoint-store';
import { createKmsClient, createKmsSigners } from '../../lambda/export/aws/kms-signer';
import { createObjectStore, createS3Client } from '../../lambda/export/aws/object-store';
import { createDynamoDBClient, createTableRequests } from '../../lambda/export/aws/table-requests';
import { parseSigningKeys } from '../../lambda/export/domain/note-keys';
import { createCheckpointTable } from '../../local/dynamodb/server';
import type { KmsFault, LocalKms } from '../../local/kms/server';
import { BucketArchive } from '../../tools/cases-audit/archive/bucket';
import { patient } from '../support/patient';
import type { ArchiveSetup } from './archive.contract';
import type { CheckpointStoreSetup } from './checkpoint-store.contract';
import type { NoteSignerSetup } from './note-signer.contract';
import type { ObjectStoreSetup } from './object-store.contract';

function useCredentials(): void {
  process.env['AWS_REGION'] = 'us-east-1';
  process.env['AWS_ACCESS_KEY_ID'] = process.env['SECOND_OPINION_ACCESS_KEY_ID'] ?? 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] = process.env['SECOND_OPINION_SECRET_ACCESS_KEY'] ?? 'local-secret';
}

/** Two new buckets on the server at this URL. One URL a test file: the SDK reads its variables when it likes. */
export async function s3At(url: string): Promise<ObjectStoreSetup> {
  useCredentials();
  process.env['AWS_ENDPOINT_URL_S3'] = url;
  const client = patient(createS3Client());
  const buckets = { archive: `archive-${randomUUID()}`, work: `work-${randomUUID()}` };
  for (const Bucket of Object.values(buckets)) await client.send(new CreateBucketCommand({ Bucket }));
  return { store: createObjectStore({ client, buckets }), close: async () => client.destroy() };
}

/** A new bucket on the server at this URL, read as `cases-audit` does, but without its second tries. */
export async function bucketArchiveAt(url: string): Promise<ArchiveSetup> {
  useCredentials();
  process.env['AWS_ENDPOINT_URL_S3'] = url;
  const client = patient(new S3Client({ forcePathStyle: true, maxAttempts: 1 }));
  const Bucket = `archive-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return {
    archive: new BucketArchive(client, Bucket),
    async put(Key, Body) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    async remove(Key) {
      await client.send(new DeleteObjectCommand({ Bucket, Key }));
    },
    fail: null,
    close: async () => client.destroy(),
  };
}

/** A new table on the server at this URL. One URL a test file. */
export async function dynamoDBAt(url: string): Promise<CheckpointStoreSetup> {
  useCredentials();
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = url;
  const client = patient(createDynamoDBClient());
  const table = `checkpoints-${randomUUID()}`;
  await createCheckpointTable(client, table);
  return {
    store: createCheckpointStore({ requests: createTableRequests(client, table) }),
    close: async () => client.destroy(),
  };
}

const KMS_FAULTS: Readonly<Record<Parameters<NoteSignerSetup['fail']>[0], KmsFault>> = {
  denied: { kind: 'denied' },
  unavailable: { kind: 'error', status: 500, type: 'KMSInternalException' },
};

/** A new key of the stand-in. One URL a test file. */
export async function kmsAt(kms: LocalKms): Promise<NoteSignerSetup> {
  useCredentials();
  process.env['AWS_ENDPOINT_URL_KMS'] = kms.url;
  const client = patient(createKmsClient());
  const [signer] = createKmsSigners(parseSigningKeys(kms.key(randomUUID()).setting), () => client);
  if (signer === undefined) throw new Error('unreachable: a setting has one key');
  return {
    signer,
    fail: (failure) => kms.setFault(() => KMS_FAULTS[failure]),
    close: async () => {
      kms.setFault(undefined);
      client.destroy();
    },
  };
}

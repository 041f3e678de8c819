/** What the check keeps from one day to the next: its state and its reports, where nobody else may write. */
import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type HeldState, parseState, stateText } from '../../tools/cases-audit/verify/state-file';
import type { VerifySummary } from '../../tools/cases-audit/verify/summary';
import { errorName } from '../export/aws/store-failures';

export interface Records {
  /** What the last sound check left; null before the first. Rejects where it cannot be read: then nothing is known, and nothing begins anew. */
  readState(): Promise<HeldState | null>;
  writeState(state: Omit<HeldState, 'format'>): Promise<void>;
  /** Answers with the key. */
  writeReport(summary: VerifySummary): Promise<string>;
}

/** The records below a prefix of a bucket; the state is a file that `cases-audit verify --state` reads. */
export function createRecords(client: S3Client, bucket: string, prefix: string): Records {
  const stateKey = `${prefix}state.json`;
  async function put(key: string, text: string): Promise<void> {
    const ChecksumSHA256 = createHash('sha256').update(text).digest('base64');
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ChecksumSHA256 }));
  }
  return {
    async readState() {
      const text = await textAt(client, bucket, stateKey);
      return text === null ? null : parseState(`s3://${bucket}/${stateKey}`, () => text);
    },
    writeState: (state) => put(stateKey, stateText(state)),
    async writeReport(summary) {
      const key = `${prefix}reports/${summary.checkedAt.replaceAll(':', '-')}.json`;
      await put(key, `${JSON.stringify(summary, null, 2)}\n`);
      return key;
    },
  };
}

async function textAt(client: S3Client, bucket: string, key: string): Promise<string | null> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToString()) ?? '';
  } catch (error) {
    if (errorName(error) === 'NoSuchKey') return null;
    throw error;
  }
}

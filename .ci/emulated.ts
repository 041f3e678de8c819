/** What the checks in emulated accounts share: the stack that was synthesised, cases to export, and the archive's files. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { createCase } from '../local/cases/model/cases';
import { createRelatedItem } from '../local/cases/model/related-items';
import type { CasesService } from '../local/cases/server';

const CASES = 5;

/** Where the stack of `cdk synth` goes, and the domain that it exports. */
export function placeOf(folder: string) {
  const [template = ''] = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');
  const [, account = '', region = ''] = /aws:\/\/(\d{12})\/([\w-]+)/.exec(text('manifest.json')) ?? [];
  const [, domainId = ''] = /\{\\"domainId\\":\\"([^"\\]+)\\"\}/.exec(text(template)) ?? [];
  return { account, region, domainId };
}

/** A client of an emulator's S3, which takes the account's id for the access key. */
export function s3Of(endpoint: string, { account, region }: { readonly account: string; readonly region: string }) {
  const credentials = { accessKeyId: account, secretAccessKey: 'emulated' };
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true });
}

/** Makes cases with a comment each. */
export function fill({ world, templateId }: CasesService, domainId: string): void {
  for (let index = 0; index < CASES; index += 1) {
    const fields = [
      { id: 'title', value: { stringValue: `Case ${index}` } },
      { id: 'customer_id', value: { stringValue: `arn:aws:profile:us-east-1:1:domains/d/profiles/${index}` } },
    ];
    const { caseId } = createCase(world, { domainId, templateId: templateId(domainId), fields });
    const comment = { body: 'A comment', contentType: 'Text/Plain' as const };
    createRelatedItem(world, { domainId, caseId, type: 'Comment', content: { comment } });
  }
}

/** Keys of a bucket. @throws Error if there are more than a page. */
export async function keysIn(s3: S3Client, Bucket: string, Prefix = ''): Promise<string[]> {
  const { Contents = [], IsTruncated } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  if (IsTruncated) throw new Error('More objects than expected');
  return Contents.map(({ Key = '' }) => Key);
}

/** Hands over a folder with the objects of a bucket, and removes it afterwards. */
export async function withCopy<T>(s3: S3Client, Bucket: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'archive-'));
  try {
    for (const Key of await keysIn(s3, Bucket)) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      mkdirSync(dirname(join(folder, Key)), { recursive: true });
      writeFileSync(join(folder, Key), (await Body?.transformToByteArray()) ?? new Uint8Array());
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a program with its arguments. One that fails says why on stderr, and ends with code 1. */
export function runMain(main: (args: readonly string[]) => Promise<void>): void {
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}

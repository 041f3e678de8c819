/** Wiring and protocol of the stack's custom resource that publishes the public halves of signing keys. */
import { createKmsClient } from '../export/aws/kms-signer';
import { createObjectStore, createS3Client } from '../export/aws/object-store';
import { describeError } from '../export/aws/store-failures';
import { type NamedKey, publishKeys } from './publish-keys';

/** CloudFormation's request. Source: CloudFormation User Guide, custom resource request objects. */
interface Request {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly ResourceProperties: {
    readonly Bucket: string;
    readonly Keys: readonly { readonly Arn: string; readonly PublicKey?: string }[];
  };
}

/** Constant, so that CloudFormation never replaces the resource: published keys are never taken back. */
const PHYSICAL_ID = 'signing-keys';

/**
 * Entry point of the Lambda function. Answers CloudFormation with `SigningKeys`, the setting of the exporters, or with
 * a reason for which the deployment fails. A deletion succeeds and leaves everything, because old keys check old notes.
 * @throws Error if CloudFormation cannot be answered.
 */
export async function handler(request: Request): Promise<void> {
  try {
    const data = request.RequestType === 'Delete' ? {} : { SigningKeys: await publishedBy(request) };
    await answer(request, { Status: 'SUCCESS', Data: data });
  } catch (error) {
    if (error instanceof AnswerError) throw error;
    await answer(request, { Status: 'FAILED', Reason: error instanceof Error ? error.message : String(error) });
  }
}

function publishedBy({ ResourceProperties: { Bucket, Keys } }: Request): Promise<string> {
  const named: NamedKey[] = Keys.map(({ Arn, PublicKey }) => ({ arn: Arn, publicKey: PublicKey }));
  const objects = createObjectStore({ client: createS3Client(), buckets: { archive: Bucket, work: Bucket } });
  return publishKeys(named, { kms: createKmsClient(), objects });
}

class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

async function answer(request: Request, outcome: object): Promise<void> {
  const { StackId, RequestId, LogicalResourceId, ResponseURL } = request;
  const body = { ...outcome, StackId, RequestId, LogicalResourceId, PhysicalResourceId: PHYSICAL_ID };
  // The URL is signed for an empty content type.
  const init = { method: 'PUT', headers: { 'content-type': '' }, body: Buffer.from(JSON.stringify(body)) };
  let why: string;
  try {
    const { ok, status } = await fetch(ResponseURL, init);
    if (ok) return;
    why = `status ${status}`;
  } catch (error) {
    why = describeError(error);
  }
  throw new AnswerError(`CloudFormation did not take the answer: ${why}. The deployment waits until its time is up.`);
}

import { z } from 'zod';
import { text, unknownKeys } from './config-settings';

const KEY_ARN = 'the ARN of a KMS key (not of an alias)';

/** The ARN of a KMS key. */
export const keyArn = text(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[a-z0-9-]+$/, KEY_ARN);

/** Recognised by its 91 bytes: a SubjectPublicKeyInfo on P-256 with an uncompressed point always begins so. */
const PUBLIC_KEY = /^MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{86}==$/;

const SIGNING_KEY = 'an object with either create (a name) or arn (a key that exists)';
const SIGNING_KEYS = 'a list of at most 2 keys';

const signingKey = z.union(
  [
    z.strictObject(
      {
        create: text(/^[A-Za-z0-9]{1,20}$/, 'a name of 1 to 20 letters and digits').describe(
          'The stack creates a key under this name, for example the year. Another name is another key. A key whose name is removed no longer signs and is deleted 30 days later.',
        ),
      },
      { error: unknownKeys(SIGNING_KEY) },
    ),
    z.strictObject(
      {
        arn: keyArn.describe(
          'An existing key of this Region, for example of another account: kind ECC_NIST_P256, for signing.',
        ),
        publicKey: text(
          PUBLIC_KEY,
          'the public half of an ECC_NIST_P256 key in base64, as "aws kms get-public-key --query PublicKey --output text" prints it',
        )
          .optional()
          .describe('Its public half. Left out: the deployment asks KMS for it.'),
      },
      { error: unknownKeys(SIGNING_KEY) },
    ),
  ],
  { error: SIGNING_KEY },
);

/** The keys that sign notes. */
export const signingKeys = z.array(signingKey, SIGNING_KEYS).max(2, SIGNING_KEYS);

/** A key in the configuration, in either form. */
export type SigningKeyConfig = Readonly<z.output<typeof signingKey>>;

const COPY_BUCKET = 'an object with bucketArn and account';

/** A bucket that takes copies. */
export const copyBucket = z.strictObject(
  {
    bucketArn: text(/^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the ARN of an S3 bucket').describe(
      'A bucket with versions and Object Lock, for example that of `examples/mirror/`.',
    ),
    account: text(/^\d{12}$/, 'an AWS account id, 12 digits as a string').describe(
      'The account of that bucket, as text.',
    ),
    kmsKeyArn: keyArn
      .optional()
      .describe(
        'The key for the copies, of the Region of their bucket. Needed if the archive has a customer’s key, and only then.',
      ),
  },
  { error: unknownKeys(COPY_BUCKET) },
);

/** A bucket that takes copies. */
export type CopyBucketConfig = Readonly<z.output<typeof copyBucket>>;

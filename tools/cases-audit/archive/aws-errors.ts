/** What AWS answers, as what a checker decides by: no permission, not reachable, or a call that names what is not there. */
import { describeError, errorName, isDenied } from '../../../lambda/export/aws/store-failures';
import { WrongCallError } from '../outcome';
import { ArchiveError } from './archive';

/** Errors that no other object of the same place would escape: the call names something wrong. */
const WRONG: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket; check its name, the Region and the account',
  PermanentRedirect: 'the bucket is in another Region; give --region',
  ResourceNotFoundException: 'there is no such table; check its name, the Region and the account',
  CredentialsProviderError: 'there are no AWS credentials; sign in, or set AWS_PROFILE',
  ExpiredToken: 'the AWS credentials have expired; sign in again',
  ExpiredTokenException: 'the AWS credentials have expired; sign in again',
  InvalidAccessKeyId: 'AWS does not know the access key; sign in again',
};

/** @param action the permission that the call needs, such as `s3:GetObject`. */
export function translate(error: unknown, action: string, what: string): Error {
  const name = errorName(error);
  const wrong = name === undefined ? undefined : WRONG[name];
  if (wrong !== undefined) return new WrongCallError(`${what}: ${wrong}.`, { cause: error });
  if (/region is missing/i.test(describeError(error))) {
    return new WrongCallError(`${what}: no Region is set; give --region, or set AWS_REGION.`, { cause: error });
  }
  if (isDenied(error)) {
    return new ArchiveError(`No permission for ${what}: allow ${action}. It is not checked.`, 'denied', {
      cause: error,
    });
  }
  return new ArchiveError(
    `${what} could not be read (${describeError(error)}): it is not checked. Try again.`,
    'unavailable',
    {
      cause: error,
    },
  );
}

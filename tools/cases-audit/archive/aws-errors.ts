/** What AWS answers, as what a checker decides by: no permission, not reachable, or a call that names what is not there. */
import { describeError, errorName, isDenied } from '../../../lambda/export/aws/store-failures';
import { WrongCallError } from '../outcome';
import { ArchiveError } from './archive';

/** Errors that no other object of the same place would escape: what is wrong, and what to do. */
export const WRONG: Readonly<Record<string, readonly [wrong: string, toDo: string]>> = {
  NoSuchBucket: ['there is no such bucket', 'check its name, the Region and the account'],
  PermanentRedirect: ['the bucket is in another Region', 'give --region'],
  ResourceNotFoundException: ['there is no such table', 'check its name, the Region and the account'],
  CredentialsProviderError: ['there are no AWS credentials', 'sign in, or set AWS_PROFILE'],
  ExpiredToken: ['the AWS credentials have expired', 'sign in again'],
  ExpiredTokenException: ['the AWS credentials have expired', 'sign in again'],
  InvalidAccessKeyId: ['AWS does not know the access key', 'sign in again'],
};

/**
 * What AWS answers. Rejects with WrongCallError and with ArchiveError.
 * @param action the permission that the call needs, such as `s3:GetObject`.
 * @param answers errors that are answers, too.
 */
export async function asked<T>(
  action: string,
  what: string,
  ask: () => Promise<T>,
  answers: readonly (readonly [is: (error: unknown) => boolean, answer: T])[] = [],
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const known = answers.find(([is]) => is(error));
    if (known !== undefined) return known[1];
    throw translated(error, action, what);
  }
}

/** The error as what a checker decides by. */
export function translated(cause: unknown, action: string, what: string): Error {
  const wrong = WRONG[errorName(cause) ?? ''];
  if (wrong !== undefined) return new WrongCallError(`${what}: ${wrong.join('; ')}.`, { cause });
  const described = describeError(cause);
  if (/region is missing/i.test(described)) {
    return new WrongCallError(`${what}: no Region is set; give --region, or set AWS_REGION.`, { cause });
  }
  if (isDenied(cause)) {
    return new ArchiveError(`No permission for ${what}: allow ${action}. It is not checked.`, 'denied', { cause });
  }
  const words = `${what} could not be read (${described}): it is not checked. Try again.`;
  return new ArchiveError(words, 'unavailable', { cause });
}

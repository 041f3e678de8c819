/** NoteSigner in memory. The contract suite that pins the KMS adapter pins this too. */
import { SigningError } from '../../lambda/export/domain/errors';
import { keyNameOf, noteKeyOf } from '../../lambda/export/domain/note-keys';
import type { NoteSigner } from '../../lambda/export/ports';
import { ecKeyFromText, signDigest } from '../../local/kms/ecdsa';

interface MemorySigner extends NoteSigner {
  /** Lets every signature fail from now on; null ends it. */
  setFailure(failure: SigningError['failure'] | null): void;
}

/** A signer with a key of this name: the same name, the same key and signatures. */
export function createMemorySigner(name = 'key-1'): MemorySigner {
  const key = ecKeyFromText(name);
  let failing: SigningError['failure'] | null = null;
  return {
    name: keyNameOf(`arn:aws:kms:us-east-1:111122223333:key/${name}`),
    key: noteKeyOf(key.spki),
    setFailure(failure) {
      failing = failure;
    },
    async sign(digest) {
      await Promise.resolve();
      if (digest.length !== 32) throw new RangeError(`A digest is 32 bytes, not ${digest.length}`);
      if (failing !== null) throw new SigningError(`The signer in memory is ${failing}`, failing);
      return signDigest(key, digest);
    },
  };
}

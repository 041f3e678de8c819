/** The keys of a world: each signs, is denied, fails after a while, or turns out to be another key than the one configured. */
import { SigningError } from '../../lambda/export/domain/errors';
import type { NoteSigner } from '../../lambda/export/ports';
import { createMemorySigner } from '../fakes/memory-signer';
import type { Faults } from './faults';

/** All tries of a signature, and the pauses between them. */
const TRIES_MS = 7_000;

interface SignersOptions {
  readonly count: number;
  readonly faults: Faults;
  /** Lets the time of whoever asked go by. */
  readonly pause: (ms: number) => Promise<void>;
}

export function createSigners({ count, faults, pause }: SignersOptions): NoteSigner[] {
  const another = createMemorySigner('another-key');
  return Array.from({ length: count }, (_, index) => {
    const signer = createMemorySigner(`key-${index + 1}`);
    return {
      name: signer.name,
      key: signer.key,
      async sign(digest) {
        if (faults.strikes('kms.denied')) throw new SigningError('denied', 'denied');
        if (faults.strikes('kms.unavailable')) {
          await pause(TRIES_MS);
          throw new SigningError('unavailable', 'unavailable');
        }
        return (faults.strikes('kms.another-key') ? another : signer).sign(digest);
      },
    };
  });
}

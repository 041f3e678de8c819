/** What a commit keeps raw because no row can hold it, and what rows of it hold at last: `quarantine/domain_id=<id>/<seq>.json`. */
import { IntegrityError } from './errors';

/** Raw JSON (`rawEvent`) of an event that could not be flattened, or (emitted) whose text had to be altered. */
export interface QuarantinedEvent {
  readonly caseId: string;
  readonly eventKey: string;
  /** Names the member that was at fault, never its value. */
  readonly reason: string;
  /** Rows hold it all the same, with U+FFFD for what is not text. */
  readonly emitted: boolean;
  readonly event: unknown;
}

/** An event of an earlier quarantine, whose rows are in this commit. */
export interface ReplayedEvent {
  readonly quarantinedIn: number;
  readonly caseId: string;
  readonly eventKey: string;
}

export interface Quarantine {
  readonly version: 1;
  readonly domainId: string;
  readonly seq: number;
  readonly events: readonly QuarantinedEvent[];
  readonly replayed: readonly ReplayedEvent[];
  /** Seed of the commit's case digests, 64 hex digits (`case-slice.ts`). The first builds wrote none. */
  readonly caseSalt?: string;
}

export function newQuarantine(
  domainId: string,
  seq: number,
  events: readonly QuarantinedEvent[],
  replayed: readonly ReplayedEvent[],
  caseSalt?: string,
): Quarantine {
  return { version: 1, domainId, seq, events, replayed, ...(caseSalt === undefined ? {} : { caseSalt }) };
}

/** @throws IntegrityError if the bytes are not the quarantine of this domain and commit, in a version that this one reads. */
export function parseQuarantine(bytes: Uint8Array, expected: { domainId: string; seq: number }): Quarantine {
  const { version, domainId, seq, events, replayed, caseSalt } = parseObject(bytes);
  if (version !== 1 || domainId !== expected.domainId || seq !== expected.seq || !Array.isArray(events)) {
    throw new IntegrityError(
      `The quarantine of commit ${expected.seq} of domain ${expected.domainId} is of version ${JSON.stringify(version)}, commit ${JSON.stringify(seq)}; expected version 1 and a list of events. Deploy the version that wrote it, or a newer one.`,
    );
  }
  const salt = typeof caseSalt === 'string' ? { caseSalt } : {};
  return { version, domainId, seq, events, replayed: Array.isArray(replayed) ? replayed : [], ...salt };
}

/** How many of them no row holds. */
export function openEvents(events: readonly QuarantinedEvent[]): number {
  return events.filter(({ emitted }) => !emitted).length;
}

function parseObject(bytes: Uint8Array): Partial<Record<keyof Quarantine, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    throw new IntegrityError(`A quarantine object of ${bytes.length} bytes is not JSON`, { cause: error });
  }
}

/** The way of a call: it arrives, takes its time, and is answered from the state before or after that time. */
import type { Random } from '../../support/random';
import type { Domain } from './domain';
import { failure, type Operation } from './failures';
import type { FailingCalls, Fate } from './faults-on-calls';
import type { ServiceClock } from './service-clock';
import type { SickAnswers } from './sick-answers';

interface CallsOptions {
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: Random;
  /** Shortest and longest time of a call. */
  readonly latencyMs: readonly [number, number];
}

export class Calls {
  readonly counts: Record<Operation, number> = {
    searchCases: 0,
    getCaseAuditEvents: 0,
    searchAllRelatedItems: 0,
    listFields: 0,
    batchGetFields: 0,
    listFieldOptions: 0,
    listTemplates: 0,
  };

  constructor(
    private readonly domain: Domain,
    private readonly failing: FailingCalls,
    private readonly sick: SickAnswers,
    private readonly clock: ServiceClock,
    private readonly options: CallsOptions,
  ) {}

  /** What `answer` gives, after the time of a call. Rejects with CasesCallError. */
  async make<T>(operation: Operation, request: Asked, signal: AbortSignal, answer: () => T): Promise<T> {
    if (signal.aborted) throw ended(operation);
    this.counts[operation] += 1;
    const { random } = this.options;
    const [shortestMs, longestMs] = this.options.latencyMs;
    const latencyMs = shortestMs + random.below(longestMs - shortestMs + 1);
    const isAnsweredFirst = random.next() < 0.5;
    const outcome = isAnsweredFirst ? this.#outcome(operation, request, answer) : undefined;
    await this.options.sleep(latencyMs, signal);
    if (signal.aborted) throw ended(operation);
    const settled = outcome ?? this.#outcome(operation, request, answer);
    if (settled === 'never-answers') return untilEnded(operation, signal);
    if ('error' in settled) throw settled.error;
    return settled.value;
  }

  #outcome<T>(
    operation: Operation,
    { domainId, caseId }: Asked,
    answer: () => T,
  ): { readonly value: T } | { readonly error: unknown } | 'never-answers' {
    const fate = this.#fateOf(operation, caseId);
    if (fate === 'never-answers') return fate;
    if (fate !== 'goes-through') return { error: fate };
    if (domainId !== this.domain.domainId) {
      return { error: failure(operation, 'not-found', `no domain ${domainId}`, this.clock.header()) };
    }
    try {
      return { value: answer() };
    } catch (error) {
      return { error };
    }
  }

  /** What strikes all calls comes before what strikes those of one case. */
  #fateOf(operation: Operation, caseId: string | undefined): Fate {
    const fate = this.failing.fateOf(operation);
    return fate === 'goes-through' && caseId !== undefined ? this.sick.fateOf(caseId) : fate;
  }
}

/** What every request has, and reads of one case. */
interface Asked {
  readonly domainId: string;
  readonly caseId?: string;
}

function untilEnded(operation: Operation, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(ended(operation));
    signal.addEventListener('abort', () => reject(ended(operation)), { once: true });
  });
}

function ended(operation: Operation): Error {
  return failure(operation, 'unavailable', 'no answer before the signal fired', null);
}

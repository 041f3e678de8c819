import { listenOnLoopback } from '../loopback';
import { answer, type ServiceState } from './answer';
import type { FaultFunction } from './calls';
import { type CallRecorder, type Calls, createCalls, createTokenBuckets } from './calls';
import { SWITCH_DEFAULTS, type Switches } from './model/switches';
import {
  addDomain,
  type CaseHistory,
  createWorld,
  findDomain,
  historyOf,
  injectEvent,
  type World,
} from './model/world';

/** Changes the JSON of a sound answer before it is sent; undefined leaves it as it is. */
type Tamper = NonNullable<ServiceState['tamper']>;

export interface CasesServiceOptions {
  /** 0 or absent: any free port. Always on 127.0.0.1. */
  readonly port?: number;
  /** Ids of the domains that exist from the start; their names are the same. */
  readonly domains?: readonly string[];
  /** Epoch milliseconds: the clock of cases and events, token ages, rates and the `Date` header. */
  readonly now?: () => number;
  readonly switches?: Partial<Switches>;
  readonly fault?: FaultFunction;
  readonly region?: string;
  readonly accountId?: string;
  /** The principal in every event. */
  readonly iamPrincipalArn?: string;
}

export interface CasesService {
  readonly url: string;
  readonly port: number;
  /** Ends every connection, including hanging ones. */
  close(): Promise<void>;
  /** Changes the switches named and leaves the others. */
  set(switches: Partial<Switches>): void;
  readonly switches: Switches;
  /** Replaces the fault function; undefined ends all faults. */
  setFault(fault: FaultFunction | undefined): void;
  setTamper(tamper: Tamper | undefined): void;
  readonly calls: Calls;
  /** The model itself, to be filled without HTTP by the functions of `model/`. */
  readonly world: World;
  /** The initial template of a domain. Throws for an unknown domain. */
  templateId(domainId: string): string;
  /**
   * Every event of every case as recorded, including deleted cases, whatever the switches hide. Throws for an unknown
   * domain.
   */
  history(domainId: string): CaseHistory[];
  /** Adds a raw event of any form to a case's history. Throws for an unknown or deleted case. */
  injectEvent(domainId: string, caseId: string, event: Readonly<Record<string, unknown>>): void;
}

/** Starts the service on loopback. Resolves when it listens; rejects when the port is taken. */
export async function startCasesService(options: CasesServiceOptions = {}): Promise<CasesService> {
  const now = options.now ?? Date.now;
  const accountId = options.accountId ?? '111122223333';
  const world = createWorld({
    now,
    switches: { ...SWITCH_DEFAULTS, ...options.switches },
    region: options.region ?? 'us-east-1',
    accountId,
    iamPrincipalArn: options.iamPrincipalArn ?? `arn:aws:iam::${accountId}:role/local-cases`,
  });
  for (const domainId of options.domains ?? []) addDomain(world, domainId, domainId);
  const calls = createCalls();
  const state: ServiceState = {
    world,
    calls,
    buckets: createTokenBuckets(now),
    arrivals: new Map(),
    fault: options.fault,
    tamper: undefined,
  };
  const { url, port, close } = await listenOnLoopback(
    (request, response) => answer(state, request, response),
    options.port,
  );
  // Not spread: a getter would be read only once.
  return Object.assign(controls(state, calls), { url, port, close });
}

function controls(state: ServiceState, calls: CallRecorder): Omit<CasesService, 'url' | 'port' | 'close'> {
  const { world } = state;
  return {
    calls,
    world,
    get switches() {
      return world.switches;
    },
    set: (switches) => {
      world.switches = { ...world.switches, ...switches };
    },
    setFault: (fault) => {
      state.fault = fault;
    },
    setTamper: (tamper) => {
      state.tamper = tamper;
    },
    templateId: (domainId) => [...findDomain(world, domainId).templates.keys()][0] ?? '',
    history: (domainId) => historyOf(world, domainId),
    injectEvent: (domainId, caseId, event) => injectEvent(world, domainId, caseId, event),
  };
}

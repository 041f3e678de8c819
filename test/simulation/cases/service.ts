/**
 * The Amazon Connect Cases service as the simulation has it: a domain in which things happen, seen through the port, with every
 * `cases.*` fault. Seed and calls alone decide what it answers. Once `faults.heal()` was called it answers right at once; what
 * is part of the history for good stays: poison, deleted cases, the order of events.
 */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import type { FieldDefinition } from '../../../lambda/export/domain/fields';
import type { CasesApi } from '../../../lambda/export/ports';
import { Random } from '../../support/random';
import type { Faults } from '../faults';
import { SickCases, type Sickness } from '../sickness';
import { Calls } from './calls';
import { Domain, type HappenedEvent } from './domain';
import { EventMaker } from './event-maker';
import { FailingCalls } from './faults-on-calls';
import { FieldBook } from './field-book';
import { type Lead, leadsTo, type TrueCase, trueCase } from './history';
import { Life } from './life';
import { Operations } from './operations';
import { SearchAnswers } from './search-answers';
import { ServiceClock } from './service-clock';
import { SickAnswers } from './sick-answers';

export type { TrueCase, TrueEvent } from './history';

export interface SimulatedCasesOptions {
  readonly domainId: string;
  /** True time of the service, epoch ms: nothing the exporter can see. Also the source of the Date header (whole seconds). */
  readonly now: () => number;
  /** Each call takes this long on the simulated clock; a call whose signal fires rejects as `unavailable`. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly faults: Faults;
  /** For everything that is not a fault. Only its next two numbers are taken. */
  readonly random: Random;
  /** Elements a page, where not the operation's own; BatchGetField has no pages. */
  readonly pageSize?: Partial<Record<keyof CasesApi, number>>;
  /** The audit history is never behind by more than this, stale replicas included. Default a minute. */
  readonly auditLagMs?: number;
  /** Results that one search list shows while `cases.results-capped` is on. Default 12. */
  readonly resultCap?: number;
  /** Cases that answer badly, and the number of the first of them; none by default. */
  readonly sicknesses?: readonly Sickness[];
  readonly sickNumber?: number;
  /** Number of the case at which something is always wrong with a search, if it is anywhere. Default 2. */
  readonly placeNumber?: number;
  /** Default 100,000. */
  readonly hugeCaseEvents?: number;
  /** Default 50,000. */
  readonly hugeEventFields?: number;
  /** Told of every event in the moment in which it is recorded. */
  readonly onRecorded?: (caseId: string, event: HappenedEvent) => void;
  /** Shortest and longest time of a call, default 20 and 200. */
  readonly latencyMs?: readonly [number, number];
}

export interface SimulatedCases extends CasesApi {
  readonly domainId: string;
  /** Calls that reached the service, by operation. */
  readonly callCounts: Readonly<Record<keyof CasesApi, number>>;
  /** Every field there ever was, by id. Fields are added and deleted, never renamed. */
  readonly fields: ReadonlyMap<string, FieldDefinition>;
  /** What really happened: every case ever, also deleted ones, with all its events in order of occurrence. */
  history(): readonly TrueCase[];
  /** The id of a new case. `at`, here and below, is for history made before the start; it must not lie in the future. */
  createCase(options?: { templateId?: string | null; at?: number }): string;
  /** One event, two if `cases.same-millisecond` strikes; `fields` change, or as many as are drawn. */
  updateCase(caseId: string, options?: { at?: number; fields?: number }): void;
  addRelatedItem(caseId: string): void;
  /** Some existing item, if there is any. */
  editRelatedItem(): void;
  /** Some existing item, if there is any. */
  deleteRelatedItem(): void;
  deleteCase(caseId: string): void;
  /** The id of a new custom text field. */
  createField(name?: string): string;
  deleteField(fieldId: string): void;
  /** One random change of the above, weighted. */
  change(): void;
  /** Cases that are not deleted. */
  caseIds(): readonly string[];
  /** Which cases are sick, and until when. */
  readonly sick: SickCases;
  /** What leads to the case: searches and related items with this `touched`, from then on. */
  leadsTo(caseId: string): readonly Lead[];
  /** When an answer of searchCases last left the case out without a sign of it; undefined if none did. */
  passedOverAt(caseId: string): number | undefined;
  /** From when the audit history of its case shows the event. */
  visibleAt(event: HappenedEvent): number;
  /** Whether a field of the event was ever shown as null. */
  isMaimed(event: AuditEvent): boolean;
}

const PAGE_SIZES: Readonly<Record<keyof CasesApi, number>> = {
  searchCases: 100,
  getCaseAuditEvents: 25,
  searchAllRelatedItems: 25,
  listFields: 100,
  batchGetFields: 50,
  listFieldOptions: 100,
  listTemplates: 100,
};

/** An empty domain with a few fields. Its methods need no `this`. */
export function createSimulatedCases(options: SimulatedCasesOptions): SimulatedCases {
  const { domain, fields, life, calls, operations, clock, sick, searches, sickAnswers } = wire(options);
  const port = (Object.keys(PAGE_SIZES) as (keyof CasesApi)[]).map((name) => {
    const call = (request: never, signal: AbortSignal): Promise<unknown> =>
      calls.make(name, request, signal, () => operations[name](request));
    return [name, call] as const;
  });
  return {
    ...(Object.fromEntries(port) as unknown as CasesApi),
    domainId: domain.domainId,
    callCounts: calls.counts,
    fields: domain.fields,
    history: () => [...domain.cases.values()].map((record) => trueCase(record, domain.itemsOf(record.caseId), clock)),
    sick,
    leadsTo(caseId) {
      const record = domain.cases.get(caseId);
      return record === undefined ? [] : leadsTo(record, domain.itemsOf(caseId), clock);
    },
    passedOverAt: (caseId) => searches.passedOverAt(caseId),
    visibleAt: ({ occurredAt, visibleAt }) => clock.arrival(occurredAt, visibleAt),
    isMaimed: (event) => sickAnswers.isMaimed(event),
    createCase: (born) => life.createCase(born),
    updateCase: (caseId, update) => life.updateCase(caseId, update),
    addRelatedItem: (caseId) => life.addRelatedItem(caseId),
    editRelatedItem: () => life.editRelatedItem(),
    deleteRelatedItem: () => life.deleteRelatedItem(),
    deleteCase: (caseId) => life.deleteCase(caseId),
    createField: (name) => fields.create(name),
    deleteField: (fieldId) => fields.delete(fieldId),
    change: () => life.change(),
    caseIds: () => domain.aliveIds(),
  };
}

function wire(options: SimulatedCasesOptions) {
  const { domainId, now, faults, sleep, random, latencyMs = [20, 200], auditLagMs = 60_000 } = options;
  const { hugeCaseEvents = 100_000, hugeEventFields = 50_000, resultCap = 12, onRecorded = () => undefined } = options;
  // Two streams, so that what happens does not depend on how many calls there were.
  const seed = Math.floor(random.next() * 2 ** 32);
  const latency = new Random(Math.floor(random.next() * 2 ** 32));
  const clock = new ServiceClock(now, faults);
  const domain = new Domain(domainId, now, onRecorded);
  const fields = new FieldBook(domain);
  const events = new EventMaker(domain, fields, faults, clock, { seed, auditLagMs, hugeEventFields });
  const life = new Life(domain, fields, events, faults, clock, new Random(seed), hugeCaseEvents);
  const startedAt = now();
  const { sicknesses = [], sickNumber = 1, placeNumber = 2 } = options;
  const sick = new SickCases({ sicknesses, sickNumber, elapsed: () => now() - startedAt, faults, seed });
  const sickAnswers = new SickAnswers(sick, clock);
  const searches = new SearchAnswers(domain, sick, faults, clock, placeNumber);
  const pageSize = { ...PAGE_SIZES, ...options.pageSize };
  const operationsOptions = { pageSize, resultCap, auditLagMs };
  const operations = new Operations(domain, fields, life, searches, sickAnswers, faults, clock, operationsOptions);
  const failing = new FailingCalls(faults, clock);
  const calls = new Calls(domain, failing, sickAnswers, clock, { sleep, random: latency, latencyMs });
  return { domain, fields, life, calls, operations, clock, sick, searches, sickAnswers };
}

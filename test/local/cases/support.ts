import type { AuditEvent, FieldType, FieldValue } from '@aws-sdk/client-connectcases';
import { type CasesService, type CasesServiceOptions, startCasesService } from '../../../local/cases/server';
import { type CheckedClient, createCheckedClient } from './checked-client';

export const DOMAIN = 'test-domain';
export const START = Date.parse('2026-03-01T10:00:00.000Z');

export interface Setup extends CheckedClient {
  readonly service: CasesService;
  /** Moves the service's clock, which stands still otherwise. */
  readonly tick: (ms: number) => void;
  readonly createCase: (title: string, fields?: readonly FieldValue[]) => Promise<string>;
  readonly updateCase: (caseId: string, ...fields: readonly FieldValue[]) => Promise<unknown>;
  /** The id of a new field, named after its type if not otherwise. */
  readonly createField: (type: FieldType, name?: string) => Promise<string>;
  /** The first page of the audit history, newest event first. */
  readonly eventsOf: (caseId: string) => Promise<(AuditEvent | null)[]>;
  readonly close: () => Promise<void>;
}

/** A new service for each test of the file or block. Afterwards no answer may contradict the model, unless `unchecked`. */
export function setUpEach({ unchecked = false } = {}): Setup {
  let current: Setup;
  beforeEach(async () => {
    current = await setUp();
  });
  afterEach(async () => {
    await current.close();
    if (!unchecked) expect(current.findings).toEqual([]);
  });
  return new Proxy({} as Setup, { get: (_, name) => Reflect.get(current, name) as unknown });
}

/** A service with one domain and a clock of its own, and the checked client to talk to it. */
export async function setUp(options: CasesServiceOptions = {}): Promise<Setup> {
  let time = START;
  const service = await startCasesService({ domains: [DOMAIN], now: () => time, ...options });
  const checkedClient = createCheckedClient(service.url);
  const { client } = checkedClient;
  return {
    ...checkedClient,
    service,
    tick: (ms) => {
      time += ms;
    },
    createCase: async (title, fields = []) => {
      const required = [text('title', title), text('customer_id', 'arn:aws:profile:customer')];
      const templateId = service.templateId(DOMAIN);
      const answer = await client.createCase({ domainId: DOMAIN, templateId, fields: [...required, ...fields] });
      return answer.caseId ?? '';
    },
    updateCase: (caseId, ...fields) => client.updateCase({ domainId: DOMAIN, caseId, fields: [...fields] }),
    createField: async (type, name = `a ${type}`) =>
      (await client.createField({ domainId: DOMAIN, name, type })).fieldId ?? '',
    eventsOf: async (caseId) => (await client.getCaseAuditEvents({ domainId: DOMAIN, caseId })).auditEvents ?? [],
    close: async () => {
      client.destroy();
      await service.close();
    },
  };
}

export function text(id: string, stringValue: string): FieldValue {
  return { id, value: { stringValue } };
}

/** What the error of a call is, as `name: message`; fails the test if the call succeeds. */
export async function errorOf(call: Promise<unknown>): Promise<Error & Readonly<Record<string, unknown>>> {
  try {
    await call;
  } catch (error) {
    return error as Error & Readonly<Record<string, unknown>>;
  }
  throw new Error('The call succeeded, where an error was expected');
}

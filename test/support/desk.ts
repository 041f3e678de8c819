/** A domain of the local Cases service for tests of the built bundle: its people, its first cases, and how fast it is exported. */
import { ConnectCasesClient } from '@aws-sdk/client-connectcases';
import { createCase } from '../../local/cases/model/cases';
import type { CasesService } from '../../local/cases/server';
import type { LocalDynamoDB } from '../../local/dynamodb/server';
import { TABLE } from '../../local/exporter/stack';
import type { TimedAction } from '../../local/seed/actions';

/** Rates at which no call waits, as environment of the bundle. */
export const UNPACED = { SEARCH_CASES_RPS: '10000', AUDIT_EVENTS_RPS: '10000', RELATED_ITEMS_RPS: '10000' };

/** Straight to the service, as people at the desk. */
export function clientOf(service: CasesService): ConnectCasesClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new ConnectCasesClient({ endpoint: service.url, region: 'us-east-1', credentials });
}

/** A case with a title and a customer of its own; its id. */
export function addDeskCase({ world, templateId }: CasesService, domainId: string, index: number): string {
  const customer = `arn:aws:profile:us-east-1:1:domains/d/profiles/${index}`;
  const fields = [
    { id: 'title', value: { stringValue: `Case ${index}` } },
    { id: 'customer_id', value: { stringValue: customer } },
  ];
  return createCase(world, { domainId, templateId: templateId(domainId), fields }).caseId;
}

/** The whole life of one case in so many, and the first few actions of the others: several pages here and there, quick to make. */
export function shortened(actions: readonly TimedAction[], oneIn: number, first: number): TimedAction[] {
  const taken = new Map<number, number>();
  return actions.filter((action) => {
    if (!('case' in action) || action.case % oneIn === 0) return true;
    const count = (taken.get(action.case) ?? 0) + 1;
    taken.set(action.case, count);
    return count <= first;
  });
}

/** STATE of the one domain that the table has; empty if there is none. */
export async function storedState(dynamodb: LocalDynamoDB, table = TABLE): Promise<Record<string, unknown>> {
  return (await dynamodb.items(table)).find(({ sk }) => sk === 'STATE') ?? {};
}

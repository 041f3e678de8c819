/**
 * The operations that the local service serves, by the names of the service model, with its methods and paths; a test
 * compares them with the client package's own. Labels in braces; without the slash that CreateRelatedItem has at its end.
 */
export const ROUTES = {
  CreateDomain: 'POST /domains',
  ListDomains: 'POST /domains-list',
  GetDomain: 'POST /domains/{domainId}',
  CreateField: 'POST /domains/{domainId}/fields',
  UpdateField: 'PUT /domains/{domainId}/fields/{fieldId}',
  DeleteField: 'DELETE /domains/{domainId}/fields/{fieldId}',
  ListFields: 'POST /domains/{domainId}/fields-list',
  BatchGetField: 'POST /domains/{domainId}/fields-batch',
  BatchPutFieldOptions: 'PUT /domains/{domainId}/fields/{fieldId}/options',
  ListFieldOptions: 'POST /domains/{domainId}/fields/{fieldId}/options-list',
  CreateTemplate: 'POST /domains/{domainId}/templates',
  ListTemplates: 'POST /domains/{domainId}/templates-list',
  CreateCase: 'POST /domains/{domainId}/cases',
  UpdateCase: 'PUT /domains/{domainId}/cases/{caseId}',
  GetCase: 'POST /domains/{domainId}/cases/{caseId}',
  DeleteCase: 'DELETE /domains/{domainId}/cases/{caseId}',
  SearchCases: 'POST /domains/{domainId}/cases-search',
  GetCaseAuditEvents: 'POST /domains/{domainId}/cases/{caseId}/audit-history',
  CreateRelatedItem: 'POST /domains/{domainId}/cases/{caseId}/related-items',
  UpdateRelatedItem: 'PUT /domains/{domainId}/cases/{caseId}/related-items/{relatedItemId}',
  DeleteRelatedItem: 'DELETE /domains/{domainId}/cases/{caseId}/related-items/{relatedItemId}',
  SearchRelatedItems: 'POST /domains/{domainId}/cases/{caseId}/related-items-search',
  SearchAllRelatedItems: 'POST /domains/{domainId}/related-items-search',
} as const;

export type OperationName = keyof typeof ROUTES;

export interface Matched {
  readonly operation: OperationName;
  readonly labels: Readonly<Record<string, string>>;
}

const PATTERNS = (Object.entries(ROUTES) as [OperationName, string][]).map(([operation, route]) => ({
  operation,
  pattern: new RegExp(`^${route.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/?$`),
}));

/** The operation of a request, with its path labels decoded; undefined if there is none. */
export function matchRoute(method: string, pathname: string): Matched | undefined {
  for (const { operation, pattern } of PATTERNS) {
    const match = pattern.exec(`${method} ${pathname}`);
    if (match === null) continue;
    const labels = Object.entries(match.groups ?? {}).map(([name, text]) => [name, decode(text)]);
    return { operation, labels: Object.fromEntries(labels) };
  }
  return undefined;
}

/** Badly encoded text stays as it is: it then names nothing that exists. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

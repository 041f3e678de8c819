import type { OperationName } from './model/operation-names';

interface Route {
  readonly operation: OperationName;
  readonly method: string;
  /** Labels in braces; without the slash that CreateRelatedItem has at its end. */
  readonly path: string;
}

/** Methods and paths of the service model; a test compares them with the client package's own. */
export const ROUTES: readonly Route[] = [
  { operation: 'CreateDomain', method: 'POST', path: '/domains' },
  { operation: 'ListDomains', method: 'POST', path: '/domains-list' },
  { operation: 'GetDomain', method: 'POST', path: '/domains/{domainId}' },
  { operation: 'CreateField', method: 'POST', path: '/domains/{domainId}/fields' },
  { operation: 'UpdateField', method: 'PUT', path: '/domains/{domainId}/fields/{fieldId}' },
  { operation: 'DeleteField', method: 'DELETE', path: '/domains/{domainId}/fields/{fieldId}' },
  { operation: 'ListFields', method: 'POST', path: '/domains/{domainId}/fields-list' },
  { operation: 'BatchGetField', method: 'POST', path: '/domains/{domainId}/fields-batch' },
  { operation: 'BatchPutFieldOptions', method: 'PUT', path: '/domains/{domainId}/fields/{fieldId}/options' },
  { operation: 'ListFieldOptions', method: 'POST', path: '/domains/{domainId}/fields/{fieldId}/options-list' },
  { operation: 'CreateTemplate', method: 'POST', path: '/domains/{domainId}/templates' },
  { operation: 'ListTemplates', method: 'POST', path: '/domains/{domainId}/templates-list' },
  { operation: 'CreateCase', method: 'POST', path: '/domains/{domainId}/cases' },
  { operation: 'UpdateCase', method: 'PUT', path: '/domains/{domainId}/cases/{caseId}' },
  { operation: 'GetCase', method: 'POST', path: '/domains/{domainId}/cases/{caseId}' },
  { operation: 'DeleteCase', method: 'DELETE', path: '/domains/{domainId}/cases/{caseId}' },
  { operation: 'SearchCases', method: 'POST', path: '/domains/{domainId}/cases-search' },
  { operation: 'GetCaseAuditEvents', method: 'POST', path: '/domains/{domainId}/cases/{caseId}/audit-history' },
  { operation: 'CreateRelatedItem', method: 'POST', path: '/domains/{domainId}/cases/{caseId}/related-items' },
  {
    operation: 'UpdateRelatedItem',
    method: 'PUT',
    path: '/domains/{domainId}/cases/{caseId}/related-items/{relatedItemId}',
  },
  {
    operation: 'DeleteRelatedItem',
    method: 'DELETE',
    path: '/domains/{domainId}/cases/{caseId}/related-items/{relatedItemId}',
  },
  { operation: 'SearchRelatedItems', method: 'POST', path: '/domains/{domainId}/cases/{caseId}/related-items-search' },
  { operation: 'SearchAllRelatedItems', method: 'POST', path: '/domains/{domainId}/related-items-search' },
];

export interface Matched {
  readonly operation: OperationName;
  readonly labels: Readonly<Record<string, string>>;
}

const PATTERNS = ROUTES.map((route) => ({
  ...route,
  pattern: new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/?$`),
}));

/** The operation of a request, with its path labels decoded; undefined if there is none. */
export function matchRoute(method: string, pathname: string): Matched | undefined {
  for (const route of PATTERNS) {
    const match = route.method === method ? route.pattern.exec(pathname) : null;
    if (match === null) continue;
    const labels = Object.entries(match.groups ?? {}).map(([name, text]) => [name, decode(text)]);
    return { operation: route.operation, labels: Object.fromEntries(labels) };
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

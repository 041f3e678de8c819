/** The operations that the local service serves, by the names of the service model. */
export const OPERATION_NAMES = [
  'CreateDomain',
  'ListDomains',
  'GetDomain',
  'CreateField',
  'UpdateField',
  'DeleteField',
  'ListFields',
  'BatchGetField',
  'BatchPutFieldOptions',
  'ListFieldOptions',
  'CreateTemplate',
  'ListTemplates',
  'CreateCase',
  'UpdateCase',
  'GetCase',
  'DeleteCase',
  'SearchCases',
  'GetCaseAuditEvents',
  'CreateRelatedItem',
  'UpdateRelatedItem',
  'DeleteRelatedItem',
  'SearchRelatedItems',
  'SearchAllRelatedItems',
] as const;

export type OperationName = (typeof OPERATION_NAMES)[number];

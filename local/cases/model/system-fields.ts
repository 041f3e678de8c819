import type { FieldType } from './values';

interface SystemField {
  readonly fieldId: string;
  readonly name: string;
  readonly type: FieldType;
  /** Set by the service only. */
  readonly readOnly: boolean;
  readonly options?: readonly string[];
}

/** Fields that every domain has. Ids as AWS documents them; the types of the assigned_* fields are assumed. */
export const SYSTEM_FIELDS: readonly SystemField[] = [
  { fieldId: 'title', name: 'Title', type: 'Text', readOnly: false },
  { fieldId: 'summary', name: 'Summary', type: 'Text', readOnly: false },
  { fieldId: 'status', name: 'Status', type: 'SingleSelect', readOnly: false, options: ['open', 'closed'] },
  { fieldId: 'case_reason', name: 'Case reason', type: 'SingleSelect', readOnly: false },
  { fieldId: 'customer_id', name: 'Customer', type: 'Text', readOnly: false },
  { fieldId: 'reference_number', name: 'Reference number', type: 'Text', readOnly: true },
  { fieldId: 'assigned_queue', name: 'Assigned queue', type: 'Text', readOnly: false },
  { fieldId: 'assigned_user', name: 'Assigned user', type: 'User', readOnly: false },
  { fieldId: 'created_datetime', name: 'Date/Time opened', type: 'DateTime', readOnly: true },
  { fieldId: 'last_updated_datetime', name: 'Date/Time updated', type: 'DateTime', readOnly: true },
  { fieldId: 'last_closed_datetime', name: 'Date/Time closed', type: 'DateTime', readOnly: true },
];

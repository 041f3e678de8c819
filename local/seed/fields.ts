import type { FieldType } from '@aws-sdk/client-connectcases';

/** A custom field of the shop; together they cover every type of the API. */
interface CustomField {
  readonly name: string;
  readonly type: FieldType;
  readonly description: string;
  /** Of a SingleSelect. */
  readonly options?: readonly string[];
}

export const CUSTOM_FIELDS = {
  orderNumber: { name: 'Order number', type: 'Text', description: 'Order that the case is about' },
  priority: {
    name: 'Priority',
    type: 'SingleSelect',
    description: 'How soon it has to be looked at',
    options: ['low', 'normal', 'high', 'urgent'],
  },
  refundAmount: { name: 'Refund amount', type: 'Number', description: 'In euros' },
  surveyScore: { name: 'Survey score', type: 'Number', description: 'Mean of the answers; not a number without any' },
  loyalCustomer: { name: 'Loyal customer', type: 'Boolean', description: 'Three orders or more' },
  promisedBy: { name: 'Promised by', type: 'DateTime', description: 'When the customer will hear from us' },
  trackingPage: { name: 'Tracking page', type: 'Url', description: 'Of the parcel' },
  specialist: { name: 'Specialist', type: 'User', description: 'Who is asked for advice' },
  callbackWanted: { name: 'Callback wanted', type: 'Boolean', description: 'No longer asked for' },
} as const satisfies Readonly<Record<string, CustomField>>;

export type CustomFieldKey = keyof typeof CUSTOM_FIELDS;

/** System fields have the same id in every domain. */
export const SYSTEM_FIELD_IDS = [
  'title',
  'summary',
  'status',
  'customer_id',
  'assigned_queue',
  'assigned_user',
] as const;
type SystemFieldId = (typeof SYSTEM_FIELD_IDS)[number];

export type FieldKey = CustomFieldKey | SystemFieldId;

/** Statuses besides the two that every domain has. */
export const EXTRA_STATUSES = ['in_progress', 'waiting'] as const;

/** Name of `orderNumber` from the second chapter of the demo on. */
export const ORDER_NUMBER_RENAMED = 'Order reference';

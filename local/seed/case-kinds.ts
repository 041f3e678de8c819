/** Subjects of the invented shop's customers: one template each, with the words for its cases. */
import type { CustomFieldKey } from './fields';

export interface CaseKind {
  readonly template: string;
  readonly queue: string;
  readonly requiredFields: readonly CustomFieldKey[];
  readonly titles: readonly [string, ...string[]];
  readonly comments: readonly [string, ...string[]];
}

export const CASE_KINDS = {
  delivery: {
    template: 'Delivery',
    queue: 'Shipping',
    requiredFields: ['orderNumber'],
    titles: [
      'Parcel has not arrived',
      'Box arrived damaged',
      'Wrong frame size delivered',
      'Delivery to a neighbour, not found',
    ],
    comments: [
      'Carrier says: out for delivery.',
      'Customer sent photos of the box.',
      'Carrier opened an inquiry, answer in two days.',
      'Replacement leaves the warehouse tonight.',
    ],
  },
  refund: {
    template: 'Return and refund',
    queue: 'Returns',
    requiredFields: ['orderNumber'],
    titles: ['Refund for returned wheels', 'Return label wanted', 'Refund is too low', 'Changed my mind 🚲'],
    comments: [
      'Return received, saddle is missing.',
      'Refund approved by the team lead.',
      'Bank details confirmed by phone.',
      'Customer asks for a voucher instead.',
    ],
  },
  warranty: {
    template: 'Warranty',
    queue: 'Workshop',
    requiredFields: ['orderNumber'],
    titles: ['Brake squeaks after 200 km', 'Battery holds no charge', 'Crack in the fork', 'Display stays dark'],
    comments: [
      'Workshop wants to see the bike.',
      'Serial number checked: under warranty.',
      'Spare part ordered, two weeks.',
      'Test ride done, no noise any more.',
    ],
  },
  account: {
    template: 'Account',
    queue: 'Front desk',
    requiredFields: [],
    titles: ['Cannot sign in', 'Change of address', 'Delete my account', 'Newsletter despite opt-out'],
    comments: ['Identity confirmed.', 'Sent the reset link again.', 'Customer uses "two" accounts; merged them.'],
  },
} as const satisfies Readonly<Record<string, CaseKind>>;

export type CaseKindKey = keyof typeof CASE_KINDS;
export const CASE_KIND_KEYS = ['delivery', 'refund', 'warranty', 'account'] as const satisfies readonly CaseKindKey[];

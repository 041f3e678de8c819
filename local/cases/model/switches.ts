import type { OperationName } from '../routes';

/** The paging of one list operation, and its faults. Rates are 0 … 1 and seeded: the same element is hit every time. */
export interface ListSwitches {
  /** `offset`: a token counts elements, so a changing list repeats or skips some. `keyset`: it names the last one. */
  readonly tokenKind: 'offset' | 'keyset';
  /** The service's own cap on a page, below what the caller asks for. */
  readonly pageSize: number | null;
  /** A token is refused (ValidationException) when it is older than this … */
  readonly tokenLifeMs: number | null;
  /** … or has been used this many times. */
  readonly tokenUses: number | null;
  /** Every token is refused. */
  readonly refuseTokens: boolean;
  /** `same`: the answer to token A carries A again. `cycle`: A leads to B and B back to A. */
  readonly repeatTokens: 'never' | 'same' | 'cycle';
  /** Tokens are padded to this many characters; the API allows 9,000. */
  readonly tokenLength: number;
  /** Share of positions that first answer an empty page with a token. Never twice in a row. */
  readonly emptyPageRate: number;
  /** `once`: the last page carries a token that leads to an empty page. `always`: every page carries one. */
  readonly tokenAtEnd: 'never' | 'once' | 'always';
  /** Share of elements that have a null before them. */
  readonly extraNullRate: number;
  /** Share of elements that are null when first shown, and sound ever after. */
  readonly hideRate: number;
  /** Share of answers (by position in the list) whose list is missing. */
  readonly missingListRate: number;
  /** False: sorts are accepted and ignored. */
  readonly sortHonoured: boolean;
  /** The list ends silently after this many elements. */
  readonly resultCap: number | null;
}

export const LIST_DEFAULTS: ListSwitches = {
  tokenKind: 'keyset',
  pageSize: null,
  tokenLifeMs: null,
  tokenUses: null,
  refuseTokens: false,
  repeatTokens: 'never',
  tokenLength: 64,
  emptyPageRate: 0,
  tokenAtEnd: 'never',
  extraNullRate: 0,
  hideRate: 0,
  missingListRate: 0,
  sortHonoured: true,
  resultCap: null,
};

export interface Rate {
  /** Tokens that flow back per second. */
  readonly perSecond: number;
  /** Size of the bucket. */
  readonly burst: number;
}

/** Everything in the service that can be changed while it runs. */
export interface Switches {
  readonly seed: number;
  /** Token bucket per operation, shared by all domains; an operation without one is not limited. */
  readonly rates: Partial<Readonly<Record<OperationName, Rate>>>;
  /** SearchCases shows each case with this delay. */
  readonly indexLagMs: number;
  /** SearchAllRelatedItems and SearchRelatedItems show items with this delay. */
  readonly relatedLagMs: number;
  /** GetCaseAuditEvents shows events with this delay. */
  readonly auditLagMs: number;
  /** `shuffled` is stable: an order drawn once per event from the seed. */
  readonly eventOrder: 'newest-first' | 'oldest-first' | 'shuffled';
  /** Whether a related item's change moves its case's last_updated_datetime. */
  readonly relatedItemsTouchCase: boolean;
  /** Whether SearchCases gives totalCount; `capped` counts no further than resultCap. */
  readonly totalCount: 'exact' | 'capped' | 'absent';
  /** Added to the clock in the `Date` header; null sends none. */
  readonly dateOffsetMs: number | null;
  /**
   * Share of events whose performedTime is not a date: no row can hold such an event, and the SDK cannot read its page.
   */
  readonly undecodableRate: number;
  /** Share of event fields that have a null before them. */
  readonly nullFieldRate: number;
  /** Share of newly recorded events with a type (and item type) that does not exist yet. */
  readonly unknownTypeRate: number;
  /** Share of newly recorded events with values in a union member that does not exist yet. */
  readonly unknownValueRate: number;
  /** Share of newly recorded events with a kind of user that does not exist yet. */
  readonly unknownUserRate: number;
  /** For every list operation … */
  readonly lists: Partial<ListSwitches>;
  /** … and for single ones, which take precedence. */
  readonly listsOf: Partial<Readonly<Record<OperationName, Partial<ListSwitches>>>>;
}

export const SWITCH_DEFAULTS: Switches = {
  seed: 1,
  rates: {},
  indexLagMs: 0,
  relatedLagMs: 0,
  auditLagMs: 0,
  eventOrder: 'newest-first',
  relatedItemsTouchCase: false,
  totalCount: 'exact',
  dateOffsetMs: 0,
  undecodableRate: 0,
  nullFieldRate: 0,
  unknownTypeRate: 0,
  unknownValueRate: 0,
  unknownUserRate: 0,
  lists: {},
  listsOf: {},
};

/**
 * The documented default quotas, per account and Region. SearchAllRelatedItems is not listed; its figures are assumed.
 */
export const DEFAULT_QUOTAS: Switches['rates'] = {
  SearchCases: { perSecond: 2, burst: 10 },
  GetCaseAuditEvents: { perSecond: 2, burst: 10 },
  ListFields: { perSecond: 2, burst: 5 },
  ListDomains: { perSecond: 2, burst: 5 },
  BatchGetField: { perSecond: 8, burst: 25 },
  GetCase: { perSecond: 4, burst: 10 },
  SearchAllRelatedItems: { perSecond: 2, burst: 10 },
};

/** The switches of one list operation now. */
export function listSwitches(switches: Switches, operation: OperationName): ListSwitches {
  return { ...LIST_DEFAULTS, ...switches.lists, ...switches.listsOf[operation] };
}

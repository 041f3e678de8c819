/** A search service that a test makes, and a keyset walk over it. Its tokens walk an offset, as they may. */
import { type Cursor, nextStep, startCursor } from '../../../lambda/export/domain/keyset';

export interface Item {
  readonly id: string;
  /** As a page shows it. */
  value: number;
  /** What the service places it by, where that is not what it shows. */
  place?: number;
}

export interface Service {
  items: Item[];
  readonly pageSize: number;
  /** Answers empty pages with a token before the page itself, this many. */
  readonly emptyPages?: number;
  /** Also the last page carries a token. */
  readonly alwaysToken?: boolean;
  /** False: no page tells how many there are. */
  readonly counts?: boolean;
  /** Items that come as null whenever they are asked for. */
  readonly nulls?: ReadonlySet<string>;
  /** The page of this call shows so many only, and has no token. */
  readonly cutTo?: (call: number) => number | undefined;
  /** Something happens between two answers. */
  readonly between?: (call: number) => void;
  /** The order that the service gives, where it is not that of its places. */
  readonly order?: (a: Item, b: Item) => number;
}

interface Walk {
  readonly found: Set<string>;
  readonly calls: number;
  readonly end: 'end' | 'token-repeats' | 'never';
  readonly inOrder: boolean;
  readonly leaps: number;
  readonly notShown: number;
  /** The lowest place that what is not shown may have. */
  readonly notShownFrom: number;
}

const MAX_CALLS = 2000;
const SECOND = 1000;

const placeOf = ({ value, place = value }: Item) => place;

/** The filter compares whole seconds, as it may. */
function ask(service: Service, cursor: Cursor, call: number) {
  const order = service.order ?? ((a, b) => placeOf(a) - placeOf(b));
  const list = service.items.filter((item) => Math.floor(placeOf(item) / SECOND) * SECOND >= cursor.from).sort(order);
  const totalCount = service.counts === false ? undefined : list.length;
  const [offset = 0, empties = 0] = cursor.token?.split('/').map(Number) ?? [];
  if (empties < (service.emptyPages ?? 0)) return { items: [], nextToken: `${offset}/${empties + 1}`, totalCount };
  const cut = service.cutTo?.(call);
  const end = offset + Math.min(service.pageSize, cut ?? service.pageSize);
  const isLast = cut !== undefined || (end >= list.length && !service.alwaysToken);
  const nextToken = isLast ? undefined : `${Math.min(end, list.length)}/0`;
  return { items: list.slice(offset, end), nextToken, totalCount };
}

/** To its end, or for 2,000 calls. */
export function walk(service: Service, from = 0, endAt = Number.POSITIVE_INFINITY): Walk {
  const found = new Set<string>();
  let cursor = startCursor(from);
  let inOrder = true;
  let leaps = 0;
  let notShown = 0;
  let notShownFrom = Number.POSITIVE_INFINITY;
  for (let calls = 1; calls <= MAX_CALLS; calls += 1) {
    const { items, nextToken, totalCount } = ask(service, cursor, calls);
    const shown = items.filter(({ id }) => !service.nulls?.has(id));
    for (const { id } of shown) found.add(id);
    const cases = shown.map(({ id, value }) => ({ caseId: id, value }));
    const page = { cases, others: items.length - shown.length, nextToken, totalCount };
    const step = nextStep(cursor, page, endAt);
    notShown += step.notShown;
    if (step.notShown > 0) notShownFrom = Math.min(notShownFrom, step.notShownFrom);
    if (step.kind === 'leap') leaps += 1;
    else inOrder &&= step.inOrder;
    const told = { found, calls, inOrder, leaps, notShown, notShownFrom };
    if (step.kind === 'token-repeats' || step.kind === 'end') return { ...told, end: step.kind };
    cursor = step.cursor;
    service.between?.(calls);
  }
  return { found, calls: MAX_CALLS, end: 'never', inOrder, leaps, notShown, notShownFrom };
}

export function listOf(values: readonly number[]): Item[] {
  return values.map((value, index) => ({ id: `item-${index}`, value }));
}

export function idsOf(items: readonly Item[]): Set<string> {
  return new Set(items.map(({ id }) => id));
}

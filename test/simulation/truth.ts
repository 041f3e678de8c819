/** The history that the simulated service holds, as the rows that Athena ought to show. */
import type { AuditEvent } from '../../lambda/export/domain/audit-event';
import { ledgerId } from '../../lambda/export/domain/case-items';
import { eventKey, flattenEvent } from '../../lambda/export/domain/flatten';
import type { TrueCase, TrueEvent } from './cases/history';
import type { SimulatedCases } from './cases/service';

/** A row as JSON has it. */
export type JsonRow = Readonly<Record<string, unknown>>;

export interface KnownEvent {
  readonly key: string;
  readonly ledgerId: string;
  readonly truth: TrueEvent;
  /** By field_index; none for poison. Names of fields are those of a dictionary that knows every field. */
  rows(): readonly JsonRow[];
  /** Rows of every content that the event was ever shown with: the first, what it read like later, another under the same id. */
  variants(): readonly (readonly JsonRow[])[];
}

export interface KnownCase {
  truth: TrueCase;
  readonly events: Map<string, KnownEvent>;
}

export class Truth {
  readonly #cases = new Map<string, KnownCase>();
  #snapshot: ReadonlyMap<string, TrueCase> = new Map();
  #takenAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly service: SimulatedCases,
    private readonly now: () => number,
  ) {}

  /** Every case ever, as things stand now. */
  cases(): ReadonlyMap<string, KnownCase> {
    for (const truth of this.service.history()) this.#learn(truth);
    return this.#cases;
  }

  /** An event that is visible, and so is a while old. */
  find(caseId: string, key: string): KnownEvent | undefined {
    return this.#cases.get(caseId)?.events.get(key) ?? this.asOf(caseId, this.now() - 1)?.events.get(key);
  }

  /** The case with at least every event that had happened by then: a history as it was taken after that will do. */
  asOf(caseId: string, time: number): KnownCase | undefined {
    if (time >= this.#takenAt) {
      this.#snapshot = new Map(this.service.history().map((one) => [one.caseId, one]));
      this.#takenAt = this.now();
    }
    const truth = this.#snapshot.get(caseId);
    return truth && this.#learn(truth);
  }

  #learn(truth: TrueCase): KnownCase {
    const known: KnownCase = this.#cases.get(truth.caseId) ?? { truth, events: new Map() };
    if (known.truth === truth && known.events.size > 0) return known;
    known.truth = truth;
    this.#cases.set(truth.caseId, known);
    for (const [key, events] of byKey(truth.events)) {
      known.events.set(key, this.#eventOf(truth, events, key, known.events.get(key)));
    }
    return known;
  }

  /** The rows of an event are made once for each of its contents, its times looked at anew. */
  #eventOf(of: TrueCase, events: readonly TrueEvent[], key: string, before: KnownEvent | undefined): KnownEvent {
    let made: readonly (readonly JsonRow[])[] | undefined;
    const [truth] = events as readonly [TrueEvent];
    const variants = before?.variants ?? (() => (made ??= this.#variantsOf(of, events)));
    return { key, ledgerId: before?.ledgerId ?? ledgerId(key), truth, variants, rows: () => variants()[0] ?? [] };
  }

  #variantsOf(of: TrueCase, events: readonly TrueEvent[]): readonly (readonly JsonRow[])[] {
    return events.flatMap(({ event, enriched, poison }) => {
      const contents = enriched === undefined ? [event] : [event, enriched];
      return contents.map((content) => (poison ? [] : this.#rowsOf(of, content)));
    });
  }

  #rowsOf({ caseId, templateId }: TrueCase, event: AuditEvent): readonly JsonRow[] {
    const flattened = flattenEvent(event, caseId, templateId, this.service.fields);
    if (flattened.kind !== 'rows') return [];
    return flattened.rows.map((row) => JSON.parse(JSON.stringify(row)) as JsonRow);
  }
}

function byKey(events: readonly TrueEvent[]): Map<string, TrueEvent[]> {
  const groups = new Map<string, TrueEvent[]>();
  for (const event of events) {
    const key = keyOf(event);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return groups;
}

const keys = new WeakMap<object, string>();

/** Contents are shared between answers, so each is looked at once. */
function keyOf({ event }: TrueEvent): string {
  let key = keys.get(event);
  if (key === undefined) {
    key = eventKey(event);
    keys.set(event, key);
  }
  return key;
}

/**
 * Reads of the checkpoint table are complete, whatever the table left unprocessed and wherever it cut a page: what stood there
 * when the question was asked, and still stands when the answer comes, is in the answer.
 */
import { type CaseRecord, EVENT_ID_BYTES, type RetryEntry } from '../../lambda/export/domain/case-items';
import type { PortCall } from './process';
import type { TableMirror } from './table-mirror';
import type { Violations } from './violations';

export class ReadInvariants {
  /** What stood there when it was asked for. */
  readonly #asked = new WeakMap<PortCall, { readonly there: readonly string[] | number; readonly reloads: number }>();

  constructor(
    private readonly violations: Violations,
    private readonly mirror: TableMirror,
  ) {}

  asked(call: PortCall): void {
    const there = this.#whatIsThere(call);
    if (there !== undefined) this.#asked.set(call, { there, reloads: this.mirror.reloads });
  }

  answered(call: PortCall, value: unknown): void {
    const asked = this.#asked.get(call);
    if (asked === undefined || asked.reloads !== this.mirror.reloads) return;
    const { there } = asked;
    if (typeof there === 'number') {
      const ids = (value as Uint8Array).length / EVENT_ID_BYTES;
      if (ids < there) this.violations.add('complete reads', `${ids} of ${there} event ids of ${call.args[1]} came`);
      return;
    }
    const came = new Set(
      call.method === 'readCaseRecords'
        ? (value as Map<string, CaseRecord>).keys()
        : (value as RetryEntry[]).map(({ caseId }) => caseId),
    );
    const isMissing = (id: string) => !came.has(id) && (call.method === 'readCaseRecords' || this.#isOpen(id));
    const missing = there.filter(isMissing);
    if (missing.length > 0) this.violations.add('complete reads', `${call.method} left out ${missing.join(', ')}`);
  }

  #whatIsThere({ method, args: [, subject] }: PortCall): readonly string[] | number | undefined {
    const { heads, retries } = this.mirror;
    if (method === 'readCaseRecords') return (subject as string[]).filter((caseId) => heads.has(caseId));
    if (method === 'readEventIds') return this.mirror.countOf(String(subject));
    if (method === 'readOpenRetries') return [...retries.keys()].filter((id) => this.#isOpen(id));
    return undefined;
  }

  #isOpen(caseId: string): boolean {
    return this.mirror.retries.get(caseId)?.closed === false;
  }
}

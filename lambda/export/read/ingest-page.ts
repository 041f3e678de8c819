import { commitBatch } from '../commit/commit';
import type { AuditEvent } from '../domain/audit-event';
import type { NewEvent } from '../domain/batch';
import type { FieldChange } from '../domain/columns';
import { estimateBytes, eventKey, type Flattened, flattenEvent, rawEvent } from '../domain/flatten';
import { selectValues } from '../domain/labels';
import { ledgerId } from '../domain/ledger';
import type { QuarantinedEvent } from '../domain/quarantine';
import type { Run } from '../run/run';
import type { Reading } from './reading';

/** The new events of a page enter the batch; one that is full is committed first. The caller holds the batch lock. */
export async function ingestPage(run: Run, reading: Reading, events: readonly (AuditEvent | null)[]): Promise<void> {
  const fresh = events
    .filter((event) => event !== null)
    .filter((event) => !reading.known.has(ledgerId(eventKey(event))));
  if (fresh.length === 0) return;
  await run.fieldNames.ensure(fresh.flatMap(fieldIdsOf));
  await run.labels.ensure(selectValues(fresh, run.fieldNames.dictionary), reading.task.templateId);
  for (const event of fresh) {
    const added = toNewEvent(run, reading, event);
    if (added === null) continue;
    if (!run.batch.fits(added)) await commitBatch(run);
    run.batch.add(added);
    reading.known.add(added.ledgerId);
    reading.task.observer?.newEvent(event);
    reading.newSinceRestart = true;
  }
}

export function fieldIdsOf(event: AuditEvent): string[] {
  if (!Array.isArray(event.fields)) return [];
  return event.fields.flatMap((field: { eventFieldId?: unknown } | null) =>
    typeof field?.eventFieldId === 'string' ? field.eventFieldId : [],
  );
}

/** Null where the event came twice on the page, or lacks the list that it must have and so does not count as seen. */
function toNewEvent(run: Run, reading: Reading, event: AuditEvent): NewEvent | null {
  const key = eventKey(event);
  const id = ledgerId(key);
  if (reading.known.has(id)) return null;
  const { caseId, templateId } = reading.task;
  const flattened = flattenEvent(event, caseId, templateId, run.fieldNames.dictionary);
  if (flattened.kind === 'incomplete') {
    reading.incomplete = true;
    return null;
  }
  const quarantined = quarantine(run, caseId, key, event, flattened);
  const changes = flattened.kind === 'rows' ? flattened.rows : [];
  if (flattened.kind === 'rows') run.counters.add('nullElements', flattened.nullFields);
  return { caseId, ledgerId: id, changes, quarantined, bytes: bytesOf(changes, quarantined) };
}

function quarantine(
  run: Run,
  caseId: string,
  key: string,
  event: AuditEvent,
  flattened: Flattened,
): QuarantinedEvent | null {
  const emitted = flattened.kind === 'rows';
  if (emitted && !flattened.altered) return null;
  const reason = flattened.kind === 'rows' ? 'a string with a lone surrogate, written as U+FFFD' : flattened.reason;
  run.counters.anomaly(emitted ? 'text-altered' : 'event-quarantined', { caseId, reason });
  return { caseId, eventKey: key, reason, emitted, event: rawEvent(event) };
}

export function bytesOf(changes: readonly FieldChange[], quarantined: QuarantinedEvent | null): number {
  let bytes = quarantined === null ? 0 : Buffer.byteLength(JSON.stringify(quarantined));
  for (const change of changes) bytes += estimateBytes(change);
  return bytes;
}

/** A domain in which everything happens that an archive can hold, exported by the exporter's own code over in-memory ports. */
import { CasesCallError } from '../../../lambda/export/domain/errors';
import { exportDomain } from '../../../lambda/export/export';
import type { CheckpointStore, EncodeRows, ObjectStore } from '../../../lambda/export/ports';
import { readSettings } from '../../../lambda/export/settings';
import { createFakeCases } from '../../fakes/cases-api';
import { createManualClock } from '../../fakes/manual-clock';

export const DOMAIN = 'domain-1';
export const START = Date.UTC(2026, 0, 10, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const nothing = () => undefined;

interface Ports {
  readonly objects: ObjectStore;
  readonly checkpoints: CheckpointStore;
  readonly encodeRows: EncodeRows;
}

/** Eight ticks or more, an hour apart: rows, a quarantined event, a case that is deleted, and silence. */
export async function exportSmallDomain(ports: Ports): Promise<void> {
  const clock = createManualClock({ start: START, auto: true });
  const lost = new Set<string>();
  const cases = createFakeCases({
    domainId: DOMAIN,
    now: () => clock.now(),
    before(operation, request) {
      if (operation !== 'getCaseAuditEvents' || !lost.has((request as { caseId: string }).caseId)) return;
      throw new CasesCallError('no such case', 'not-found', 'GetCaseAuditEvents');
    },
  });
  let runs = 0;
  const tick = async () => {
    clock.advance(HOUR);
    const endsAt = clock.monotonic() + 15 * MINUTE;
    const deps = {
      ...ports,
      cases,
      clock,
      telemetry: { info: nothing, warn: nothing, error: nothing, metrics: nothing },
      newRunId: () => `run-${++runs}`,
      newSeed: () => Buffer.alloc(32, 7),
      signers: [],
      settings: readSettings({ EXPORT_BUCKET: 'archive', CHECKPOINT_TABLE: 'table' }),
      build: { bundleSha256: 'b'.repeat(64), settingsSha256: 'c'.repeat(64) },
    };
    await exportDomain(deps as Parameters<typeof exportDomain>[0], DOMAIN, () => endsAt - clock.monotonic());
  };
  const before = () => clock.now() - 10 * MINUTE;
  for (let index = 1; index <= 4; index += 1) cases.addCase(`case-${index}`, START - index * HOUR);
  cases.updateCase('case-1', START - HOUR / 2);
  await tick();
  cases.updateCase('case-2', before());
  cases.addRelatedItem('case-3', before());
  await tick();
  cases.updateCase('case-3', before());
  // No row can hold an event without a time.
  cases.cases
    .get('case-3')
    ?.events.push({ eventId: 'event-bad', type: 'Case.Updated', performedTime: null, fields: [] } as never);
  await tick();
  await tick();
  cases.updateCase('case-4', before());
  lost.add('case-4');
  await tick();
  cases.deleteCase('case-4');
  await tick();
  cases.updateCase('case-1', before());
  cases.updateCase('case-2', before());
  await tick();
  await tick();
}

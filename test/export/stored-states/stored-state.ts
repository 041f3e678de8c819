/** A recorded world as text, and back: what the service knew, and what the exporter had stored. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import type { FieldDefinition } from '../../../lambda/export/domain/fields';
import type { TableKey } from '../../../lambda/export/domain/keys';
import { SCHEMA_VERSION } from '../../../lambda/export/domain/stored-items';
import type { BucketRole, FoundRelatedItem } from '../../../lambda/export/ports';
import type { FakeCase } from '../../fakes/cases-api';
import { createWorld, START, type World, type WorldOptions } from '../../support/world';

/** Moments in the life of a domain at which another version takes over (`record.ts`). Forms from before `owing` lack it. */
export const MOMENTS = ['at-rest', 'half-published', 'half-read', 'killed', 'owing', 'unpublished'] as const;

export type Moment = (typeof MOMENTS)[number];

/** A form of the stored items, and a moment. */
export interface Recorded {
  /** `v<schema version>/<name>` */
  readonly form: string;
  readonly moment: Moment;
}

/** Every form of this and of each earlier version of the stored items, at every moment that was recorded of it. */
export function recordedStates(): Recorded[] {
  const versions = Array.from({ length: SCHEMA_VERSION }, (_, index) => `v${index + 1}`);
  const forms = versions.flatMap((version) =>
    readdirSync(join(__dirname, version)).map((form) => `${version}/${form}`),
  );
  return forms.flatMap((form) => {
    const recorded = new Set(readdirSync(join(__dirname, form)));
    return MOMENTS.filter((moment) => recorded.has(`${moment}.ndjson`)).map((moment) => ({ form, moment }));
  });
}

/** A world in which the recorded moment is now. */
export function restoreWorld({ form, moment }: Recorded, options: WorldOptions): World {
  const world = createWorld(options);
  restoreStored(world, readFileSync(join(__dirname, form, `${moment}.ndjson`), 'utf8'));
  return world;
}

/** Dates as ISO 8601, bytes of items as base64, objects as text. */
interface Stored {
  readonly at: string;
  readonly service: {
    readonly fields: readonly FieldDefinition[];
    readonly cases: readonly FakeCase[];
    readonly relatedItems: readonly FoundRelatedItem[];
  };
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly objects: Readonly<Record<BucketRole, Readonly<Record<string, string>>>>;
}

/** One line of JSON. */
export function encodeStored({ clock, cases, checkpoints, objects }: World): string {
  const texts = (bucket: BucketRole) =>
    Object.fromEntries(
      objects.keys(bucket).map((key) => [key, Buffer.from(objects.buckets[bucket].get(key) ?? []).toString()]),
    );
  const stored: Stored = {
    at: new Date(clock.now()).toISOString(),
    service: {
      fields: [...cases.fields.values()],
      cases: [...cases.cases.values()],
      relatedItems: cases.relatedItems,
    },
    items: checkpoints.items().map(({ ids, ...item }) => ({
      ...item,
      ...(ids instanceof Uint8Array && { ids: Buffer.from(ids).toString('base64') }),
    })),
    objects: { archive: texts('archive'), work: texts('work') },
  };
  return `${JSON.stringify(stored)}\n`;
}

/** Puts what was recorded into an empty world, and sets its clock. */
function restoreStored(world: World, text: string): void {
  const { at, service, items, objects } = JSON.parse(text) as Stored;
  world.clock.advance(Date.parse(at) - START);
  for (const field of service.fields) world.cases.fields.set(field.fieldId, field);
  for (const one of service.cases) world.cases.cases.set(one.caseId, { ...one, events: one.events.map(revived) });
  world.cases.relatedItems.push(...service.relatedItems);
  for (const { ids, ...item } of items) {
    const bytes = typeof ids === 'string' ? { ids: new Uint8Array(Buffer.from(ids, 'base64')) } : {};
    world.checkpoints.setItem({ ...(item as Readonly<Record<string, unknown>> & TableKey), ...bytes });
  }
  for (const role of ['archive', 'work'] as const) {
    for (const [key, content] of Object.entries(objects[role]))
      world.objects.buckets[role].set(key, Buffer.from(content));
  }
}

function revived(event: AuditEvent | null): AuditEvent | null {
  return event && { ...event, performedTime: new Date(event.performedTime as unknown as string) };
}

import { InvalidInputError, quote } from './domain/errors';

/** Letters, digits, `.`, `_`, `-`: safe in an S3 key, a partition value and a URL path. */
const DOMAIN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** The task of an invocation. Schedules ask for the export; operators ask for the other tasks (runbook). */
type Task =
  | { readonly kind: 'export' }
  | { readonly kind: 'replay-quarantine' }
  | { readonly kind: 'void-commit'; readonly seq: number };

/**
 * Reads the Cases domain of an invocation and its task: `{"domainId": "…"}` exports; an operator adds `"task":
 * "replay-quarantine"`, or `"task": "void-commit", "seq": 7`. Other members of the event are ignored.
 * @throws InvalidInputError with the received and the expected event.
 */
export function readEvent(event: unknown): { readonly domainId: string; readonly task: Task } {
  return { domainId: readDomainId(event), task: readTask(event) };
}

function readTask(event: unknown): Task {
  const { task, seq } = event as { task?: unknown; seq?: unknown };
  if (task === undefined || task === null) return { kind: 'export' };
  if (task === 'replay-quarantine') return { kind: task };
  if (task === 'void-commit' && typeof seq === 'number' && Number.isSafeInteger(seq) && seq > 0)
    return { kind: task, seq };
  throw new InvalidInputError(
    `The event asks for an unknown task: received task ${describe(task)} with seq ${describe(seq)}, expected no task, ` +
      '"replay-quarantine", or "void-commit" with the number of the commit as seq. Nothing was done.',
  );
}

function readDomainId(event: unknown): string {
  const domainId = typeof event === 'object' && event !== null && 'domainId' in event ? event.domainId : undefined;
  if (typeof domainId === 'string' && DOMAIN_ID.test(domainId)) {
    return domainId;
  }
  throw new InvalidInputError(
    `The event is not {"domainId": "…"} with the id of an Amazon Connect Cases domain: received ${describe(event)}, ` +
      `expected a domainId of 1 to 200 letters, digits, ".", "_" or "-" that begins with a letter or ` +
      'digit. Correct the input of the schedule, or of the call.',
  );
}

/** Formats the type of a value and its JSON. */
function describe(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  return `${Array.isArray(value) ? 'array' : typeof value} ${quote(value)}`;
}

import { join } from 'node:path';
import { readText } from '../../lib/text-file';

const RUNBOOK = join(__dirname, '../../docs/runbook.md');

interface LogQuery {
  /** Fields of the log line that the query shows; CloudWatch's own (`@timestamp`) are left out. */
  readonly fields: readonly string[];
  /** Lines of the log that it finds, in order. */
  find(logs: readonly string[]): Readonly<Record<string, unknown>>[];
}

/** The first CloudWatch Logs Insights query of the runbook, as far as its `fields` and its `filter level in [...]` go. */
export function firstQueryOfRunbook(): LogQuery {
  const query = /```\n(fields [^`]*)```/.exec(readText(RUNBOOK))?.[1] ?? '';
  const fields = /^fields (.*)$/m.exec(query)?.[1]?.split(', ') ?? [];
  const levels: unknown = JSON.parse(/^\| filter level in (\[.*\])$/m.exec(query)?.[1] ?? '[]');
  return {
    fields: fields.filter((name) => !name.startsWith('@')),
    find: (logs) =>
      logs
        .filter((line) => line.startsWith('{'))
        .map((line): Record<string, unknown> => JSON.parse(line))
        .filter(({ level }) => Array.isArray(levels) && levels.includes(level)),
  };
}

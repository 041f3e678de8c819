import { type NoteKey, parseSigningKeys } from '../export/domain/note-keys';

/** What the check is told from outside. */
export interface VerifySettings {
  readonly archiveBucket: string;
  readonly checkpointTable: string;
  /** Where its own state and reports lie. */
  readonly stateBucket: string;
  /** Ends with a slash. */
  readonly statePrefix: string;
  /** Ids of the domains that are exported. */
  readonly domains: readonly string[];
  /** Ids of those that were: their commits may be older than the keys. */
  readonly retiredDomains: readonly string[];
  /** Days after which the archive lets objects expire; null where it keeps them. */
  readonly expirationDays: number | null;
  /** Keys that sign; without any, notes are unsigned by choice. */
  readonly keys: readonly NoteKey[];
}

const REQUIRED = ['EXPORT_BUCKET', 'CHECKPOINT_TABLE', 'STATE_BUCKET', 'STATE_PREFIX', 'DOMAINS'] as const;

/**
 * Reads the settings as the stack sets them.
 * @throws Error that names every variable that is missing; InvalidInputError for keys that are none.
 */
export function readVerifySettings(env: Readonly<Record<string, string | undefined>>): VerifySettings {
  const missing = REQUIRED.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new Error(
      `${missing.join(', ')}: missing, expected as the stack sets them; nothing was checked. Deploy it again.`,
    );
  }
  const of = (name: (typeof REQUIRED)[number]) => env[name] ?? '';
  const keys = env['SIGNING_KEYS'];
  return {
    archiveBucket: of('EXPORT_BUCKET'),
    checkpointTable: of('CHECKPOINT_TABLE'),
    stateBucket: of('STATE_BUCKET'),
    statePrefix: of('STATE_PREFIX'),
    domains: listOf(of('DOMAINS')),
    retiredDomains: listOf(env['RETIRED_DOMAINS'] ?? ''),
    expirationDays: Number(env['EXPIRATION_DAYS'] ?? 0) || null,
    keys: keys ? parseSigningKeys(keys).map(({ key }) => key) : [],
  };
}

function listOf(text: string): string[] {
  return text.split(',').filter((id) => id !== '');
}

/** A table over JSON files: one object a file, the domain in its path. */
export interface JsonTable {
  readonly name: 'manifest_files' | 'dictionary_files';
  /** Members of the objects with their DuckDB types, as `lambda/export/domain` writes them. */
  readonly columns: Readonly<Record<string, string>>;
}

const SWEEP = struct({
  number: 'BIGINT',
  purpose: 'VARCHAR',
  startedAt: 'BIGINT',
  anchor: 'BIGINT',
  finishedAt: 'BIGINT',
  exportFrom: 'BIGINT',
  totalCount: 'BIGINT',
  casesFound: 'BIGINT',
});

/** The manifests and the dictionaries of an archive. Members that no view reads are left out. */
export const JSON_TABLES: readonly JsonTable[] = [
  {
    name: 'manifest_files',
    columns: {
      version: 'INTEGER',
      seq: 'BIGINT',
      previousSha256: 'VARCHAR',
      runId: 'VARCHAR',
      exportDate: 'VARCHAR',
      exportedAt: 'VARCHAR',
      lanes: struct({
        live: struct({ watermark: 'BIGINT', provenUntil: 'BIGINT' }),
        related: struct({ watermark: 'BIGINT' }),
        sweep: SWEEP,
      }),
      livePassFinished: 'BOOLEAN',
      counts: struct({
        calls: 'MAP(VARCHAR, BIGINT)',
        casesFound: 'BIGINT',
        casesRead: 'BIGINT',
        pages: 'BIGINT',
        events: 'BIGINT',
        rows: 'BIGINT',
        quarantined: 'BIGINT',
        replayed: 'BIGINT',
        nullElements: 'BIGINT',
        anomalies: 'BIGINT',
        totalCount: 'BIGINT',
      }),
      objects: list({
        key: 'VARCHAR',
        sha256: 'VARCHAR',
        bytes: 'BIGINT',
        rows: 'BIGINT',
        firstPerformedTime: 'VARCHAR',
        lastPerformedTime: 'VARCHAR',
      }),
      gaps: list({ caseId: 'VARCHAR', cause: 'VARCHAR', since: 'VARCHAR', attempts: 'BIGINT' }),
      debts: list({
        cause: 'VARCHAR',
        cases: 'BIGINT',
        neverRead: 'BIGINT',
        since: 'BIGINT',
        missingFrom: 'BIGINT',
      }),
      history: struct({
        sweepNumber: 'BIGINT',
        startedAt: 'BIGINT',
        finishedAt: 'BIGINT',
        exportFrom: 'BIGINT',
        casesFound: 'BIGINT',
        casesNotFound: 'BIGINT',
      }),
      unexplainedTouches: 'BIGINT',
      changedUpstream: 'VARCHAR[]',
      halfRead: list({ caseId: 'VARCHAR' }),
      waiting: list({
        caseId: 'VARCHAR',
        templateId: 'VARCHAR',
        touched: 'BIGINT',
        lastUpdated: 'BIGINT',
        since: 'BIGINT',
        missingFrom: 'BIGINT',
        neverRead: 'BOOLEAN',
      }),
      openQuarantine: 'BIGINT',
      gone: 'VARCHAR[]',
      voids: struct({ sha256: 'VARCHAR', runId: 'VARCHAR', at: 'VARCHAR' }),
      bundleSha256: 'VARCHAR',
      settingsSha256: 'VARCHAR',
    },
  },
  {
    name: 'dictionary_files',
    columns: {
      version: 'INTEGER',
      seq: 'BIGINT',
      fields: list({
        fieldId: 'VARCHAR',
        name: 'VARCHAR',
        type: 'VARCHAR',
        namespace: 'VARCHAR',
        deleted: 'BOOLEAN',
      }),
      options: list({
        fieldId: 'VARCHAR',
        asOf: 'VARCHAR',
        options: list({ value: 'VARCHAR', name: 'VARCHAR', active: 'BOOLEAN' }),
      }),
      templates: struct({
        asOf: 'VARCHAR',
        templates: list({ templateId: 'VARCHAR', name: 'VARCHAR', status: 'VARCHAR' }),
      }),
    },
  },
];

function struct(members: Readonly<Record<string, string>>): string {
  return `STRUCT(${Object.entries(members)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(', ')})`;
}

function list(members: Readonly<Record<string, string>>): string {
  return `${struct(members)}[]`;
}

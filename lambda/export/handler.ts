/** Wiring only: settings and adapters at the first invocation, the workflow at every one. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createCasesApi, createCasesClient } from './aws/cases-api';
import { createCheckpointStore } from './aws/checkpoint-store';
import { createClock } from './aws/clock';
import { createKmsSigners } from './aws/kms-signer';
import { createObjectStore, createS3Client } from './aws/object-store';
import { createDynamoDBClient, createTableRequests } from './aws/table-requests';
import { createTelemetry } from './aws/telemetry';
import { sha256 } from './domain/stored-form';
import { readEvent } from './event';
import { exportDomain } from './export';
import { replayDomain } from './operate/replay';
import { voidCommit } from './operate/void';
import { encodeRows } from './parquet/encode';
import { rowFiles } from './parquet/row-files';
import { type ExportAnswer, reportFailure } from './run/invocation';
import type { Dependencies } from './run/run';
import { readSettings, type Settings, settingsHash } from './settings';

interface InvocationContext {
  readonly getRemainingTimeInMillis: () => number;
}

/** The ids of a run, as soon as they are known: for the log line, should it fail. */
interface Ids {
  domainId?: string;
  runId?: string;
}

let wired: { readonly environment: string; readonly deps: Dependencies } | undefined;

/**
 * Entry point of the Lambda function. Event `{"domainId": "…"}`, or an operator's task (`readEvent`); of the context it
 * needs only `getRemainingTimeInMillis`. A failed run also writes a log line of level ERROR.
 * @throws InvalidInputError for a malformed event or settings, before anything is read or written.
 */
export async function handler(event: unknown, context: InvocationContext): Promise<ExportAnswer> {
  const ids: Ids = {};
  try {
    return await perform(event, context, ids);
  } catch (error) {
    reportFailure(createTelemetry(), error, ids);
    throw error;
  }
}

function perform(event: unknown, context: InvocationContext, ids: Ids): Promise<ExportAnswer> {
  const { newRunId, ...rest } = dependencies(process.env);
  const { domainId, task } = readEvent(event);
  ids.domainId = domainId;
  const deps: Dependencies = {
    ...rest,
    newRunId: () => {
      ids.runId = newRunId();
      return ids.runId;
    },
  };
  const remainingMs = () => context.getRemainingTimeInMillis();
  switch (task.kind) {
    case 'export':
      return exportDomain(deps, domainId, remainingMs);
    case 'replay-quarantine':
      return replayDomain(deps, domainId, remainingMs);
    case 'void-commit':
      return voidCommit({ ...deps, rowFiles }, { domainId, seq: task.seq }, remainingMs);
  }
}

/** Wired once, and again only if the settings or the endpoints change, which happens only outside Lambda. */
function dependencies(env: NodeJS.ProcessEnv): Dependencies {
  const settings = readSettings(env);
  const endpoints = Object.entries(env).filter(
    ([name]) => name === 'AWS_REGION' || name.startsWith('AWS_ENDPOINT_URL'),
  );
  const environment = JSON.stringify([settings, endpoints.sort()]);
  if (wired?.environment !== environment) wired = { environment, deps: wire(settings) };
  return wired.deps;
}

function wire(settings: Settings): Dependencies {
  return {
    settings,
    cases: createCasesApi(createCasesClient()),
    objects: createObjectStore({
      client: createS3Client(),
      buckets: { archive: settings.exportBucket, work: settings.stagingBucket },
    }),
    checkpoints: createCheckpointStore({
      requests: createTableRequests(createDynamoDBClient(), settings.checkpointTable),
    }),
    encodeRows,
    clock: createClock(),
    telemetry: createTelemetry(),
    newRunId: randomUUID,
    newSeed: () => randomBytes(32),
    signers: createKmsSigners(settings.signingKeys),
    build: { bundleSha256: sha256(readFileSync(__filename)), settingsSha256: settingsHash(settings) },
  };
}

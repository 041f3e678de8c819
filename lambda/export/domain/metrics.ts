/**
 * Metric names, shared by the function that emits them and the alarms that watch them. At most six per domain, and one
 * more with a signing key, because each costs money.
 */
export const METRIC_NAMESPACE = 'ConnectCasesAuditExport';
export const METRIC_DIMENSION = 'domainId';

export const METRICS = {
  /** Age of the live watermark in seconds at the end of the run. */
  watermarkAge: 'WatermarkAgeSeconds',
  /** Cases and events owed beyond the ordinary (`countAlarmingDebts`). */
  openDebts: 'OpenDebts',
  /** Age of the newest signed commit note in seconds at the end of the run; only where a signing key is configured. */
  signedNoteAge: 'SignedNoteAgeSeconds',
  /** Commits made but not wholly published at the end of the run: 0 or 1. */
  unpublishedCommits: 'UnpublishedCommits',
  throttledCalls: 'ThrottledCalls',
  eventsExported: 'EventsExported',
  /**
   * Survived events that should not happen: null elements, unsorted pages, refused tokens, a clock off by a minute …
   */
  anomalies: 'Anomalies',
} as const;

/** Dimension of the scheduled check of a whole archive: the archive's bucket. */
export const CHECK_DIMENSION = 'archive';
export const CHECK_METRICS = {
  /**
   * Findings that contradict the manifests; 0 where the archive is sound. Only a check that reached its end emits it.
   */
  contradictions: 'ArchiveContradictions',
} as const;

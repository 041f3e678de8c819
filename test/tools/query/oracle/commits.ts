/** What the manifests say, and what the queries over them should. */
import type { Manifest } from '../../../../lambda/export/domain/manifest';
import { type Cell, groupBy, pick, type Row, rounded, timeCell } from './canonical';
import { fieldDictionary } from './dictionary';
import type { DomainFacts, Facts } from './facts';
import { ms } from './versions';

export function exportCommits({ domains }: Facts): Row[] {
  return domains.flatMap((domain) => domain.manifests.map((manifest) => commitRow(domain, manifest)));
}

function commitRow({ domainId, manifests }: DomainFacts, manifest: Manifest): Row {
  const { lanes, counts, objects, debts, history = null } = manifest;
  const { sweep } = lanes;
  const firstSweep = manifests
    .filter(({ seq }) => seq <= manifest.seq)
    .find(({ lanes: { sweep: each } }) => each?.number === 1 && each.finishedAt !== null);
  const times = objects.flatMap(({ firstPerformedTime, lastPerformedTime }) => [
    firstPerformedTime ?? [],
    lastPerformedTime ?? [],
  ]);
  const [firstTime = null, lastTime = null] = [times.flat().sort().at(0), times.flat().sort().at(-1)];
  return {
    domain_id: domainId,
    commit_seq: manifest.seq,
    run_id: manifest.runId,
    export_date: manifest.exportDate,
    exported_at: manifest.exportedAt,
    live_watermark: timeCell(lanes.live.watermark),
    live_proven_until: timeCell(lanes.live.provenUntil),
    related_watermark: timeCell(lanes.related.watermark),
    live_pass_finished: manifest.livePassFinished,
    first_sweep_finished_at: timeCell(firstSweep?.lanes.sweep?.finishedAt),
    history_finished: history !== null && sweep !== null && (sweep.purpose === 'check' || sweep.finishedAt !== null),
    history_scan_number: history?.sweepNumber ?? null,
    history_scan_started_at: timeCell(history?.startedAt),
    history_scan_finished_at: timeCell(history?.finishedAt),
    history_cases_found: history?.casesFound ?? null,
    cases_not_found: history?.casesNotFound ?? null,
    export_from: timeCell(history?.exportFrom ?? sweep?.exportFrom),
    sweep_number: sweep?.number ?? null,
    sweep_purpose: sweep?.purpose ?? null,
    sweep_started_at: timeCell(sweep?.startedAt),
    sweep_finished_at: timeCell(sweep?.finishedAt),
    sweep_cases_found: sweep?.casesFound ?? null,
    sweep_total_count: sweep?.totalCount ?? null,
    cases_found: counts.casesFound,
    cases_read: counts.casesRead,
    pages: counts.pages,
    events: counts.events,
    rows_written: counts.rows,
    quarantined: counts.quarantined,
    replayed: counts.replayed,
    null_elements: counts.nullElements,
    anomalies: counts.anomalies,
    calls: sumOf(Object.values(counts.calls)),
    bytes: sumOf(objects.map(({ bytes }) => bytes)),
    first_performed_time: firstTime,
    last_performed_time: lastTime,
    account_kept: debts !== undefined,
    open_debts: debts === undefined ? null : sumOf(debts.map(({ cases }) => cases)),
    debts_never_read: debts === undefined ? null : sumOf(debts.map(({ neverRead }) => neverRead)),
    debts_since:
      debts === undefined || debts.length === 0 ? null : timeCell(Math.min(...debts.map(({ since }) => since))),
    open_gaps:
      debts === undefined
        ? manifest.gaps.length
        : sumOf(debts.filter(({ cause }) => !BESIDE_THE_LIST.has(cause)).map(({ cases }) => cases)),
    half_read_cases: manifest.halfRead?.length ?? 0,
    open_quarantine: manifest.openQuarantine,
    unexplained_touches: manifest.unexplainedTouches ?? null,
    changed_upstream: manifest.changedUpstream?.length ?? 0,
    gone_cases: manifest.gone.length,
    voided: manifest.voids !== null,
    previous_sha256: manifest.previousSha256,
    bundle_sha256: manifest.bundleSha256,
    settings_sha256: manifest.settingsSha256,
  };
}

/** Causes of debts that are not on the retry list. */
const BESIDE_THE_LIST: ReadonlySet<string> = new Set(['waiting', 'partly-read', 'not-shown']);

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

export function exportGaps({ domains }: Facts): Row[] {
  return domains.flatMap(({ domainId, manifests }) =>
    manifests.flatMap(({ seq, exportedAt, gaps }) =>
      gaps.map(({ caseId, cause, since, attempts }) => ({
        domain_id: domainId,
        commit_seq: seq,
        exported_at: exportedAt,
        case_id: caseId,
        cause,
        since,
        attempts,
      })),
    ),
  );
}

export function freshness(facts: Facts): Row[] {
  return groupBy(exportCommits(facts), (commit) => commit['domain_id']).map((commits) => {
    const newest = newestOf(commits);
    const changeTimes = commits
      .map((commit) => ms(commit['last_performed_time']))
      .filter((time) => !Number.isNaN(time));
    const behindMs = ms(newest['exported_at']) - ms(newest['live_watermark']);
    return {
      ...pick(newest, ['domain_id', 'live_watermark', 'related_watermark', 'history_finished', 'open_gaps']),
      ...pick(newest, ['open_debts', 'half_read_cases', 'open_quarantine']),
      newest_commit_time: newest['exported_at'] ?? null,
      minutes_behind_then: Number.isNaN(behindMs) ? null : rounded(behindMs / 60_000),
      newest_change_time: changeTimes.length === 0 ? null : timeCell(Math.max(...changeTimes)),
      commits: commits.length,
      total_rows: commits.reduce((total, commit) => total + Number(commit['rows_written']), 0),
    };
  });
}

export function rowsPerCommit(facts: Facts): Row[] {
  return exportCommits(facts).map((commit) => ({
    ...pick(commit, ['domain_id', 'commit_seq', 'exported_at', 'cases_found', 'cases_read', 'events', 'rows_written']),
    ...pick(commit, ['bytes', 'calls', 'quarantined', 'open_gaps', 'live_watermark']),
  }));
}

export function openGaps(facts: Facts): Row[] {
  const isNewest = newestIn(facts);
  return exportGaps(facts)
    .filter(isNewest)
    .map(({ commit_seq, exported_at, ...gap }) => ({ ...gap, as_of: exported_at ?? null }));
}

/** Whether a row is of the newest commit of its domain. */
export function newestIn(facts: Facts): (row: Row) => boolean {
  const newest = new Set(
    groupBy(exportCommits(facts), (commit) => commit['domain_id']).map((commits) => {
      const { domain_id, commit_seq } = newestOf(commits);
      return `${domain_id} ${commit_seq}`;
    }),
  );
  return ({ domain_id, commit_seq }) => newest.has(`${domain_id} ${commit_seq}`);
}

export function fieldHistory(facts: Facts): Row[] {
  const all = fieldDictionary(facts);
  const timeOf = (domainId: Cell | undefined, seq: Cell | undefined) =>
    facts.domains.find((domain) => domain.domainId === domainId)?.manifests.find((manifest) => manifest.seq === seq)
      ?.exportedAt ?? null;
  return all.map((entry) => {
    const { domain_id, field_id, from_seq, to_seq, name, type, deleted } = entry;
    const now = all.find(
      (each) => each['domain_id'] === domain_id && each['field_id'] === field_id && each['to_seq'] === null,
    );
    return {
      domain_id: domain_id ?? null,
      field_id: field_id ?? null,
      name_then: name ?? null,
      type: type ?? null,
      deleted_then: deleted ?? null,
      from_seq: from_seq ?? null,
      from_time: timeOf(domain_id, from_seq),
      to_seq: to_seq ?? null,
      to_time: timeOf(domain_id, to_seq),
      name_now: now?.['name'] ?? null,
      deleted_now: now?.['deleted'] ?? null,
    };
  });
}

function newestOf(commits: readonly Row[]): Row {
  const [newest] = [...commits].sort((a, b) => Number(b['commit_seq']) - Number(a['commit_seq']));
  if (newest === undefined) throw new Error('a domain without commits');
  return newest;
}

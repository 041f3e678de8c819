/** What the manifests say, and what the queries over them should. */
import type { Manifest } from '../../../../lambda/export/domain/manifest';
import { type Cell, groupBy, pick, type Row, rounded, timeCell } from './canonical';
import { fieldDictionary } from './dictionary';
import type { DomainFacts, Facts } from './facts';
import { ms } from './versions';

const DAY_MS = 86_400_000;

export function exportCommits({ domains }: Facts): Row[] {
  return domains.flatMap((domain) => domain.manifests.map((manifest) => commitRow(domain, manifest)));
}

function commitRow({ domainId, manifests }: DomainFacts, manifest: Manifest): Row {
  const { lanes, counts, objects } = manifest;
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
    related_watermark: timeCell(lanes.related.watermark),
    live_pass_finished: manifest.livePassFinished,
    first_sweep_finished_at: timeCell(firstSweep?.lanes.sweep?.finishedAt),
    history_finished: sweep !== null && (sweep.purpose === 'check' || sweep.finishedAt !== null),
    sweep_number: sweep?.number ?? null,
    sweep_purpose: sweep?.purpose ?? null,
    sweep_started_at: timeCell(sweep?.startedAt),
    sweep_finished_at: timeCell(sweep?.finishedAt),
    cases_found: counts.casesFound,
    cases_read: counts.casesRead,
    pages: counts.pages,
    events: counts.events,
    rows_written: counts.rows,
    quarantined: counts.quarantined,
    replayed: counts.replayed,
    null_elements: counts.nullElements,
    anomalies: counts.anomalies,
    calls: Object.values(counts.calls).reduce((total, calls) => total + calls, 0),
    bytes: objects.reduce((total, object) => total + object.bytes, 0),
    first_performed_time: firstTime,
    last_performed_time: lastTime,
    open_gaps: manifest.gaps.length,
    half_read_cases: manifest.halfRead?.length ?? 0,
    open_quarantine: manifest.openQuarantine,
    gone_cases: manifest.gone.length,
    voided: manifest.voids !== null,
    previous_sha256: manifest.previousSha256,
    bundle_sha256: manifest.bundleSha256,
    settings_sha256: manifest.settingsSha256,
  };
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
      ...pick(newest, ['half_read_cases', 'open_quarantine']),
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
  const newest = new Set(
    groupBy(exportCommits(facts), (commit) => commit['domain_id']).map((commits) => {
      const { domain_id, commit_seq } = newestOf(commits);
      return `${domain_id} ${commit_seq}`;
    }),
  );
  return exportGaps(facts)
    .filter(({ domain_id, commit_seq }) => newest.has(`${domain_id} ${commit_seq}`))
    .map(({ commit_seq, exported_at, ...gap }) => ({ ...gap, as_of: exported_at ?? null }));
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

export function periodComplete(facts: Facts, lastDay: string): Row[] {
  const end = Date.parse(`${lastDay}T00:00:00Z`) + DAY_MS;
  return groupBy(exportCommits(facts), (commit) => commit['domain_id']).map((commits) => {
    const newest = newestOf(commits);
    const covered = commits.map((commit) => ({
      seq: Number(commit['commit_seq']),
      until: Math.min(ms(commit['live_watermark']), ms(commit['related_watermark'])),
    }));
    const passed = covered.filter(({ until }) => until >= end).map(({ seq }) => seq);
    const known = covered.map(({ until }) => until).filter((until) => !Number.isNaN(until));
    const numbers = new Set(covered.map(({ seq }) => seq));
    const missing = Math.max(...numbers) - numbers.size;
    const unlinked = commits.filter((commit) => (commit['commit_seq'] === 1) !== (commit['previous_sha256'] === null));
    const open = pick(newest, ['open_gaps', 'half_read_cases', 'open_quarantine']);
    const holes = missing + unlinked.length;
    const isClean = [...Object.values(open), holes].every((count) => count === 0);
    return {
      ...pick(newest, ['domain_id', 'history_finished']),
      ...open,
      is_complete: passed.length > 0 && newest['history_finished'] === true && isClean,
      watermark_passed: passed.length > 0,
      holes_in_chain: holes,
      watermark: known.length === 0 ? null : timeCell(Math.max(...known)),
      passed_with_commit: passed.length === 0 ? null : Math.min(...passed),
      as_of: newest['exported_at'] ?? null,
    };
  });
}

function newestOf(commits: readonly Row[]): Row {
  const [newest] = [...commits].sort((a, b) => Number(b['commit_seq']) - Number(a['commit_seq']));
  if (newest === undefined) throw new Error('a domain without commits');
  return newest;
}

/** What is owed, and whether a period is complete. */
import { judgePeriod } from '../../../../lambda/export/domain/completeness';
import type { Manifest } from '../../../../lambda/export/domain/manifest';
import { type Cell, compareText, pick, type Row, timeCell } from './canonical';
import { exportCommits, exportGaps, newestIn } from './commits';
import type { Facts } from './facts';

const DAY_MS = 86_400_000;

export function exportDebts({ domains }: Facts): Row[] {
  return domains.flatMap(({ domainId, manifests }) =>
    manifests.flatMap(({ seq, exportedAt, debts = [] }) =>
      debts.map(({ cause, cases, neverRead, since, missingFrom }) => ({
        domain_id: domainId,
        commit_seq: seq,
        exported_at: exportedAt,
        cause,
        cases,
        never_read: neverRead,
        since: timeCell(since),
        missing_from: timeCell(missingFrom),
      })),
    ),
  );
}

export function exportDebtCases(facts: Facts): Row[] {
  const inPart = facts.domains.flatMap(({ domainId, manifests }) =>
    manifests.flatMap(({ seq, exportedAt, halfRead = [] }) =>
      halfRead.map(({ caseId }) => ({
        domain_id: domainId,
        commit_seq: seq,
        exported_at: exportedAt,
        cause: 'partly-read',
        case_id: caseId,
        since: null,
        attempts: null,
      })),
    ),
  );
  return [...exportGaps(facts), ...inPart];
}

const MAX_IDS = 10;
const PAY_THEMSELVES: ReadonlySet<Cell | undefined> = new Set(['waiting', 'partly-read', 'unexplained']);

export function openDebts(facts: Facts): Row[] {
  const isNewest = newestIn(facts);
  const named = exportDebtCases(facts).filter(isNewest);
  const extra = exportCommits(facts)
    .filter(isNewest)
    .flatMap(({ domain_id, exported_at, ...commit }) => {
      const { open_quarantine, cases_not_found, history_scan_finished_at } = commit;
      const common = { domain_id, exported_at, missing_from: null };
      return [
        { ...common, cause: 'quarantine', cases: open_quarantine, never_read: null, since: null },
        {
          ...common,
          cause: 'not-in-scan',
          cases: cases_not_found,
          never_read: cases_not_found,
          since: history_scan_finished_at,
        },
      ].filter(({ cases }) => Number(cases) > 0) as Row[];
    });
  return [...exportDebts(facts).filter(isNewest), ...extra].map((debt) => ({
    ...pick(debt, ['domain_id', 'cause', 'never_read', 'since', 'missing_from']),
    owed: debt['cases'] ?? null,
    pays_itself: PAY_THEMSELVES.has(debt['cause']),
    case_ids: oldestIds(
      named.filter(({ domain_id, cause }) => domain_id === debt['domain_id'] && cause === debt['cause']),
    ),
    as_of: debt['exported_at'] ?? null,
  }));
}

function oldestIds(named: readonly Row[]): Cell {
  const key = ({ since, case_id }: Row) => `${since ?? '~'} ${case_id}`;
  const ids = [...named].sort((a, b) => compareText(key(a), key(b))).map(({ case_id }) => case_id);
  return ids.length === 0 ? null : ids.slice(0, MAX_IDS).join(', ');
}

/** By `judgePeriod`, whose twin the query is. */
export function periodComplete({ domains }: Facts, lastDay: string): Row[] {
  const until = Date.parse(`${lastDay}T00:00:00Z`) + DAY_MS;
  return domains.map(({ domainId, manifests, rowsByCommit }) => periodAnswer(domainId, manifests, rowsByCommit, until));
}

/** The row of `period-complete` for a domain of these manifests and rows. */
export function periodAnswer(
  domainId: Cell,
  manifests: readonly Manifest[],
  rowsByCommit: ReadonlyMap<number, number>,
  until: number,
): Row {
  const answer = judgePeriod(manifests, rowsByCommit, until);
  const newest = [...manifests].sort((a, b) => a.seq - b.seq).at(-1);
  const watermarks = manifests.flatMap(({ seq, lanes: { live, related } }) =>
    live.provenUntil === null || related.watermark === null
      ? []
      : [{ seq, at: Math.min(live.provenUntil, related.watermark) }],
  );
  const passed = watermarks.filter(({ at }) => at >= until).map(({ seq }) => seq);
  return {
    domain_id: domainId,
    is_complete: answer.isComplete,
    watermark_passed: answer.watermarkPassed,
    history_finished: answer.historyFinished,
    account_kept: newest?.debts !== undefined,
    export_from: timeCell(answer.historyFrom),
    cases_not_found: answer.casesNotFound,
    debts: answer.debts,
    open_quarantine: answer.openQuarantine,
    commits_with_other_rows: answer.commitsWithOtherRows,
    holes_in_chain: answer.holesInChain,
    unexplained_touches: answer.unexplainedTouches,
    hashes_checked: 'not here, but by the verifier',
    watermark: watermarks.length === 0 ? null : timeCell(Math.max(...watermarks.map(({ at }) => at))),
    passed_with_commit: passed.length === 0 ? null : Math.min(...passed),
    as_of: newest?.exportedAt ?? null,
  };
}

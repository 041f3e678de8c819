-- Which commits has the exporter made, when, of what, and how far was everything exported after each?
-- @column domain_id varchar Cases domain.
-- @column commit_seq bigint Number of the commit, from 1 without a hole.
-- @column run_id varchar Invocation that made it.
-- @column export_date varchar UTC day of the commit, YYYY-MM-DD: the partition of its rows.
-- @column exported_at timestamp When it was made, UTC.
-- @column live_watermark timestamp Every change of a case up to here was exported by then, or its case is owed (export_debts); null before the first pass ended.
-- @column live_proven_until timestamp The watermark of the last pass that saw the end of the list: a case that is changed during a pass moves there, so only this proves that none was passed. Null before the first.
-- @column related_watermark timestamp The same for new related items such as comments; null before the first scan ended.
-- @column live_pass_finished boolean Whether a pass over the latest changes ended with this commit.
-- @column first_sweep_finished_at timestamp When the first sweep (all the history) ended; null until then.
-- @column history_finished boolean Whether a scan over all cases has finished under the account of debts, and no scan for an earlier start is under way. False for commits of builds without the account: they prove nothing.
-- @column history_scan_number bigint Number of that scan, the last finished one; null before the first.
-- @column history_scan_started_at timestamp Start of that scan.
-- @column history_scan_finished_at timestamp End of that scan.
-- @column history_cases_found bigint Distinct cases that the scan found.
-- @column cases_not_found bigint Cases that the scan should have found by the service’s own count, and did not; null if the service gave no count.
-- @column export_from timestamp EXPORT_FROM of the scan: cases last updated before it are left out; null where nothing is.
-- @column sweep_number bigint Number of the sweep; 1 is the first.
-- @column sweep_purpose varchar history, or check for the later ones, which look for what the others missed.
-- @column sweep_started_at timestamp Start of the sweep.
-- @column sweep_finished_at timestamp End of the sweep; null while it is under way.
-- @column sweep_cases_found bigint Distinct cases that the sweep has found so far.
-- @column sweep_total_count bigint How many there are by the service’s own count when the sweep began; null if it gave none.
-- @column cases_found bigint Cases found since the commit before.
-- @column cases_read bigint Cases read since the commit before.
-- @column pages bigint Pages of audit events read.
-- @column events bigint Events exported.
-- @column rows_written bigint Rows of field_changes.
-- @column quarantined bigint Events that no row can hold, kept in quarantine.
-- @column replayed bigint Events of earlier quarantines exported at last.
-- @column null_elements bigint Null elements in the lists of the service.
-- @column anomalies bigint Oddities that were counted.
-- @column calls bigint Calls of the Cases API.
-- @column bytes bigint Size of all objects of the commit but its manifest.
-- @column first_performed_time timestamp Earliest change in the commit; null without rows.
-- @column last_performed_time timestamp Latest change in the commit; null without rows.
-- @column account_kept boolean Whether the commit keeps an account of debts; false for builds before it.
-- @column open_debts bigint Cases of which something is known and not read as of this commit, whatever the cause: export_debts has them by cause; null without an account.
-- @column debts_never_read bigint How many of them were never read whole.
-- @column debts_since timestamp Since when the oldest of them is owed; null without debts.
-- @column open_gaps bigint Cases on the retry list as of this commit: found, tried, and not read to their end.
-- @column half_read_cases bigint Cases of which only the first pages are exported as of this commit.
-- @column open_quarantine bigint Events in quarantine that no replay has exported yet.
-- @column unexplained_touches bigint Cases whose newest touch no event explains after three reads over an hour: accepted, and counted here; null without an account.
-- @column changed_upstream bigint Cases of which an event that was exported before reads differently now, or is gone from the history.
-- @column gone_cases bigint Cases that turned out to be deleted.
-- @column voided boolean Whether an operator voided a commit, so that this one replaces it.
-- @column previous_sha256 varchar SHA-256 of the manifest before this one; null for the first.
-- @column bundle_sha256 varchar SHA-256 of the program that made it.
-- @column settings_sha256 varchar SHA-256 of its settings.
SELECT domain_id,
       seq AS commit_seq,
       runid AS run_id,
       exportdate AS export_date,
       cast(from_iso8601_timestamp(exportedat) AT TIME ZONE 'UTC' AS timestamp(3)) AS exported_at,
       cast(from_unixtime_nanos(lanes.live.watermark * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS live_watermark,
       cast(from_unixtime_nanos(lanes.live.provenuntil * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS live_proven_until,
       cast(from_unixtime_nanos(lanes.related.watermark * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS related_watermark,
       livepassfinished AS live_pass_finished,
       cast(from_unixtime_nanos(min(CASE WHEN lanes.sweep.number = 1 THEN lanes.sweep.finishedat END)
                                  OVER (PARTITION BY domain_id ORDER BY seq) * 1000000)
            AT TIME ZONE 'UTC' AS timestamp(3)) AS first_sweep_finished_at,
       coalesce(history.sweepnumber IS NOT NULL
                AND (lanes.sweep.purpose = 'check' OR lanes.sweep.finishedat IS NOT NULL), false) AS history_finished,
       cast(history.sweepnumber AS bigint) AS history_scan_number,
       cast(from_unixtime_nanos(history.startedat * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS history_scan_started_at,
       cast(from_unixtime_nanos(history.finishedat * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS history_scan_finished_at,
       cast(history.casesfound AS bigint) AS history_cases_found,
       cast(history.casesnotfound AS bigint) AS cases_not_found,
       cast(from_unixtime_nanos(coalesce(history.exportfrom, lanes.sweep.exportfrom) * 1000000)
            AT TIME ZONE 'UTC' AS timestamp(3)) AS export_from,
       cast(lanes.sweep.number AS bigint) AS sweep_number,
       lanes.sweep.purpose AS sweep_purpose,
       cast(from_unixtime_nanos(lanes.sweep.startedat * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS sweep_started_at,
       cast(from_unixtime_nanos(lanes.sweep.finishedat * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS sweep_finished_at,
       cast(lanes.sweep.casesfound AS bigint) AS sweep_cases_found,
       cast(lanes.sweep.totalcount AS bigint) AS sweep_total_count,
       cast(counts.casesfound AS bigint) AS cases_found,
       cast(counts.casesread AS bigint) AS cases_read,
       cast(counts.pages AS bigint) AS pages,
       cast(counts.events AS bigint) AS events,
       cast(counts.rows AS bigint) AS rows_written,
       cast(counts.quarantined AS bigint) AS quarantined,
       cast(counts.replayed AS bigint) AS replayed,
       cast(counts.nullelements AS bigint) AS null_elements,
       cast(counts.anomalies AS bigint) AS anomalies,
       reduce(map_values(counts.calls), BIGINT '0', (total, each) -> total + each, total -> total) AS calls,
       reduce(objects, BIGINT '0', (total, object) -> total + object.bytes, total -> total) AS bytes,
       cast(from_iso8601_timestamp(array_min(transform(filter(objects, object -> object.firstperformedtime IS NOT NULL),
            object -> object.firstperformedtime))) AT TIME ZONE 'UTC' AS timestamp(3)) AS first_performed_time,
       cast(from_iso8601_timestamp(array_max(transform(filter(objects, object -> object.lastperformedtime IS NOT NULL),
            object -> object.lastperformedtime))) AT TIME ZONE 'UTC' AS timestamp(3)) AS last_performed_time,
       debts IS NOT NULL AS account_kept,
       reduce(debts, BIGINT '0', (total, debt) -> total + debt.cases, total -> total) AS open_debts,
       reduce(debts, BIGINT '0', (total, debt) -> total + debt.neverread, total -> total) AS debts_never_read,
       cast(from_unixtime_nanos(array_min(transform(debts, debt -> debt.since)) * 1000000)
            AT TIME ZONE 'UTC' AS timestamp(3)) AS debts_since,
       -- The list of gaps may be cut, the sums are not.
       coalesce(reduce(filter(debts, debt -> debt.cause NOT IN ('waiting', 'partly-read', 'not-shown')),
                       BIGINT '0', (total, debt) -> total + debt.cases, total -> total),
                cardinality(gaps)) AS open_gaps,
       coalesce(cardinality(halfread), 0) AS half_read_cases,
       cast(openquarantine AS bigint) AS open_quarantine,
       cast(unexplainedtouches AS bigint) AS unexplained_touches,
       coalesce(cardinality(changedupstream), 0) AS changed_upstream,
       cardinality(gone) AS gone_cases,
       voids IS NOT NULL AS voided,
       previoussha256 AS previous_sha256,
       bundlesha256 AS bundle_sha256,
       settingssha256 AS settings_sha256
FROM ${manifests}

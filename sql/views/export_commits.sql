-- Which commits has the exporter made, when, of what, and how far was everything exported after each?
-- @column domain_id varchar Cases domain.
-- @column commit_seq bigint Number of the commit, from 1 without a hole.
-- @column run_id varchar Invocation that made it.
-- @column export_date varchar UTC day of the commit, YYYY-MM-DD: the partition of its rows.
-- @column exported_at timestamp When it was made, UTC.
-- @column live_watermark timestamp Every change of a case up to here was exported by then, or its case is in export_gaps; null before the first pass ended.
-- @column related_watermark timestamp The same for new related items such as comments; null before the first walk ended.
-- @column live_pass_finished boolean Whether a pass over the latest changes ended with this commit.
-- @column first_sweep_finished_at timestamp When the first sweep (all the history) ended; null until then.
-- @column history_finished boolean Whether no history is left to be swept: false while the first sweep, or one for an earlier start, is under way.
-- @column sweep_number bigint Number of the sweep; 1 is the first.
-- @column sweep_purpose varchar history, or check for the later ones, which look for what the others missed.
-- @column sweep_started_at timestamp Start of the sweep.
-- @column sweep_finished_at timestamp End of the sweep; null while it is under way.
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
-- @column open_gaps bigint Cases found and not completely read as of this commit.
-- @column half_read_cases bigint Cases of which only the first pages are exported as of this commit.
-- @column open_quarantine bigint Events in quarantine that no replay has exported yet.
-- @column gone_cases bigint Cases that turned out to be deleted.
-- @column voided boolean Whether an operator voided a commit, so that this one stands in its place.
-- @column previous_sha256 varchar SHA-256 of the manifest before this one; null for the first.
-- @column bundle_sha256 varchar SHA-256 of the program that made it.
-- @column settings_sha256 varchar SHA-256 of its settings.
SELECT domain_id,
       seq AS commit_seq,
       runid AS run_id,
       exportdate AS export_date,
       cast(from_iso8601_timestamp(exportedat) AT TIME ZONE 'UTC' AS timestamp(3)) AS exported_at,
       cast(from_unixtime_nanos(lanes.live.watermark * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS live_watermark,
       cast(from_unixtime_nanos(lanes.related.watermark * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS related_watermark,
       livepassfinished AS live_pass_finished,
       cast(from_unixtime_nanos(min(CASE WHEN lanes.sweep.number = 1 THEN lanes.sweep.finishedat END)
                                  OVER (PARTITION BY domain_id ORDER BY seq) * 1000000)
            AT TIME ZONE 'UTC' AS timestamp(3)) AS first_sweep_finished_at,
       coalesce(lanes.sweep.purpose = 'check' OR lanes.sweep.finishedat IS NOT NULL, false) AS history_finished,
       cast(lanes.sweep.number AS bigint) AS sweep_number,
       lanes.sweep.purpose AS sweep_purpose,
       cast(from_unixtime_nanos(lanes.sweep.startedat * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS sweep_started_at,
       cast(from_unixtime_nanos(lanes.sweep.finishedat * 1000000) AT TIME ZONE 'UTC' AS timestamp(3)) AS sweep_finished_at,
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
       cardinality(gaps) AS open_gaps,
       coalesce(cardinality(halfread), 0) AS half_read_cases,
       cast(openquarantine AS bigint) AS open_quarantine,
       cardinality(gone) AS gone_cases,
       voids IS NOT NULL AS voided,
       previoussha256 AS previous_sha256,
       bundlesha256 AS bundle_sha256,
       settingssha256 AS settings_sha256
FROM manifest_files

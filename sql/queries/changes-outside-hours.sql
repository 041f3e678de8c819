-- Which changes did users make outside business hours in a span of days?
-- Business hours are the same from Monday to Friday; Saturday, Sunday and every hour before the first or from the last on are outside.
-- Holidays are not known, and hours that go past midnight cannot be asked for. The zone is a name of the IANA database, so summer time
-- is right. Automations work at any hour and are left out.
-- @param zone zone Time zone of the business hours.
-- @param first_day date First day, UTC.
-- @param last_day date Last day, UTC.
-- @param opens hour First hour of business in that zone.
-- @param closes hour Hour from which it is over in that zone.
WITH slots AS (
  SELECT day || ' ' || hour AS slot, name AS local_day, day, cast(hour AS integer) AS local_hour
  FROM (VALUES ('1', 'Mon'), ('2', 'Tue'), ('3', 'Wed'), ('4', 'Thu'), ('5', 'Fri'), ('6', 'Sat'), ('7', 'Sun')) AS days (day, name)
  CROSS JOIN (VALUES ('00'), ('01'), ('02'), ('03'), ('04'), ('05'), ('06'), ('07'), ('08'), ('09'), ('10'), ('11'), ('12'),
                     ('13'), ('14'), ('15'), ('16'), ('17'), ('18'), ('19'), ('20'), ('21'), ('22'), ('23')) AS hours (hour)
),
placed AS (
  SELECT change.*, slots.local_day, slots.local_hour, slots.day
  FROM changes AS change
  CROSS JOIN slots
  WHERE slots.slot = format_datetime(at_timezone(with_timezone(change.performed_time, 'UTC'), ?), 'e HH')
    AND change.performed_time >= cast(cast(? AS date) AS timestamp)
    AND change.performed_time < cast(cast(? AS date) + INTERVAL '1' DAY AS timestamp)
    AND change.performed_by_kind = 'user'
)
SELECT performed_time,
       local_day,
       local_hour,
       case_id,
       event_type,
       related_item_type,
       field_name,
       old_display,
       new_display,
       performed_by,
       performed_by_team
FROM placed
WHERE day IN ('6', '7')
  OR local_hour < cast(? AS integer)
  OR local_hour >= cast(? AS integer)
ORDER BY performed_time, case_id, event_id, field_index

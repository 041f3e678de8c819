-- What is the latest value of every field of every case?
-- As far as it is exported; the service's own last_updated_datetime is in no event. Cases that are deleted stay.
-- @column domain_id varchar Cases domain.
-- @column case_id varchar Id of the case.
-- @column template_name varchar Name of the case's template as known at export.
-- @column field_name varchar Name of the field as known now.
-- @column display varchar The value as people read it; (empty) for a cleared one.
-- @column set_time timestamp When it was set, UTC.
-- @column set_by varchar Who set it.
-- @column set_by_team varchar Team of the user who set it.
-- @column number double The value where it is a finite number.
-- @column is_true boolean The value where it is a boolean.
-- @column time timestamp The value of a DateTime field, UTC.
-- @column value_type varchar string, double, boolean, userArn, empty, or the name of an unknown kind.
-- @column value varchar The value as text, lossless.
-- @column field_id varchar Id of the field.
-- @column field_type varchar Type of the field.
-- @column event_id varchar Audit event that set the value.
SELECT domain_id,
       case_id,
       template_name,
       field_name,
       display,
       valid_from AS set_time,
       set_by,
       set_by_team,
       number,
       is_true,
       time,
       value_type,
       value,
       field_id,
       field_type,
       event_id
FROM field_versions
WHERE valid_until IS NULL

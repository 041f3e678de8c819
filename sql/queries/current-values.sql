-- What is the latest value of every field of every case?
SELECT domain_id,
       case_id,
       template_name,
       field_name,
       display,
       set_time,
       set_by
FROM current_fields
ORDER BY domain_id, case_id, field_name, field_id

-- Which cases were opened again after they had been closed, and how often?
SELECT domain_id,
       case_id,
       template_name,
       reopen_count,
       first_closed_time,
       last_closed_time,
       status
FROM case_milestones
WHERE reopen_count > 0
ORDER BY reopen_count DESC, domain_id, case_id

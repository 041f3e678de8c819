-- Which commits does the table hold without a hole, from the first that the archive has? All of them up to held. A commit that is
-- missing, or there twice, ends it. The archive begins at 1, or later where S3 deletes the oldest manifests by age.
SELECT domain_id,
       cast(coalesce(min(CASE WHEN seq <> expected THEN expected END) - 1, max(seq)) AS varchar) AS held
FROM (SELECT held.domain_id,
             held.seq,
             firsts.first_seq - 1 + row_number() OVER (PARTITION BY held.domain_id ORDER BY held.seq) AS expected
      FROM commits_curated AS held
      JOIN (VALUES ${firsts}) AS firsts (domain_id, first_seq)
        ON firsts.domain_id = held.domain_id AND held.seq >= firsts.first_seq) AS numbered
GROUP BY domain_id

-- How many cases were closed for the first time in each week, and how long were they open? An example of a model.
select
    date_trunc('week', first_closed_time) as week,
    template_name,
    count(*) as cases,
    round(avg(hours_to_first_close), 2) as average_hours
from {{ source('cases_audit', 'case_milestones') }}
where first_closed_time is not null
group by date_trunc('week', first_closed_time), template_name

{% test unique_rows(model, columns) %}
-- Rows that are there more than once. An export holds each event once; a file that was copied by hand is found here.
select {{ columns | join(', ') }}, count(*) as times
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

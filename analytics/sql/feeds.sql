-- One row: which histories the source had told by the day.
SELECT
    COALESCE(MAX(CASE WHEN c.kind = 'stage' THEN 1 ELSE 0 END), 0) AS stages,
    COALESCE(MAX(CASE WHEN c.kind = 'close_date' THEN 1 ELSE 0 END), 0) AS close_dates
FROM crm_changes c
CROSS JOIN run r
WHERE c.day <= r.as_of_day

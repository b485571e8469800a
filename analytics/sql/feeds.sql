-- One row: which histories the source had told by the day, and whether it names currencies at all.
SELECT
    COALESCE(MAX(CASE WHEN c.kind = 'stage' THEN 1 ELSE 0 END), 0) AS stages,
    COALESCE(MAX(CASE WHEN c.kind = 'close_date' THEN 1 ELSE 0 END), 0) AS close_dates,
    (SELECT CASE WHEN COUNT(currency) > 0 THEN 1 ELSE 0 END FROM crm_deals) AS currencies
FROM crm_changes c
CROSS JOIN run r
WHERE c.day <= r.as_of_day

-- One row: how many deals there are on the day, and their first and last days.
SELECT
    COUNT(*) AS deals,
    COUNT(closed_day) AS closed,
    COUNT(CASE WHEN outcome = 'won' THEN closed_day END) AS won,
    MIN(closed_day) AS first_close_day,
    MAX(created_day) AS last_created_day
FROM (
    SELECT
        d.outcome,
        d.created_day,
        CASE WHEN d.outcome <> 'open' AND d.close_day <= r.as_of_day THEN d.close_day END AS closed_day
    FROM crm_deals d
    CROSS JOIN run r
    WHERE d.created_day <= r.as_of_day AND (d.outcome = 'open' OR d.close_day IS NOT NULL)
) known

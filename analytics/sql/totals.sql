-- One row: how many deals there are, their first and last days, and what else the source had told by the day.
SELECT
    COUNT(*) AS deals,
    COUNT(cycle_days) AS closed,
    COUNT(CASE WHEN outcome = 'won' THEN 1 END) AS won,
    COUNT(age_days) AS open,
    MIN(CASE WHEN outcome <> 'open' THEN close_day END) AS first_close_day,
    MAX(created_day) AS last_created_day,
    (SELECT stages FROM feeds) AS has_events,
    (SELECT CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END FROM last_activity) AS has_activities
FROM state

-- Deals by the age at which they closed, or, still open, that they have reached.
SELECT
    deal_type,
    COALESCE(cycle_days, age_days) AS days,
    CAST(SUM(CASE WHEN outcome = 'won' THEN 1 ELSE 0 END) AS BIGINT) AS won,
    CAST(SUM(CASE WHEN outcome = 'lost' THEN 1 ELSE 0 END) AS BIGINT) AS lost,
    CAST(SUM(CASE WHEN outcome = 'open' THEN 1 ELSE 0 END) AS BIGINT) AS open
FROM state
WHERE backdated = 0
GROUP BY deal_type, COALESCE(cycle_days, age_days)
ORDER BY deal_type, COALESCE(cycle_days, age_days)

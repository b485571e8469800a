-- Closed deals of a dimension by kind of business and days from created to closed.
SELECT
    '$dimension' AS dimension,
    $column AS value,
    deal_type,
    cycle_days AS days,
    CAST(SUM(won) AS BIGINT) AS won,
    COUNT(*) - CAST(SUM(won) AS BIGINT) AS lost
FROM closed
WHERE backdated = 0
GROUP BY $keys
ORDER BY $keys

-- Closed deals of a pair of dimensions by kind of business and month of closing.
SELECT
    '$dimension_1' AS dimension_1,
    $column_1 AS value_1,
    '$dimension_2' AS dimension_2,
    $column_2 AS value_2,
    deal_type,
    close_month,
    COUNT(*) AS deals,
    CAST(SUM(won) AS BIGINT) AS won,
    CAST(SUM(amount_cents) AS BIGINT) AS amount_cents,
    CAST(SUM(won * amount_cents) AS BIGINT) AS won_amount_cents
FROM closed
GROUP BY $keys
ORDER BY $keys

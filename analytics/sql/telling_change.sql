-- For each deal and kind of change: the moment that tells the value on the day, and pushes of the close date.
-- The telling moment is the last change by then; when all came later, the first, whose old value still held.
SELECT
    c.deal_id,
    c.kind,
    COALESCE(MAX(CASE WHEN c.day <= r.as_of_day THEN c.moment END), MIN(c.moment)) AS moment,
    CAST(SUM(
        CASE
            WHEN c.kind = 'close_date' AND c.day <= r.as_of_day AND c.new_number > c.old_number THEN 1
            ELSE 0
        END
    ) AS BIGINT) AS pushes
FROM crm_changes c
CROSS JOIN run r
GROUP BY c.deal_id, c.kind

-- Deals that were due in a quarter when it began, by owner: closed by its end, or moved past it. Only quarters
-- that began when changes of close dates were told, so a date without a change was always the one there is now.
-- In a quarter that is not over, a deal is late once it is expected after the end.
WITH opened AS (
    SELECT
        s.deal_id,
        s.deal_type,
        s.rep_id,
        s.outcome,
        s.close_day,
        CASE WHEN s.in_main_currency = 1 THEN COALESCE(s.amount_cents, 0) ELSE 0 END AS amount_cents,
        q.quarter,
        q.first_day,
        q.end_day,
        r.as_of_day
    FROM state s
    CROSS JOIN run r
    CROSS JOIN feeds f
    JOIN quarters q ON q.first_day > s.created_day AND q.first_day >= f.close_dates_day AND q.first_day <= r.as_of_day
        AND (s.outcome = 'open' OR q.first_day <= s.close_day)
    WHERE s.backdated = 0
),
telling AS (
    SELECT
        o.deal_id,
        o.quarter,
        o.first_day,
        COALESCE(MAX(CASE WHEN c.day < o.first_day THEN c.moment END), MIN(c.moment)) AS moment
    FROM opened o
    JOIN crm_changes c ON c.deal_id = o.deal_id AND c.kind = 'close_date' AND c.day <= o.as_of_day
    GROUP BY o.deal_id, o.quarter, o.first_day
),
told AS (
    SELECT
        t.deal_id,
        t.quarter,
        MAX(CASE WHEN c.day < t.first_day THEN c.new_number ELSE c.old_number END) AS due_day,
        1 AS is_told
    FROM telling t
    JOIN crm_changes c ON c.deal_id = t.deal_id AND c.kind = 'close_date' AND c.moment = t.moment
    GROUP BY t.deal_id, t.quarter
),
expected AS (
    SELECT
        o.*,
        CASE WHEN t.is_told = 1 THEN t.due_day ELSE o.close_day END AS due_day,
        CASE WHEN o.outcome <> 'open' AND o.close_day < o.end_day THEN 1 ELSE 0 END AS in_time
    FROM opened o
    LEFT JOIN told t ON t.deal_id = o.deal_id AND t.quarter = o.quarter
),
judged AS (
    SELECT
        e.*,
        CASE WHEN e.in_time = 0 AND (e.as_of_day >= e.end_day - 1 OR e.close_day >= e.end_day) THEN 1 ELSE 0 END
            AS slipped
    FROM expected e
    WHERE e.due_day >= e.first_day AND e.due_day < e.end_day
)
SELECT
    rep_id,
    deal_type,
    quarter,
    COUNT(*) AS due,
    CAST(SUM(in_time) AS BIGINT) AS in_time,
    CAST(SUM(slipped) AS BIGINT) AS slipped,
    CAST(SUM(amount_cents) AS BIGINT) AS amount_cents,
    CAST(SUM(slipped * amount_cents) AS BIGINT) AS slipped_amount_cents
FROM judged
GROUP BY rep_id, deal_type, quarter
ORDER BY rep_id, deal_type, quarter

-- What became of the deals that entered a stage, each deal once per stage, by its owner and the quarter of its
-- first entry. The stage in which the first load found a deal was entered on a day nobody knows: left out.
-- `lost_from` and `won_from`: the stage was the last one. A deal that moved on may have been lost later.
WITH entries AS (
    SELECT
        c.deal_id,
        n.stage,
        n.number,
        MIN(c.moment) AS first_moment,
        MAX(c.moment) AS last_moment,
        MIN(c.day) AS day,
        MIN(c.quarter) AS quarter
    FROM crm_changes c
    CROSS JOIN run r
    JOIN stages n ON n.stage = c.new
    WHERE c.kind = 'stage' AND c.day <= r.as_of_day
        AND (COALESCE(c.origin, 'crm') <> 'snapshot' OR c.old IS NOT NULL)
    GROUP BY c.deal_id, n.stage, n.number
),
followed AS (
    SELECT
        e.deal_id,
        e.stage,
        e.day,
        e.quarter,
        CASE
            WHEN MAX(e.last_moment) OVER (
                PARTITION BY e.deal_id ORDER BY e.number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
            ) > e.first_moment THEN 1
            ELSE 0
        END AS went_further
    FROM entries e
),
fates AS (
    SELECT
        f.stage,
        s.deal_type,
        s.rep_id,
        f.quarter,
        CASE WHEN f.went_further = 1 OR s.outcome = 'won' THEN 1 ELSE 0 END AS moved_on,
        CASE WHEN f.went_further = 0 AND s.outcome = 'open' THEN 1 ELSE 0 END AS still_open,
        CASE WHEN s.outcome = 'won' AND s.stage = f.stage THEN 1 ELSE 0 END AS won_from,
        CASE WHEN s.outcome = 'lost' AND s.stage = f.stage THEN 1 ELSE 0 END AS lost_from,
        CASE WHEN s.in_main_currency = 1 THEN COALESCE(s.amount_cents, 0) ELSE 0 END AS amount_cents
    FROM followed f
    JOIN state s ON s.deal_id = f.deal_id
    WHERE s.backdated = 0 AND (s.outcome = 'open' OR f.day <= s.close_day)
)
SELECT
    stage,
    deal_type,
    rep_id,
    quarter,
    COUNT(*) AS entered,
    CAST(SUM(moved_on) AS BIGINT) AS moved_on,
    CAST(SUM(still_open) AS BIGINT) AS still_open,
    CAST(SUM(won_from) AS BIGINT) AS won_from,
    CAST(SUM(lost_from) AS BIGINT) AS lost_from,
    CAST(SUM(lost_from * amount_cents) AS BIGINT) AS lost_amount_cents
FROM fates
GROUP BY stage, deal_type, rep_id, quarter
ORDER BY stage, deal_type, rep_id, quarter

-- Deals as they were known on days on which they were open, one row per pair of table `pairs`; and how they had
-- ended by the day of the run. Nothing later than that day counts, so changes that came after it tell nothing
-- here, not even by their old values: what they tell of the day of the run is in `state`.
-- What only the row of a deal tells counts from the day of the load on, or on the day of the run itself. The day
-- of the last activity is such a thing too: on an earlier day it would tell that nothing followed. An amount
-- counts from the first change of an amount on that any deal tells: before, the row may have been rewritten at
-- the close.
WITH since AS (
    SELECT
        r.as_of_day,
        CASE WHEN r.loaded_day < r.as_of_day THEN r.loaded_day ELSE r.as_of_day END AS row_day,
        f.activities_day,
        f.amounts_day,
        f.close_dates_day
    FROM run r
    CROSS JOIN feeds f
),
telling AS (
    SELECT
        p.deal_id,
        p.day,
        c.kind,
        COALESCE(MAX(CASE WHEN c.day <= p.day THEN c.moment END), MIN(c.moment)) AS moment,
        CAST(SUM(
            CASE WHEN c.kind = 'close_date' AND c.day <= p.day AND c.new_number > c.old_number THEN 1 ELSE 0 END
        ) AS BIGINT) AS pushes
    FROM pairs p
    CROSS JOIN run r
    JOIN crm_changes c ON c.deal_id = p.deal_id AND c.day <= r.as_of_day
    GROUP BY p.deal_id, p.day, c.kind
),
told AS (
    SELECT
        deal_id,
        day,
        MAX(CASE WHEN kind = 'stage' THEN 1 ELSE 0 END) AS stage_told,
        MAX(CASE WHEN kind = 'stage' THEN value_then END) AS stage,
        MAX(CASE WHEN kind = 'stage' AND by_then = 1 THEN changed_day END) AS stage_since_day,
        MAX(CASE WHEN kind = 'stage' AND by_then = 1 AND old IS NULL AND origin = 'snapshot' THEN 1 ELSE 0 END)
            AS stage_found,
        MAX(CASE WHEN kind = 'amount' THEN 1 ELSE 0 END) AS amount_told,
        MAX(CASE WHEN kind = 'amount' THEN number_then END) AS amount_cents,
        MAX(CASE WHEN kind = 'close_date' THEN 1 ELSE 0 END) AS close_told,
        MAX(CASE WHEN kind = 'close_date' THEN number_then END) AS close_day,
        MAX(CASE WHEN kind = 'owner' THEN value_then END) AS rep_id,
        MAX(pushes) AS pushes
    FROM (
        SELECT
            t.deal_id,
            t.day,
            t.kind,
            t.pushes,
            c.old,
            c.origin,
            c.day AS changed_day,
            CASE WHEN c.day <= t.day THEN 1 ELSE 0 END AS by_then,
            CASE WHEN c.day <= t.day THEN c.new ELSE c.old END AS value_then,
            CASE WHEN c.day <= t.day THEN c.new_number ELSE c.old_number END AS number_then
        FROM telling t
        JOIN crm_changes c ON c.deal_id = t.deal_id AND c.kind = t.kind AND c.moment = t.moment
    ) values_then
    GROUP BY deal_id, day
),
activity AS (
    SELECT
        p.deal_id,
        p.day,
        MAX(a.day) AS last_day,
        CAST(SUM(CASE WHEN a.day > p.day - 30 THEN 1 ELSE 0 END) AS BIGINT) AS in_30_days
    FROM pairs p
    JOIN crm_activities a ON a.deal_id = p.deal_id AND a.day <= p.day
    GROUP BY p.deal_id, p.day
),
known AS (
    SELECT
        p.day,
        s.deal_id,
        s.created_day,
        s.close_day,
        s.stage_since_day,
        s.amount_cents,
        s.in_main_currency,
        CAST(s.deal_type AS VARCHAR) AS deal_type,
        CAST(s.stage AS VARCHAR) AS stage,
        CAST(s.region AS VARCHAR) AS region,
        CAST(s.industry AS VARCHAR) AS industry,
        CAST(s.product AS VARCHAR) AS product,
        CAST(s.lead_source AS VARCHAR) AS lead_source,
        CAST(s.outcome AS VARCHAR) AS outcome,
        d.last_activity_day AS row_activity_day,
        t.stage_told,
        t.stage AS told_stage,
        t.stage_since_day AS told_since_day,
        t.stage_found,
        t.amount_told,
        t.amount_cents AS told_cents,
        t.close_told,
        t.close_day AS told_close_day,
        COALESCE(t.rep_id, CAST(s.rep_id AS VARCHAR)) AS rep_then,
        t.pushes,
        a.last_day AS touched_day,
        a.in_30_days,
        f.as_of_day,
        f.activities_day,
        f.amounts_day,
        f.close_dates_day,
        CASE WHEN p.day >= f.row_day THEN 1 ELSE 0 END AS row_tells,
        CASE WHEN p.day >= f.row_day AND s.outcome = 'open' THEN 1 ELSE 0 END AS open_row_tells
    FROM pairs p
    CROSS JOIN since f
    JOIN state s ON s.deal_id = p.deal_id
    JOIN crm_deals d ON d.deal_id = p.deal_id
    LEFT JOIN told t ON t.deal_id = p.deal_id AND t.day = p.day
    LEFT JOIN activity a ON a.deal_id = p.deal_id AND a.day = p.day
),
replayed AS (
    SELECT
        k.*,
        CASE
            WHEN k.stage_told = 1 THEN k.told_stage
            WHEN k.open_row_tells = 1 THEN k.stage
        END AS stage_then,
        CASE
            WHEN k.stage_found = 1
                AND k.told_since_day > k.created_day
                AND k.told_since_day <> COALESCE(k.open_row_tells * k.stage_since_day, 0)
                THEN NULL
            WHEN k.stage_told = 1 THEN k.told_since_day
            WHEN k.open_row_tells = 1 AND k.stage_since_day <= k.day THEN k.stage_since_day
        END AS since_then,
        CASE WHEN k.amount_told = 1 THEN k.told_cents ELSE k.amount_cents END AS cents_then,
        CASE
            WHEN k.close_told = 1 THEN k.told_close_day
            WHEN k.open_row_tells = 1 THEN k.close_day
        END AS close_then,
        CASE
            WHEN k.row_tells = 1
                AND k.row_activity_day <= k.day
                AND k.row_activity_day >= COALESCE(k.touched_day, 0)
                THEN k.row_activity_day
            ELSE k.touched_day
        END AS touched_then
    FROM known k
)
SELECT
    k.deal_id,
    k.day,
    k.deal_type,
    COALESCE(k.stage_then, 'Not set') AS stage,
    k.rep_then AS rep,
    COALESCE(w.team, 'Not set') AS team,
    k.region,
    k.industry,
    k.product,
    k.lead_source,
    k.day - k.created_day AS age_days,
    k.day - k.since_then AS days_in_stage,
    k.day - k.touched_then AS days_since_activity,
    CASE WHEN k.activities_day <= k.day - 29 THEN COALESCE(k.in_30_days, 0) END AS activities_30d,
    CASE WHEN k.close_dates_day <= k.day THEN COALESCE(k.pushes, 0) END AS push_count,
    CASE WHEN k.in_main_currency = 1 AND k.amounts_day <= k.day THEN k.cents_then END AS amount_cents,
    n.number AS stage_number,
    k.close_then - k.day AS days_to_due,
    k.outcome,
    CASE WHEN k.outcome = 'open' THEN k.as_of_day ELSE k.close_day END - k.day AS days_left
FROM replayed k
LEFT JOIN stages n ON n.stage = k.stage_then
LEFT JOIN crm_people w ON w.person_id = k.rep_then
ORDER BY k.deal_id, k.day

-- Every deal created by the day, as it was known on it. A deal that closed later is open, and what its row
-- says of stage, close date, next step and updates was learned on the day of the load: it counts only from then
-- on. A closed deal without a day of closing fits no period and is left out. Money without a currency is in the
-- main one only where the source names no currency at all.
WITH known AS (
    SELECT
        d.*,
        r.as_of_day,
        r.currency AS main_currency,
        r.stage_count,
        CASE WHEN d.outcome <> 'open' AND d.close_day <= r.as_of_day THEN 1 ELSE 0 END AS is_closed,
        CASE WHEN r.as_of_day >= r.loaded_day THEN 1 ELSE 0 END AS is_present,
        CASE WHEN r.as_of_day >= r.loaded_day AND d.outcome = 'open' THEN 1 ELSE 0 END AS is_open_now
    FROM crm_deals d
    CROSS JOIN run r
    WHERE d.created_day <= r.as_of_day
        AND (d.outcome = 'open' OR d.close_day IS NOT NULL)
),
told_or_recorded AS (
    SELECT
        k.*,
        CASE
            WHEN t.stage_told = 1 AND k.is_closed = 1 AND k.stage_count > 0 AND s.number IS NULL
                THEN COALESCE(t.stage_before, t.stage)
            WHEN t.stage_told = 1 THEN t.stage
            WHEN k.is_closed = 1 OR k.is_open_now = 1 THEN k.stage
        END AS stage_then,
        CASE
            WHEN t.stage_found = 1
                AND t.stage_since_day > k.created_day
                AND t.stage_since_day <> COALESCE(k.is_open_now * k.stage_entered_day, 0)
                THEN NULL
            WHEN t.stage_told = 1 THEN t.stage_since_day
            WHEN k.is_open_now = 1 AND k.stage_entered_day <= k.as_of_day THEN k.stage_entered_day
        END AS stage_since_day,
        CASE WHEN t.stage_since_day IS NULL THEN 'dates' ELSE 'events' END AS history,
        CASE WHEN t.amount_told = 1 THEN t.amount_cents ELSE k.amount_cents END AS amount_then,
        CASE
            WHEN k.is_closed = 1 OR (k.is_open_now = 1 AND COALESCE(t.close_told, 0) = 0) THEN k.close_day
            ELSE t.close_day
        END AS close_then,
        COALESCE(t.rep_id, k.rep_id, 'Not set') AS rep_then,
        CASE WHEN f.close_dates = 1 THEN COALESCE(t.pushes, 0) END AS push_count,
        CASE
            WHEN k.last_activity_day <= k.as_of_day AND k.last_activity_day >= COALESCE(a.day, 0)
                THEN k.last_activity_day
            ELSE a.day
        END AS activity_day,
        CASE
            WHEN f.currencies = 0 OR k.main_currency = '' OR k.currency = k.main_currency THEN 1
            ELSE 0
        END AS in_main_currency
    FROM known k
    CROSS JOIN feeds f
    LEFT JOIN told t ON t.deal_id = k.deal_id
    LEFT JOIN stages s ON s.stage = t.stage
    LEFT JOIN last_activity a ON a.deal_id = k.deal_id
)
SELECT
    k.deal_id,
    k.name,
    k.account,
    CASE WHEN k.is_closed = 1 THEN k.outcome ELSE 'open' END AS outcome,
    k.stage_then AS stage,
    s.number AS stage_number,
    k.amount_then AS amount_cents,
    k.in_main_currency,
    k.currency,
    k.created_day,
    k.close_then AS close_day,
    CASE WHEN k.is_closed = 1 THEN k.close_month END AS close_month,
    k.rep_then AS rep_id,
    COALESCE(p.team, 'Not set') AS team,
    COALESCE(k.region, 'Not set') AS region,
    COALESCE(k.industry, 'Not set') AS industry,
    COALESCE(k.product, 'Not set') AS product,
    COALESCE(k.lead_source, 'Not set') AS lead_source,
    COALESCE(k.deal_type, 'Not set') AS deal_type,
    CASE
        WHEN k.in_main_currency = 0 OR k.amount_then IS NULL THEN 'Not set'
        $amount_bands
    END AS amount_band,
    CASE WHEN k.is_closed = 0 THEN k.as_of_day - k.created_day END AS age_days,
    CASE WHEN k.is_closed = 1 THEN k.close_day - k.created_day END AS cycle_days,
    k.stage_since_day,
    CASE WHEN k.is_closed = 0 THEN k.as_of_day - k.stage_since_day END AS days_in_stage,
    k.activity_day AS last_activity_day,
    CASE WHEN k.is_closed = 0 THEN k.as_of_day - k.activity_day END AS days_since_activity,
    k.push_count,
    CASE WHEN k.is_present = 1 THEN k.next_step END AS next_step,
    CASE WHEN k.is_present = 1 AND k.updated_day <= k.as_of_day THEN k.updated_day END AS updated_day,
    CASE WHEN k.is_closed = 1 AND k.close_day - k.created_day <= 1 THEN 1 ELSE 0 END AS backdated,
    k.history
FROM told_or_recorded k
LEFT JOIN stages s ON s.stage = k.stage_then
LEFT JOIN crm_people p ON p.person_id = k.rep_then

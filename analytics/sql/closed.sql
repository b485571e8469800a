-- Closed deals, no wider than counting needs. `whole` is the dimension that everything shares.
SELECT
    '' AS whole,
    amount_band,
    deal_type,
    industry,
    lead_source,
    product,
    region,
    rep_id AS rep,
    COALESCE(stage, 'Not set') AS stage,
    team,
    close_month,
    cycle_days,
    backdated,
    CASE WHEN outcome = 'won' THEN 1 ELSE 0 END AS won,
    CASE WHEN in_main_currency = 1 THEN COALESCE(amount_cents, 0) ELSE 0 END AS amount_cents
FROM state
WHERE outcome <> 'open'

-- Snapshots of deals by kind of business, stage and band of age: how many days later they had ended, and how, or
-- were still open. `deals` counts each deal once per stage and band, `stage_deals` once per stage.
SELECT
    deal_type,
    stage,
    age_band,
    days_left AS days,
    CAST(SUM(CASE WHEN outcome = 'won' THEN 1 ELSE 0 END) AS BIGINT) AS won,
    CAST(SUM(CASE WHEN outcome = 'lost' THEN 1 ELSE 0 END) AS BIGINT) AS lost,
    CAST(SUM(CASE WHEN outcome = 'open' THEN 1 ELSE 0 END) AS BIGINT) AS open,
    CAST(SUM(CASE WHEN in_band = 1 THEN 1 ELSE 0 END) AS BIGINT) AS deals,
    CAST(SUM(CASE WHEN in_stage = 1 THEN 1 ELSE 0 END) AS BIGINT) AS stage_deals
FROM (
    SELECT
        b.*,
        ROW_NUMBER() OVER (PARTITION BY deal_id, stage, age_band ORDER BY day) AS in_band,
        ROW_NUMBER() OVER (PARTITION BY deal_id, stage ORDER BY day) AS in_stage
    FROM (
        SELECT
            s.deal_id,
            s.day,
            s.deal_type,
            s.stage,
            s.outcome,
            s.days_left,
            CASE $age_bands END AS age_band
        FROM snapshots s
    ) b
) counted
GROUP BY deal_type, stage, age_band, days_left
ORDER BY deal_type, stage, age_band, days_left

-- Stage number per day of each open deal, as a percentile among the open deals in its stage: there the stage
-- number is the same, so younger is faster. Ties share the middle of their ranks. A deal
-- alone in its stage has no rank.
SELECT
    deal_id,
    CASE WHEN deals > 1 THEN (2 * slower + same) / (2.0 * deals) END AS momentum_percentile
FROM (
    SELECT
        deal_id,
        RANK() OVER (PARTITION BY stage_number ORDER BY days DESC) - 1 AS slower,
        COUNT(*) OVER (PARTITION BY stage_number, days) AS same,
        COUNT(*) OVER (PARTITION BY stage_number) AS deals
    FROM (
        SELECT deal_id, stage_number, CASE WHEN age_days < 1 THEN 1 ELSE age_days END AS days
        FROM state
        WHERE outcome = 'open' AND stage_number IS NOT NULL
    ) aged
) ranked

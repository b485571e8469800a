-- Stage number per day as a percentile among the open deals of a stage: there the stage number is the same, so
-- younger is faster. Ties share the middle of their ranks. A deal alone in its stage has no rank.
SELECT
    stage_number,
    days,
    CASE WHEN deals > 1 THEN (2 * (as_old - same) + same) / (2.0 * deals) END AS momentum_percentile
FROM (
    SELECT
        stage_number,
        days,
        same,
        CAST(SUM(same) OVER (PARTITION BY stage_number ORDER BY days DESC) AS BIGINT) AS as_old,
        CAST(SUM(same) OVER (PARTITION BY stage_number) AS BIGINT) AS deals
    FROM (
        SELECT
            stage_number,
            CASE WHEN age_days < 1 THEN 1 ELSE age_days END AS days,
            CAST(SUM(deals) AS BIGINT) AS same
        FROM ($peers) peers
        GROUP BY 1, 2
    ) aged
) counted

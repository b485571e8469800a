-- Momentum of each open deal: how its age ranks among the open deals in its stage.
SELECT s.deal_id, r.momentum_percentile
FROM state s
JOIN ($ranks) r ON r.stage_number = s.stage_number
    AND r.days = CASE WHEN s.age_days < 1 THEN 1 ELSE s.age_days END
WHERE s.outcome = 'open'

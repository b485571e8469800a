-- Visits of won deals to a stage by their length: from the change into it to the next change or the close. The
-- stage in which the first load found a deal was entered on a day nobody knows.
SELECT stage, deal_type, left_day - day AS days, COUNT(*) AS deals
FROM (
    SELECT
        c.new AS stage,
        d.deal_type,
        c.day,
        COALESCE(LEAD(c.day) OVER (PARTITION BY c.deal_id ORDER BY c.moment), d.close_day) AS left_day
    FROM crm_changes c
    JOIN state d ON d.deal_id = c.deal_id
    WHERE c.kind = 'stage' AND d.outcome = 'won' AND d.backdated = 0 AND c.day <= d.close_day
        AND (COALESCE(c.origin, 'crm') <> 'snapshot' OR c.old IS NOT NULL OR c.day <= d.created_day)
) visits
JOIN stages USING (stage)
GROUP BY stage, deal_type, left_day - day
ORDER BY stage, deal_type, left_day - day

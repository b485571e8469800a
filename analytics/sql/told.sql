-- What its changes tell of each deal on the day. A `..._told` flag is 1 when there is any change of the kind:
-- a value told to be empty is not the same as a value nobody told. `stage_found`: the stage in which the first
-- load found the deal, entered on a day that nobody told.
SELECT
    deal_id,
    MAX(CASE WHEN kind = 'stage' THEN 1 ELSE 0 END) AS stage_told,
    MAX(CASE WHEN kind = 'stage' THEN told END) AS stage,
    MAX(CASE WHEN kind = 'stage' AND by_then = 1 THEN old END) AS stage_before,
    MAX(CASE WHEN kind = 'stage' AND by_then = 1 THEN day END) AS stage_since_day,
    MAX(CASE WHEN kind = 'stage' AND by_then = 1 AND old IS NULL AND origin = 'snapshot' THEN 1 ELSE 0 END)
        AS stage_found,
    MAX(CASE WHEN kind = 'amount' THEN 1 ELSE 0 END) AS amount_told,
    MAX(CASE WHEN kind = 'amount' THEN told_number END) AS amount_cents,
    MAX(CASE WHEN kind = 'close_date' THEN 1 ELSE 0 END) AS close_told,
    MAX(CASE WHEN kind = 'close_date' THEN told_number END) AS close_day,
    MAX(CASE WHEN kind = 'owner' THEN told END) AS rep_id,
    MAX(pushes) AS pushes
FROM (
    SELECT
        c.deal_id,
        c.kind,
        c.day,
        c.old,
        c.origin,
        t.pushes,
        CASE WHEN c.day <= r.as_of_day THEN 1 ELSE 0 END AS by_then,
        CASE WHEN c.day <= r.as_of_day THEN c.new ELSE c.old END AS told,
        CASE WHEN c.day <= r.as_of_day THEN c.new_number ELSE c.old_number END AS told_number
    FROM crm_changes c
    JOIN telling_change t ON t.deal_id = c.deal_id AND t.kind = c.kind AND t.moment = c.moment
    CROSS JOIN run r
) telling
GROUP BY deal_id

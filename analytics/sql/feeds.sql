-- One row: which histories the source had told by the day and from which day on, and whether it names currencies
-- at all. `amounts_day` only where one deal in twenty tells a change of amount: a few told by chance do not make
-- the recorded amounts of all others those of the time. `one_in`: of so many deals one is followed in snapshots, so that they stay few.
SELECT
    COALESCE(MAX(CASE WHEN c.kind = 'stage' THEN 1 ELSE 0 END), 0) AS stages,
    COALESCE(MAX(CASE WHEN c.kind = 'close_date' THEN 1 ELSE 0 END), 0) AS close_dates,
    MIN(CASE WHEN c.kind = 'close_date' THEN c.day END) AS close_dates_day,
    CASE
        WHEN 20 * COUNT(DISTINCT CASE WHEN c.kind = 'amount' THEN c.deal_id END)
            >= (SELECT COUNT(*) FROM crm_deals d CROSS JOIN run u WHERE d.created_day <= u.as_of_day)
            THEN MIN(CASE WHEN c.kind = 'amount' THEN c.day END)
    END AS amounts_day,
    (SELECT MIN(a.day) FROM crm_activities a CROSS JOIN run u WHERE a.day <= u.as_of_day) AS activities_day,
    (SELECT CASE WHEN COUNT(a.day) > 0 THEN 1 ELSE 0 END
     FROM crm_activities a CROSS JOIN run u WHERE a.day <= u.as_of_day) AS activities,
    (SELECT CASE WHEN COUNT(d.currency) > 0 THEN 1 ELSE 0 END
     FROM crm_deals d CROSS JOIN run u WHERE d.created_day <= u.as_of_day) AS currencies,
    (SELECT CASE
        WHEN COUNT(*) <= 100000 THEN 1
        WHEN COUNT(*) <= 400000 THEN 4
        WHEN COUNT(*) <= 1600000 THEN 16
        WHEN COUNT(*) <= 6400000 THEN 64
        ELSE 256
    END FROM crm_deals d CROSS JOIN run u WHERE d.created_day <= u.as_of_day) AS one_in
FROM crm_changes c
CROSS JOIN run r
WHERE c.day <= r.as_of_day

-- Day of each deal's last activity by the day of the run.
SELECT a.deal_id, MAX(a.day) AS day
FROM crm_activities a
CROSS JOIN run r
WHERE a.day <= r.as_of_day
GROUP BY a.deal_id

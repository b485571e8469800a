-- Closed deals by kind of business.
SELECT COALESCE(d.deal_type, 'Not set') AS deal_type, COUNT(*) AS deals
FROM crm_deals d
CROSS JOIN run r
WHERE d.created_day <= r.as_of_day AND d.outcome <> 'open' AND d.close_day <= r.as_of_day
GROUP BY COALESCE(d.deal_type, 'Not set')
ORDER BY COUNT(*) DESC, COALESCE(d.deal_type, 'Not set')

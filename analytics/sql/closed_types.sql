-- Closed deals by kind of business.
SELECT deal_type, COUNT(*) AS deals
FROM closed
GROUP BY deal_type
ORDER BY COUNT(*) DESC, deal_type

-- What everyone is to win in each quarter.
SELECT person_id, period, amount_cents
FROM crm_quotas
WHERE amount_cents IS NOT NULL
ORDER BY person_id, period

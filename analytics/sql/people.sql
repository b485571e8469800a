-- Everyone the CRM knows.
SELECT person_id, name, email, role, manager_id, team
FROM crm_people
ORDER BY person_id

-- Deals of which the passing of days alone may tell something new since a day.
SELECT deal_id
FROM crm_deals
WHERE outcome = 'open'
    OR created_day > $day
    OR close_day > $day
    OR updated_day > $day
    OR last_activity_day > $day
    OR stage_entered_day > $day
UNION
SELECT deal_id FROM crm_changes WHERE day > $day
UNION
SELECT deal_id FROM crm_activities WHERE day > $day

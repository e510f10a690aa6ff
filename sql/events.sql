-- Open conditions and their events.

-- name: list_conditions
SELECT scope, "check", began_ms, state, since_ms, count, last_ms, changed_ms, code FROM condition
ORDER BY scope, "check"
-- name: put_condition
INSERT OR REPLACE INTO condition
    ("check", began_ms, state, since_ms, count, last_ms, changed_ms, scope, code)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
-- name: delete_condition
DELETE FROM condition WHERE "check" = ?1 AND scope = ?2

-- name: add_staged_event
INSERT INTO staged_event (at_ms, "check", began_ms, change, state, scope, code, detail)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
-- name: list_staged_events
SELECT number, at_ms, scope, "check", began_ms, change, state, code, detail FROM staged_event
ORDER BY number
-- name: delete_staged_events
DELETE FROM staged_event

-- Table event. The events of a condition are in the order of the log.
-- name: add_event
INSERT INTO event (number, at_ms, "check", began_ms, change, state, scope, code, detail)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
WHERE NOT EXISTS (SELECT 1 FROM event
    WHERE scope = ?7 AND "check" = ?3 AND began_ms = ?4 AND change = ?5 AND at_ms = ?2)
-- name: delete_events_after
DELETE FROM event WHERE number > ?1
-- The events of all conditions that are open, or have an event at ?1 or later. The inner list has
-- the order, so that no texts are sorted; its LIMIT keeps SQLite from leaving the order out.
-- name: list_events_since
SELECT number, at_ms, scope, "check", began_ms, change, state, code, detail
FROM (SELECT DISTINCT scope, "check", began_ms
    FROM (SELECT scope, "check", began_ms FROM event WHERE at_ms >= ?1
        UNION ALL SELECT scope, "check", began_ms FROM condition)
    ORDER BY scope, "check", began_ms LIMIT -1) AS touched
CROSS JOIN event USING (scope, "check", began_ms)
-- name: list_events_of
SELECT number, at_ms, scope, "check", began_ms, change, state, code, detail FROM event
WHERE scope = ?1 ORDER BY "check", began_ms, number
-- name: delete_events_before
DELETE FROM event
WHERE at_ms < ?1 AND NOT EXISTS (SELECT 1 FROM condition
    WHERE condition.scope = event.scope AND condition."check" = event."check"
        AND condition.began_ms = event.began_ms)

-- The event log, for those who follow it.

-- name: list_events_between
SELECT number, at_ms, scope, "check", began_ms, change, state, code, detail FROM event
WHERE at_ms >= ?1 AND at_ms < ?2
-- The last event of a condition until ?3, without its texts.
-- name: get_last_event
SELECT number, at_ms, NULL, "check", began_ms, change, state, NULL, detail = ?5 FROM event
WHERE scope = ?4 AND "check" = ?1 AND began_ms = ?2 AND at_ms <= ?3
ORDER BY number DESC LIMIT 1
-- name: count_inverted_events
SELECT count(*) FROM event
WHERE scope = ?5 AND "check" = ?1 AND began_ms > ?2 AND began_ms < ?4
    AND (began_ms <= ?3 OR at_ms < began_ms)
-- name: log_staged_events
INSERT INTO event (scope, "check", began_ms, number, at_ms, change, state, code, detail)
SELECT scope, "check", began_ms, ?1 + number, at_ms, change, state, code, detail FROM staged_event
-- name: delete_later_events
DELETE FROM event WHERE at_ms > ?1

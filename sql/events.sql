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

-- The event log, for those who follow it.

-- name: list_events_between
SELECT number, at_ms, scope, "check", began_ms, change, state, code, detail FROM event
WHERE at_ms >= ?1 AND at_ms < ?2
-- The last event of a condition until ?3, without its texts.
-- name: get_last_event
SELECT number, at_ms, NULL, "check", began_ms, change, state, NULL, detail = ?5 FROM event
WHERE scope = ?4 AND "check" = ?1 AND began_ms = ?2 AND at_ms <= ?3
ORDER BY number DESC LIMIT 1
-- name: get_last_event_number
SELECT max(number) FROM event
-- name: log_staged_events
INSERT INTO event (scope, "check", began_ms, number, at_ms, change, state, code, detail)
SELECT scope, "check", began_ms, ?1 + number, at_ms, change, state, code, detail FROM staged_event
-- name: delete_events_beyond
DELETE FROM event WHERE number > ?1
-- name: delete_events_after
DELETE FROM event WHERE at_ms > ?1

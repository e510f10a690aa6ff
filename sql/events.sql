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

-- Table event. The events of a condition are in the order of its parts, then of their times.
-- name: add_event
INSERT INTO event (number, at_ms, "check", began_ms, part, change, state, scope, code, detail)
VALUES (?1, ?2, ?3, ?4, event_part(?5), ?5, ?6, ?7, ?8, ?9)
-- name: count_events_at
SELECT count(*) FROM event
WHERE scope = ?5 AND "check" = ?2 AND began_ms = ?3 AND part = event_part(?4) AND at_ms = ?1
    AND change = ?4
-- name: delete_events_after
DELETE FROM event WHERE number > ?1

-- Table message_event. Several targets may be sent something about a condition at the same moment.
-- name: add_message_event
INSERT INTO message_event (number, at_ms, "check", began_ms, change, state, scope, code, detail)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
-- name: count_message_events_at
SELECT count(*) FROM message_event
WHERE scope = ?5 AND "check" = ?2 AND began_ms = ?3 AND at_ms = ?1 AND change = ?4 AND detail = ?6
-- name: delete_message_events_after
DELETE FROM message_event WHERE number > ?1
-- name: list_newest_message_events
SELECT number, at_ms, scope, "check", began_ms, change, state, code, detail FROM message_event
ORDER BY at_ms DESC, number DESC LIMIT ?1
-- name: delete_message_events_before
DELETE FROM message_event
WHERE at_ms < ?1 AND NOT EXISTS (SELECT 1 FROM condition
    WHERE condition.scope = message_event.scope AND condition."check" = message_event."check"
        AND condition.began_ms = message_event.began_ms)

-- Table event, for the pages.
-- The events of all conditions that are open, or have an event at ?1 or later, and perhaps of some
-- that ended before. A monitor can have many thousands of events, so only the moments at which its
-- conditions began are sorted. Without the LIMIT, SQLite would ignore the ORDER BY.
-- name: list_events_since
WITH touched AS (
    SELECT scope, "check", min(began_ms) AS first_ms FROM (
        SELECT scope, "check", began_ms FROM event WHERE at_ms >= ?1
        UNION ALL SELECT scope, "check", began_ms FROM condition)
    GROUP BY scope, "check" ORDER BY scope, "check" LIMIT -1)
SELECT number, at_ms, event.scope, event."check", began_ms, change, state, code, detail
FROM touched CROSS JOIN event ON event.scope = touched.scope AND event."check" = touched."check"
    AND began_ms >= first_ms
-- The events of one kind of check (?2) whose conditions are open, or have an event at ?1 or later.
-- name: list_events_of_check
WITH touched AS (
    SELECT scope, "check", began_ms FROM event WHERE at_ms >= ?1 AND "check" = ?2
    UNION
    SELECT scope, "check", began_ms FROM condition WHERE "check" = ?2
)
SELECT number, at_ms, scope, "check", began_ms, change, state, code, detail
FROM touched CROSS JOIN event USING (scope, "check", began_ms)
ORDER BY scope, "check", began_ms, part, at_ms, number
-- The last end (?3) of a condition that began before ?2, with the reason ?5.
-- name: find_end
SELECT at_ms FROM event
WHERE scope = ?4 AND "check" = ?1 AND began_ms < ?2 AND part = event_part(?3) AND detail = ?5
ORDER BY began_ms DESC LIMIT 1
-- name: delete_events_before
DELETE FROM event
WHERE at_ms < ?1 AND NOT EXISTS (SELECT 1 FROM condition
    WHERE condition.scope = event.scope AND condition."check" = event."check"
        AND condition.began_ms = event.began_ms)

-- The event log, for those who follow it.

-- name: list_events_between
SELECT number, at_ms, scope, "check", began_ms, change, state, code, detail FROM event
WHERE at_ms >= ?1 AND at_ms < ?2
-- The last event of a condition until ?3; in place of its texts, whether the condition has an event
-- of kind ?7, and whether the detail is ?5. The end (?6) is always the last one: if the clock was set
-- back, it can be in the archive of an earlier day.
-- name: get_last_event
SELECT number, at_ms, NULL, "check", began_ms, change, state,
    EXISTS (SELECT 1 FROM event
        WHERE scope = ?4 AND "check" = ?1 AND began_ms = ?2 AND change = ?7), detail = ?5
FROM event WHERE scope = ?4 AND "check" = ?1 AND began_ms = ?2 AND at_ms <= ?3
ORDER BY part = event_part(?6) DESC, number DESC LIMIT 1
-- name: count_inverted_events
SELECT count(*) FROM event
WHERE scope = ?6 AND "check" = ?1 AND began_ms > ?2 AND began_ms < ?4
    AND number > ?5 AND (began_ms <= ?3 OR at_ms < began_ms)
-- name: log_staged_events
INSERT INTO event (scope, "check", began_ms, part, number, at_ms, change, state, code, detail)
SELECT scope, "check", began_ms, event_part(change), ?1 + number, at_ms, change, state, code, detail
FROM staged_event WHERE change < ?2
-- name: delete_later_events
DELETE FROM event WHERE at_ms > ?1

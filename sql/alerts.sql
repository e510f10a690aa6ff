-- Targets, what was reported to them, the subjects that have to be decided, and the messages that
-- wait.

-- name: mark_subject
INSERT OR IGNORE INTO changed_subject ("check", scope) VALUES (?1, ?2)
-- Those that have an event at ?1 or later, or an open condition.
-- name: mark_current_subjects
INSERT OR IGNORE INTO changed_subject (scope, "check")
SELECT scope, "check" FROM event WHERE at_ms >= ?1
UNION SELECT scope, "check" FROM condition
-- A moment after ?2 was set before the clock was set back.
-- name: list_subjects
SELECT "check", scope FROM changed_subject
UNION SELECT "check", scope FROM reported WHERE look_ms <= ?1
UNION SELECT "check", scope FROM reported WHERE look_ms > ?2
-- name: delete_changed_subjects
DELETE FROM changed_subject

-- name: list_targets
SELECT id FROM target
-- name: get_target
SELECT first FROM target WHERE id = ?1
-- name: add_target
INSERT OR IGNORE INTO target (first, id) VALUES (?1, ?2)
-- The numbers of earlier messages to a target that was configured before.
-- name: restore_numbers
INSERT OR IGNORE INTO reported (scope, "check", target, state, n, is_flapping, given_up)
SELECT scope, "check", ?3, ?1,
    ?2 + min(1000000000, max(CAST(substr(detail, instr(detail, ' ') + 1) AS INTEGER))), 0, ?1
FROM message_event WHERE substr(detail, 1, instr(detail, ' ')) = ?3 || ' '
GROUP BY scope, "check"
-- Target ?3 may have been sent messages about these subjects that no event shows.
-- name: skip_numbers
INSERT OR IGNORE INTO reported (scope, "check", target, state, n, is_flapping, given_up)
SELECT scope, "check", ?3, ?1, ?2, 0, ?1 FROM changed_subject
-- name: restore_target
INSERT INTO target (first, id) VALUES (?1, ?2)
ON CONFLICT DO UPDATE SET first = max(first, excluded.first)
-- A message about the outage of ?2 was not delivered, so the target was there. This outage, or if it
-- is the reported one (?5), the next one, must not count as older than the target.
-- name: lower_target
UPDATE target SET first = min(first, coalesce((SELECT max(number) - 1 FROM event
    WHERE scope = ?3 AND "check" = ?1 AND began_ms <> ?5 AND number >=
        (SELECT min(number) FROM event WHERE scope = ?3 AND "check" = ?1 AND began_ms = ?2)
    GROUP BY began_ms ORDER BY 1 LIMIT 1), first))
WHERE id = ?4
-- name: delete_target
DELETE FROM target WHERE id = ?1
-- name: delete_reported_of_target
DELETE FROM reported WHERE target = ?1
-- name: delete_parts_of_target
DELETE FROM message_part WHERE message IN (SELECT number FROM message WHERE target = ?1)
-- name: delete_messages_of_target
DELETE FROM message WHERE target = ?1

-- Outages are the conditions that were confirmed: the index event_outage has them without the
-- others, which can be many thousands.
-- The first moment of a story: see alert_table.h.
-- name: get_story_start
SELECT min(?2,
    coalesce((SELECT began_ms FROM condition WHERE scope = ?4 AND "check" = ?1), ?2),
    coalesce((SELECT min(min(series_ms, began_ms)) FROM message_part
        WHERE scope = ?4 AND "check" = ?1), ?2),
    coalesce((SELECT min(began_ms) FROM (SELECT DISTINCT began_ms
        FROM event INDEXED BY event_outage
        WHERE scope = ?4 AND "check" = ?1 AND state > 1 ORDER BY began_ms DESC LIMIT ?3)), ?2))
-- The events of a subject whose conditions began at ?2 or later, and of those of messages only the
-- kind ?3. Of the conditions that are no outages, only the newest one. The conditions are in the
-- order of the log, because a later one began earlier if the clock was set back; the events of each
-- are in the order of table event.
-- name: list_story_events
WITH wanted (began_ms) AS (
    SELECT began_ms FROM event INDEXED BY event_outage
    WHERE scope = ?4 AND "check" = ?1 AND began_ms >= ?2 AND state > 1
    UNION SELECT max(began_ms) FROM event WHERE scope = ?4 AND "check" = ?1
    UNION SELECT began_ms FROM condition WHERE scope = ?4 AND "check" = ?1)
SELECT number, at_ms, scope, "check", began_ms, change, state, code, detail, part FROM (
    SELECT scope, "check", began_ms, part, at_ms, number, change, state, code, detail
    FROM wanted CROSS JOIN event USING (began_ms) WHERE scope = ?4 AND "check" = ?1
    UNION ALL
    SELECT scope, "check", began_ms, 1, at_ms, number, change, state, code, detail
    FROM message_event
    WHERE scope = ?4 AND "check" = ?1 AND began_ms >= ?2 AND change = ?3)
ORDER BY first_value(number) OVER (PARTITION BY began_ms ORDER BY part, at_ms, number),
    part, at_ms, number

-- name: get_reported
SELECT state, n, is_flapping, given_up, series_ms, outage_ms, down_ms, last_ms, tried_ms,
    given_up_ms
FROM reported WHERE scope = ?2 AND "check" = ?1 AND target = ?3
-- name: put_reported
INSERT OR REPLACE INTO reported ("check", state, n, is_flapping, given_up, series_ms, outage_ms,
    down_ms, last_ms, tried_ms, given_up_ms, look_ms, scope, target)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
-- name: delete_unused_reported
DELETE FROM reported
WHERE NOT EXISTS (SELECT 1 FROM event
        WHERE event.scope = reported.scope AND event."check" = reported."check")
    AND NOT EXISTS (SELECT 1 FROM message_part
        WHERE message_part.scope = reported.scope AND message_part."check" = reported."check")
-- The clock was set back by ?1.
-- name: set_back_reported
UPDATE reported SET down_ms = max(0, down_ms - ?1), last_ms = max(0, last_ms - ?1),
    look_ms = max(0, look_ms - ?1)
-- name: set_back_messages
UPDATE message SET created_ms = max(0, created_ms - ?1), next_ms = max(0, next_ms - ?1)
-- name: get_next_alert
SELECT min(?1, coalesce((SELECT 0 FROM changed_subject LIMIT 1), ?1),
    coalesce((SELECT min(look_ms) FROM reported), ?1),
    coalesce((SELECT min(next_ms) FROM message), ?1))
-- For each target and subject, in the order of the numbers of the messages: that of the log is
-- another one if the clock was set back over midnight.
-- name: list_message_events_by_target
SELECT number, at_ms, scope, "check", began_ms, change, state, code, detail FROM message_event
WHERE change <> ?1
ORDER BY scope, "check", substr(detail, 1, instr(detail, ' ')),
    CAST(substr(detail, instr(detail, ' ') + 1) AS INTEGER), number

-- name: add_message
INSERT INTO message (created_ms, next_ms, attempts, target, answer, content)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
-- name: update_message
UPDATE message SET next_ms = ?2, attempts = ?3, answer = ?4 WHERE number = ?1
-- name: delete_message
DELETE FROM message WHERE number = ?1
-- name: find_message
SELECT number FROM message_part JOIN message ON message.number = message_part.message
WHERE scope = ?2 AND "check" = ?1 AND target = ?3 LIMIT 1
-- name: get_message_age
SELECT created_ms, attempts FROM message WHERE number = ?1
-- name: get_failed_message
SELECT attempts, answer FROM message WHERE target = ?1 AND attempts > 0
ORDER BY attempts DESC, number DESC LIMIT 1
-- The first one after ?1 that is due at ?2 or earlier; or after ?3: the clock was set back.
-- name: next_message
SELECT number, created_ms, next_ms, attempts, target, answer, content FROM message
WHERE number > ?1 AND (next_ms <= ?2 OR next_ms > ?3) ORDER BY number LIMIT 1
-- Whether there is an event of kind ?1 about a message to target ?5 after the one that opened its
-- condition of kind ?2, which began at ?3. Only events at ?4 or later are read. A staged one is the
-- newest.
-- name: was_sent_since
SELECT EXISTS (SELECT 1 FROM staged_event
    WHERE change = ?1 AND substr(detail, 1, instr(detail, ' ')) = ?5 || ' ')
OR EXISTS (SELECT 1 FROM message_event
    WHERE at_ms >= ?4 AND change = ?1 AND substr(detail, 1, instr(detail, ' ')) = ?5 || ' '
        AND number > (SELECT max(number) FROM event
            WHERE scope = ?5 AND "check" = ?2 AND began_ms = ?3 AND part = 0))
-- name: count_undelivered
SELECT count(*) FROM message WHERE attempts > 0

-- name: add_message_part
INSERT INTO message_part
    (message, position, "check", change, state, series_ms, n, began_ms, is_flapping, scope)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
-- name: list_message_parts
SELECT "check", change, state, series_ms, n, began_ms, is_flapping, scope FROM message_part
WHERE message = ?1 ORDER BY position
-- name: delete_message_parts
DELETE FROM message_part WHERE message = ?1

-- Transitions.

-- name: list_transitions
SELECT monitor, start_ms, before_ms, status, http_status, failure FROM transition
ORDER BY monitor, start_ms

-- name: last_transition
SELECT start_ms, before_ms, status FROM transition WHERE monitor = ?1 AND start_ms <= ?2
ORDER BY start_ms DESC LIMIT 1
-- name: next_transition
SELECT start_ms, before_ms, status FROM transition WHERE monitor = ?1 AND start_ms > ?2
ORDER BY start_ms LIMIT 1

-- If the check already is a transition, only the check before it is new.
-- name: put_transition
INSERT INTO transition (monitor, start_ms, before_ms, status, http_status, failure)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (monitor, start_ms) DO UPDATE SET before_ms = excluded.before_ms
-- name: delete_transition
DELETE FROM transition WHERE monitor = ?1 AND start_ms = ?2

-- The last transition before ?1 stays for each monitor: it shows the kind of the checks at ?1.
-- name: delete_transitions_before
DELETE FROM transition WHERE start_ms < ?1 AND start_ms <
    (SELECT max(start_ms) FROM transition AS later
     WHERE later.monitor = transition.monitor AND later.start_ms <= ?1)

-- All but the newest ?1 transitions of each monitor.
-- name: delete_transitions_beyond
WITH crowd AS (SELECT monitor FROM transition GROUP BY monitor HAVING count(*) > ?1),
    cut AS (SELECT monitor, (SELECT start_ms FROM transition
        WHERE transition.monitor = crowd.monitor
        ORDER BY start_ms DESC LIMIT 1 OFFSET ?1 - 1) AS first_ms FROM crowd)
DELETE FROM transition WHERE (monitor, start_ms) IN
    (SELECT cut.monitor, older.start_ms FROM cut
     JOIN transition AS older ON older.monitor = cut.monitor AND older.start_ms < cut.first_ms)

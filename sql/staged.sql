-- Staged results.

-- name: add_staged
INSERT INTO staged
    (monitor, number, due_after_ms, start_ms, status, http_status, latency_ms, failure, phases)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- All that an export needs: the results of each monitor, its live file, and its summary. The order
-- is that of the primary key, so nothing is sorted and the rows of a monitor come together.
-- name: list_staged
SELECT staged.monitor, site, domain, length, archived, first_ms, monitor.due_after_ms, last_ms,
    last_status, failed_ms, failed_status, latest_ms, latest_status, number, staged.due_after_ms,
    start_ms, status, http_status, latency_ms, failure, phases
FROM staged
LEFT JOIN monitor ON monitor.id = staged.monitor
LEFT JOIN live ON live.monitor = staged.monitor
ORDER BY staged.monitor, number

-- How many results of a check that started then are staged.
-- name: count_staged_at
SELECT count(*) FROM staged WHERE monitor = ?1 AND start_ms = ?2

-- name: list_staged_due_after
SELECT monitor, due_after_ms,
    CASE WHEN http_status IN (429, 503) THEN start_ms + latency_ms END,
    CASE WHEN http_status IN (429, 503) THEN failure END
FROM staged ORDER BY monitor, number

-- How many monitors have staged results, up to ?1, and whether each of them has a live file with
-- rows that are not in the archives; and whether events are staged.
-- name: count_staged
SELECT count(*), coalesce(min(coalesce(length > archived, 0)), 1),
    EXISTS (SELECT 1 FROM staged_event)
FROM (SELECT DISTINCT monitor FROM staged ORDER BY monitor LIMIT ?1)
LEFT JOIN live USING (monitor)

-- name: newest_staged_number
SELECT max(number) FROM staged
-- name: oldest_staged
SELECT min(start_ms) FROM staged

-- name: delete_staged_between
DELETE FROM staged WHERE monitor > ?1 AND monitor < ?2
-- name: delete_staged
DELETE FROM staged
-- name: delete_staged_one
DELETE FROM staged WHERE monitor = ?1 AND number = ?2

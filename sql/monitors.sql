-- Monitors, sites, and the last checks of each monitor.

-- name: list_sites
SELECT id, name, '' FROM site ORDER BY id
-- name: add_site
INSERT INTO site (name) VALUES (?1)

-- name: find_site
SELECT id FROM site WHERE name = ?1

-- name: list_monitors
SELECT id, site, domain FROM monitor ORDER BY id
-- name: find_monitor
SELECT id FROM monitor WHERE site = ?1 AND domain = ?2
-- name: add_monitor
INSERT INTO monitor (site, domain) VALUES (?1, ?2)

-- name: list_states
SELECT id, first_ms, latest_ms, due_after_ms, last_ms, last_status, last_http_status,
    last_latency_ms, last_failure, last_phases, failed_ms, failed_status, failed_http_status,
    failed_latency_ms, failed_failure
FROM monitor ORDER BY id

-- Only checks with these statuses may have asked for a wait (monitors.c): when the last one ended, and
-- its text.
-- name: list_due_after
SELECT id, due_after_ms,
    CASE WHEN last_http_status IN (429, 503) THEN last_ms + last_latency_ms END,
    CASE WHEN last_http_status IN (429, 503) THEN last_failure END
FROM monitor ORDER BY id

-- The columns of struct monitor_summary.
-- name: get_summary
SELECT first_ms, due_after_ms, last_ms, last_status, failed_ms, failed_status, latest_ms,
    latest_status
FROM monitor WHERE id = ?1

-- name: put_last
UPDATE monitor SET first_ms = ?2, due_after_ms = ?3, latest_ms = ?4, latest_status = ?5,
    last_ms = ?6, last_status = ?7, last_http_status = ?8, last_latency_ms = ?9,
    last_failure = ?10, last_phases = ?11
WHERE id = ?1

-- Only late rows: the last check stays.
-- name: put_due_after
UPDATE monitor SET first_ms = ?2, due_after_ms = ?3, latest_ms = ?4, latest_status = ?5
WHERE id = ?1

-- name: put_last_failure
UPDATE monitor SET failed_ms = ?2, failed_status = ?3, failed_http_status = ?4,
    failed_latency_ms = ?5, failed_failure = ?6
WHERE id = ?1

-- name: put_first_check
UPDATE monitor SET first_ms = ?2 WHERE id = ?1

-- A first check before the counts that are kept becomes that of the first day with a count. ?3 and
-- ?4 are the milliseconds of a day and of a minute.
-- name: forget_first_checks
UPDATE monitor
SET first_ms = coalesce((SELECT (day + 1) * ?3 - (up + degraded + bot + down + timeout) * ?4
    FROM day WHERE owner = monitor.id AND day BETWEEN ?1 AND ?2 ORDER BY day LIMIT 1), first_ms)
WHERE first_ms < ?1 * ?3

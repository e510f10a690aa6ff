-- Minutes counted for each day, and their sums.

-- name: list_days
SELECT owner, day, up, degraded, bot, down, timeout FROM day WHERE day BETWEEN ?1 AND ?2
ORDER BY owner, day
-- name: put_day
INSERT OR REPLACE INTO day (owner, day, up, degraded, bot, down, timeout)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
-- name: delete_day
DELETE FROM day WHERE owner = ?1 AND day = ?2
-- name: delete_days_before
DELETE FROM day WHERE day < ?1

-- name: list_sums
SELECT owner, minutes FROM sum ORDER BY owner
-- name: put_sum
INSERT INTO sum (owner, minutes) VALUES (?1, ?2)
-- name: delete_sums
DELETE FROM sum

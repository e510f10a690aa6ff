-- Minutes counted for each day, and their sums.

-- name: list_days
SELECT owner, day, up, degraded, bot, down, timeout FROM day WHERE day BETWEEN ?1 AND ?2
ORDER BY owner, day
-- name: get_day
SELECT owner, day, up, degraded, bot, down, timeout FROM day WHERE owner = ?1 AND day = ?2

-- name: put_day
INSERT OR REPLACE INTO day (owner, day, up, degraded, bot, down, timeout)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
-- name: delete_day
DELETE FROM day WHERE owner = ?1 AND day = ?2
-- name: delete_days_before
DELETE FROM day WHERE day < ?1

-- The time of the first check, if all minutes of its day that have no count came before it. ?4 and
-- ?5 are the milliseconds of a day and of a minute.
-- name: first_counted
SELECT (day + 1) * ?4 - (up + degraded + bot + down + timeout) * ?5
FROM day WHERE owner = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day LIMIT 1

-- name: list_sums
SELECT owner, minutes FROM sum ORDER BY owner
-- The sums of all that may have counts, and their counts of one day. NULL: there are none.
-- name: list_owners
SELECT it.owner, minutes, up, degraded, bot, down, timeout
FROM (SELECT -id AS owner FROM site UNION ALL SELECT id FROM monitor) AS it
    LEFT JOIN sum ON sum.owner = it.owner
    LEFT JOIN day ON day.owner = it.owner AND day.day = ?1
-- name: put_sum
INSERT OR REPLACE INTO sum (owner, minutes) VALUES (?1, ?2)
-- name: delete_sums
DELETE FROM sum

-- The counts of a span of days, with the names of their owners. CROSS JOIN: one look-up for each
-- owner, because the table is in the order of the owners.
-- name: list_named_days
SELECT day.day, monitor.site, monitor.domain, up, degraded, bot, down, timeout, first_ms, 0
FROM monitor CROSS JOIN day ON day.owner = monitor.id
WHERE day.day BETWEEN ?1 AND ?2
UNION ALL
SELECT day.day, site.name, '', up, degraded, bot, down, timeout, NULL, 1
FROM site CROSS JOIN day ON day.owner = -site.id
WHERE day.day BETWEEN ?1 AND ?2
ORDER BY 1, 10, 2, 3

-- Whether the count of a day is this one.
-- name: is_day
SELECT count(*) FROM day
WHERE owner = ?1 AND day = ?2 AND up = ?3 AND degraded = ?4 AND bot = ?5 AND down = ?6
    AND timeout = ?7
-- The domains of a site that have a count of a day.
-- name: count_domains
SELECT count(*) FROM monitor JOIN day ON day.owner = monitor.id AND day.day = ?2
WHERE monitor.site = ?1

-- A count of data/days replaces that of the rows if ?8 is 1, or if it has more minutes.
-- name: put_past_day
INSERT INTO day (owner, day, up, degraded, bot, down, timeout)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (owner, day) DO UPDATE
SET up = excluded.up, degraded = excluded.degraded, bot = excluded.bot, down = excluded.down,
    timeout = excluded.timeout
WHERE ?8 OR excluded.up + excluded.degraded + excluded.bot + excluded.down + excluded.timeout
    > day.up + day.degraded + day.bot + day.down + day.timeout

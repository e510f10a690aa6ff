-- Copies content of the old state, which is attached as `old`, into the new one. If the old state
-- is too damaged for one of the statements, the others still run. Nothing is copied that a reader
-- of the new state would take for damage.

-- script: attach
ATTACH ?1 AS old
-- script: detach
DETACH old

-- Whether the old state has anything but plain tables, the indexes that SQLite makes for them, and
-- those of the new state. Anything else can come from a hostile hand, and nothing is copied then.
-- script: count_foreign
SELECT (SELECT count(*) FROM old.sqlite_master
        WHERE type NOT IN ('table', 'index') OR type = 'index' AND sql NOT IN (
                SELECT sql FROM main.sqlite_master WHERE type = 'index' AND sql IS NOT NULL)
            OR rootpage < 2 OR rootpage IS NULL)
    + (SELECT count(*) FROM old.sqlite_master AS entry, pragma_table_xinfo(entry.name, 'old')
        WHERE entry.type = 'table' AND entry.rootpage > 1 AND hidden <> 0)

-- The views past_* have only the rows and values that uptick can have written (column.h). They also
-- hide that versions up to 3 had other names.
-- script: is_version_3
SELECT count(*) FROM old.sqlite_master WHERE name = 'staged' AND sql LIKE '%served_ms%'
-- script: view_monitors
CREATE TEMP VIEW IF NOT EXISTS past_monitor AS
SELECT id, site, domain, CASE WHEN is_time(first_ms) THEN first_ms END AS first_ms,
    CASE WHEN is_time(last_ms) THEN last_ms END AS last_ms
FROM old.monitor WHERE is_monitor(id) AND is_site(site) AND is_id(domain)
-- script: view_sites
CREATE TEMP VIEW IF NOT EXISTS past_site AS
SELECT id, name FROM old.site WHERE is_monitor(id) AND is_site(name)
-- script: view_days
CREATE TEMP VIEW IF NOT EXISTS past_day AS
SELECT owner, day, up, degraded, bot, down, timeout FROM old.day
WHERE is_owner(owner) AND is_day(day) AND is_minutes(up) AND is_minutes(degraded)
    AND is_minutes(bot) AND is_minutes(down) AND is_minutes(timeout)
    AND is_minutes(up + degraded + bot + down + timeout)
-- script: view_staged
CREATE TEMP VIEW IF NOT EXISTS past_staged AS
SELECT monitor, number, due_after_ms, start_ms, status, http_status, latency_ms, failure
FROM old.staged
WHERE is_monitor(monitor) AND is_number(number) AND is_time(due_after_ms) AND is_time(start_ms)
    AND is_status(status) AND is_http_status(http_status) AND is_latency(latency_ms)
    AND is_failure(failure)
-- script: view_staged_3
CREATE TEMP VIEW IF NOT EXISTS past_staged AS
SELECT monitor, number, served_ms AS due_after_ms, start_ms, status, http_status, latency_ms,
    failure
FROM old.staged
WHERE is_monitor(monitor) AND is_number(number) AND is_time(served_ms) AND is_time(start_ms)
    AND is_status(status) AND is_http_status(http_status) AND is_latency(latency_ms)
    AND is_failure(failure)
-- script: view_staged_events
CREATE TEMP VIEW IF NOT EXISTS past_staged_event AS
SELECT number, at_ms, scope, "check", began_ms, change, state, code, detail FROM old.staged_event
WHERE is_number(number) AND is_time(at_ms) AND is_time(began_ms)
    AND (is_event(scope, "check", change, state, code, detail)
        OR is_message_event(scope, "check", change, state, code, detail))

-- script: carry_over_monitors
INSERT OR IGNORE INTO monitor (site, domain) SELECT site, domain FROM past_monitor WHERE first_ms > 0
-- script: carry_over_sites
INSERT OR IGNORE INTO site (name) SELECT name FROM past_site

-- Counts of days that the new state does not have, and of days that have lost rows. If the first
-- check of a monitor is not in the CSV, the monitor has lost rows. They counted until the day of
-- the first row that is left. If none is left, they counted until :reach_days after the last check.
-- script: carry_over_monitor_days
WITH lost AS (
    SELECT here.id, here.site,
        CASE WHEN here.first_ms IS NULL THEN theirs.last_ms / :day_ms + :reach_days
        ELSE here.first_ms / :day_ms END AS until_day
    FROM past_monitor AS theirs
    JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain
    WHERE here.first_ms IS NULL OR theirs.first_ms < here.first_ms
)
INSERT OR IGNORE INTO day (owner, day, up, degraded, bot, down, timeout)
SELECT here.id, there.day, there.up, there.degraded, there.bot, there.down, there.timeout
FROM past_day AS there
JOIN past_monitor AS theirs ON theirs.id = there.owner
JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain
WHERE NOT EXISTS (SELECT 1 FROM main.day WHERE owner = here.id AND day = there.day)
    OR there.day <= (SELECT until_day FROM lost WHERE id = here.id)
ON CONFLICT (owner, day) DO UPDATE
SET up = excluded.up, degraded = excluded.degraded, bot = excluded.bot, down = excluded.down,
    timeout = excluded.timeout

-- The same for sites. A site has lost rows if one of its domains has.
-- script: carry_over_site_days
WITH lost AS (
    SELECT here.id, here.site,
        CASE WHEN here.first_ms IS NULL THEN theirs.last_ms / :day_ms + :reach_days
        ELSE here.first_ms / :day_ms END AS until_day
    FROM past_monitor AS theirs
    JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain
    WHERE here.first_ms IS NULL OR theirs.first_ms < here.first_ms
)
INSERT OR IGNORE INTO day (owner, day, up, degraded, bot, down, timeout)
SELECT -here.id, there.day, there.up, there.degraded, there.bot, there.down, there.timeout
FROM past_day AS there
JOIN past_site AS theirs ON theirs.id = -there.owner
JOIN main.site AS here ON here.name = theirs.name
WHERE NOT EXISTS (SELECT 1 FROM main.day WHERE owner = -here.id AND day = there.day)
    OR there.day <= (SELECT max(until_day) FROM lost WHERE site = here.name)
ON CONFLICT (owner, day) DO UPDATE
SET up = excluded.up, degraded = excluded.degraded, bot = excluded.bot, down = excluded.down,
    timeout = excluded.timeout

-- The latencies of these days. Old states up to version 6 have none, and those of version 7 had rows
-- of another size.
-- script: carry_over_latencies
INSERT INTO main.latency (monitor, day, slots)
SELECT here.id, there.day, there.slots
FROM old.latency AS there
JOIN past_monitor AS theirs ON theirs.id = there.monitor
JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain
WHERE (here.first_ms IS NULL OR theirs.first_ms < here.first_ms)
    AND is_day(there.day) AND is_slots(there.slots)
ON CONFLICT (monitor) DO UPDATE
SET slots = taken_slots(latency.day, latency.slots, excluded.day, excluded.slots,
    (SELECT coalesce(first_ms / :day_ms, latency.day) FROM main.monitor WHERE id = latency.monitor))

-- An older first check counts only if one of the days before the first row was counted. Otherwise
-- the older time may be damaged.
-- script: carry_over_first_checks
UPDATE OR IGNORE main.monitor AS here SET first_ms = theirs.first_ms
FROM past_monitor AS theirs
WHERE here.site = theirs.site AND here.domain = theirs.domain AND theirs.first_ms > 0
    AND (here.first_ms IS NULL OR theirs.first_ms < here.first_ms)
    AND (here.first_ms IS NULL OR EXISTS
        (SELECT 1 FROM past_day WHERE owner = theirs.id AND day < here.first_ms / :day_ms))

-- Certificates: the CSV has none.
-- script: carry_over_certificates
INSERT OR IGNORE INTO main.certificate
    (scope, id, from_ms, until_ms, seen_ms, unseen, longest, via, chain)
SELECT scope, id, from_ms, until_ms, seen_ms, unseen, longest, via, chain FROM old.certificate
WHERE is_server(scope) AND is_hash(id) AND is_time(from_ms) AND is_time(until_ms)
    AND is_time(seen_ms) AND is_length(unseen) AND is_length(longest) AND is_via(via)
    AND is_chain(chain)

-- The latest check of a monitor that has no row left in the CSV.
-- script: carry_over_latest
UPDATE OR IGNORE main.monitor AS here
SET latest_ms = theirs.latest_ms, latest_status = theirs.latest_status
FROM old.monitor AS theirs
WHERE is_time(theirs.latest_ms) AND is_status(theirs.latest_status) AND here.site = theirs.site AND here.domain = theirs.domain AND here.latest_ms IS NULL

-- Without phases: they show only the last check, and the next check brings its own.
-- script: carry_over_staged
INSERT OR IGNORE INTO staged
    (monitor, number, due_after_ms, start_ms, status, http_status, latency_ms, failure)
SELECT here.id, there.number, there.due_after_ms, there.start_ms, there.status, there.http_status,
    there.latency_ms, there.failure
FROM past_staged AS there
JOIN past_monitor AS theirs ON theirs.id = there.monitor
JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain

-- The staged events are added to the log, until they are staged again (follower.h). An export that
-- was killed may have written them to the event log.
-- script: carry_over_events
INSERT INTO main.event (scope, "check", began_ms, part, number, at_ms, change, state, code, detail)
SELECT scope, "check", began_ms, event_part(change),
    (SELECT coalesce(max(value), 0) FROM main.setting WHERE key = :last_event)
        + row_number() OVER (ORDER BY number),
    at_ms, change, state, code, detail
FROM past_staged_event AS there
WHERE change < :sent AND NOT EXISTS (SELECT 1 FROM main.event AS here
    WHERE here.scope = there.scope AND here."check" = there."check"
        AND here.began_ms = there.began_ms AND here.at_ms = there.at_ms
        AND here.change = there.change)

-- Those of messages are staged again at once: no row belongs to them.
-- script: carry_over_message_events
INSERT INTO main.staged_event (at_ms, scope, "check", began_ms, change, state, code, detail)
SELECT at_ms, scope, "check", began_ms, change, state, code, detail
FROM past_staged_event AS there
WHERE change >= :sent AND NOT EXISTS (SELECT 1 FROM main.message_event AS here
    WHERE here.scope = there.scope AND here."check" = there."check"
        AND here.began_ms = there.began_ms AND here.at_ms = there.at_ms
        AND here.change = there.change AND here.detail = there.detail)
ORDER BY number

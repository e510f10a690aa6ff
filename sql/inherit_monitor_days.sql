-- Counts of days for which this state has none, and of those for which rows spoke that are gone.
-- A monitor whose first check is not in the CSV any more has lost rows. Those spoke for days up to
-- that of the first row left; where none is left, for twice the longest interval after the last one.
WITH lost AS (
    SELECT here.id, here.site, CASE WHEN here.first_ms IS NULL THEN theirs.last_ms / 86400000 + 14
        ELSE here.first_ms / 86400000 END AS until_day
    FROM old.monitor AS theirs
    JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain
    WHERE here.first_ms IS NULL OR theirs.first_ms < here.first_ms
)
INSERT OR IGNORE INTO day (owner, day, up, degraded, bot, down, timeout)
SELECT here.id, there.day, there.up, there.degraded, there.bot, there.down, there.timeout
FROM old.day AS there
JOIN old.monitor AS theirs ON theirs.id = there.owner
JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain
WHERE NOT EXISTS (SELECT 1 FROM main.day WHERE owner = here.id AND day = there.day)
    OR there.day <= (SELECT until_day FROM lost WHERE id = here.id)
ON CONFLICT (owner, day) DO UPDATE
SET up = excluded.up, degraded = excluded.degraded, bot = excluded.bot, down = excluded.down,
    timeout = excluded.timeout

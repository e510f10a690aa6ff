-- The same of the sites: rows of any of its domains spoke for a site.
WITH lost AS (
    SELECT here.id, here.site, CASE WHEN here.first_ms IS NULL THEN theirs.last_ms / 86400000 + 14
        ELSE here.first_ms / 86400000 END AS until_day
    FROM old.monitor AS theirs
    JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain
    WHERE here.first_ms IS NULL OR theirs.first_ms < here.first_ms
)
INSERT OR IGNORE INTO day (owner, day, up, degraded, bot, down, timeout)
SELECT -here.id, there.day, there.up, there.degraded, there.bot, there.down, there.timeout
FROM old.day AS there
JOIN old.site AS theirs ON theirs.id = -there.owner
JOIN main.site AS here ON here.name = theirs.name
WHERE NOT EXISTS (SELECT 1 FROM main.day WHERE owner = -here.id AND day = there.day)
    OR there.day <= (SELECT max(until_day) FROM lost WHERE site = here.name)
ON CONFLICT (owner, day) DO UPDATE
SET up = excluded.up, degraded = excluded.degraded, bot = excluded.bot, down = excluded.down,
    timeout = excluded.timeout

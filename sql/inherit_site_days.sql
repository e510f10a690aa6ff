-- Counts from before today. Those of this state stand, except up to the first day of the CSV.
INSERT OR IGNORE INTO day (owner, day, up, degraded, bot, down, timeout)
SELECT -here.id, there.day, there.up, there.degraded, there.bot, there.down, there.timeout
FROM old.day AS there
JOIN old.site AS theirs ON theirs.id = -there.owner
JOIN main.site AS here ON here.name = theirs.name
WHERE there.day < ?2
ON CONFLICT (owner, day) DO UPDATE
SET up = excluded.up, degraded = excluded.degraded, bot = excluded.bot, down = excluded.down,
    timeout = excluded.timeout
WHERE day <= ?1

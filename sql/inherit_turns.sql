-- Turns of before the first row that the CSV still has.
INSERT OR IGNORE INTO main.turn (monitor, start_ms, before_ms, status, http_status, failure)
SELECT here.id, there.start_ms, there.before_ms, there.status, there.http_status, there.failure
FROM old.turn AS there
JOIN old.monitor AS theirs ON theirs.id = there.monitor
JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain
LEFT JOIN (SELECT monitor, min(start_ms) AS start_ms FROM main.turn WHERE before_ms IS NULL
    GROUP BY monitor) AS first ON first.monitor = here.id
WHERE first.start_ms IS NULL AND here.latest_ms IS NULL OR there.start_ms < first.start_ms
ORDER BY here.id, there.start_ms

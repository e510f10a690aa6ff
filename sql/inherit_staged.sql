-- Without phases: an older state has none, and the next check has its own.
INSERT OR IGNORE INTO staged
    (monitor, number, served_ms, start_ms, status, http_status, latency_ms, failure)
SELECT here.id, there.number, there.served_ms, there.start_ms, there.status, there.http_status,
    there.latency_ms, there.failure
FROM old.staged AS there
JOIN old.monitor AS theirs ON theirs.id = there.monitor
JOIN main.monitor AS here ON here.site = theirs.site AND here.domain = theirs.domain

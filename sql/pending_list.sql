-- All that recording takes: who has staged what, the file it goes to, and what is known before.
-- The order is that of the primary key, so that nothing is sorted, and each monitor is met once.
SELECT staged.monitor, site, domain, length, archived, first_ms, monitor.served_ms, last_ms,
    last_status, failed_ms, failed_status, latest_ms, latest_status, number, staged.served_ms, start_ms, status, http_status,
    latency_ms, failure, phases
FROM staged
LEFT JOIN monitor ON monitor.id = staged.monitor
LEFT JOIN live ON live.monitor = staged.monitor
ORDER BY staged.monitor, number

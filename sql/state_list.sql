SELECT id, first_ms, served_ms, latest_ms, last_ms, last_status, last_http_status, last_latency_ms,
    last_failure, last_phases, failed_ms, failed_status, failed_http_status, failed_latency_ms,
    failed_failure
FROM monitor ORDER BY id

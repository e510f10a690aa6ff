UPDATE monitor SET failed_ms = ?2, failed_status = ?3, failed_http_status = ?4,
    failed_latency_ms = ?5, failed_failure = ?6
WHERE id = ?1

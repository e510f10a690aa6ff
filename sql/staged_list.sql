SELECT number, served_ms, start_ms, status, http_status, latency_ms, failure
FROM staged WHERE monitor = ?1 ORDER BY number

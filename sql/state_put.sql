UPDATE monitor SET first_ms = ?2, served_ms = ?3, last_ms = ?4, last_status = ?5,
    last_http_status = ?6, last_latency_ms = ?7, last_failure = ?8
WHERE id = ?1

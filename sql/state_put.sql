UPDATE monitor SET first_ms = ?2, served_ms = ?3, latest_ms = ?4, latest_status = ?5, last_ms = ?6,
    last_status = ?7, last_http_status = ?8, last_latency_ms = ?9, last_failure = ?10,
    last_phases = ?11
WHERE id = ?1

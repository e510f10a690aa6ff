INSERT INTO staged
    (monitor, number, served_ms, start_ms, status, http_status, latency_ms, failure, phases)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

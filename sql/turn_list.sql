SELECT monitor, start_ms, before_ms, status, http_status, failure FROM turn
ORDER BY monitor, start_ms

SELECT first_ms, served_ms, last_ms, last_status, failed_ms, failed_status, latest_ms,
    latest_status
FROM monitor
WHERE id = ?1

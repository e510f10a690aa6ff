INSERT OR REPLACE INTO turn (monitor, start_ms, before_ms, status, http_status, failure)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)

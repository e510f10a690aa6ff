INSERT OR IGNORE INTO monitor (site, domain, first_ms)
SELECT site, domain, first_ms FROM old.monitor WHERE first_ms > 0
ON CONFLICT (site, domain) DO UPDATE
SET first_ms = min(excluded.first_ms, coalesce(first_ms, excluded.first_ms))

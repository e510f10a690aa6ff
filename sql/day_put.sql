INSERT OR REPLACE INTO day (owner, day, up, degraded, bot, down, timeout)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

INSERT OR REPLACE INTO archive (day, monitor, length) VALUES (?1, ?2, ?3)

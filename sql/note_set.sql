INSERT OR REPLACE INTO note (key, value) VALUES (?1, ?2)

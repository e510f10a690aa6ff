INSERT OR REPLACE INTO recent (hour, monitor, marks) VALUES (?1, ?2, ?3)

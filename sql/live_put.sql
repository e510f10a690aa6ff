INSERT OR REPLACE INTO live (monitor, length, archived) VALUES (?1, ?2, ?3)

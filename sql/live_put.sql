INSERT INTO live (monitor, length, archived) VALUES (?1, ?2, ?3)
ON CONFLICT (monitor) DO UPDATE SET length = excluded.length, archived = excluded.archived

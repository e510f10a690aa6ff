INSERT INTO recent (hour, monitor, marks) VALUES (?1, ?2, ?3)
ON CONFLICT (hour, monitor) DO UPDATE SET marks = excluded.marks

INSERT INTO recent (place, marks) VALUES (?1, ?2)
ON CONFLICT (place) DO UPDATE SET marks = excluded.marks

SELECT id, name FROM site ORDER BY id

INSERT INTO site (name) VALUES (?1)

INSERT INTO sum (owner, minutes) VALUES (?1, ?2)

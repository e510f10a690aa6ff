SELECT id, served_ms FROM monitor ORDER BY id

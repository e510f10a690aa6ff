UPDATE monitor SET first_ms = ?2, served_ms = ?3 WHERE id = ?1

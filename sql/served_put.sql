UPDATE monitor SET first_ms = ?2, served_ms = ?3, latest_ms = ?4, latest_status = ?5 WHERE id = ?1

DELETE FROM turn WHERE monitor = ?1 AND start_ms = ?2

UPDATE turn SET before_ms = ?3 WHERE monitor = ?1 AND start_ms = ?2

DELETE FROM staged WHERE monitor = ?1 AND number = ?2

DELETE FROM staged WHERE monitor = ?1

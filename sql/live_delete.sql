DELETE FROM live WHERE monitor = ?1

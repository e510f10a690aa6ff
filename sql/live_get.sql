SELECT length, archived FROM live WHERE monitor = ?1

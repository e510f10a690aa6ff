SELECT length FROM archive WHERE day = ?1 AND monitor = ?2

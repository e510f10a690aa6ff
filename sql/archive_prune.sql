DELETE FROM archive WHERE day < ?1

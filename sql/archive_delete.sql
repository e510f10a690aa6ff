DELETE FROM archive WHERE day = ?1 AND monitor = ?2

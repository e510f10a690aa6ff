DELETE FROM day WHERE owner = ?1 AND day = ?2

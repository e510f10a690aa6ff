SELECT owner, day, up, degraded, bot, down, timeout FROM day WHERE day BETWEEN ?1 AND ?2
ORDER BY owner, day

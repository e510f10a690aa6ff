SELECT place FROM recent WHERE place > ?1 AND place < ?2 ORDER BY place LIMIT 1000

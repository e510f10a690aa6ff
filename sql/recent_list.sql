SELECT place, marks FROM recent WHERE place BETWEEN ?1 AND ?2 ORDER BY place

SELECT marks FROM recent WHERE place = ?1

DELETE FROM recent WHERE place = ?1

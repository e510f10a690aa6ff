SELECT min(place) FROM recent WHERE place >= ?1

SELECT min(hour) FROM recent WHERE hour >= ?1

SELECT min(hour) FROM recent

SELECT hour, monitor FROM recent WHERE hour < ?1 AND (hour, monitor) > (?2, ?3)
ORDER BY hour, monitor LIMIT 1000

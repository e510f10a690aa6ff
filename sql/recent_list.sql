SELECT hour, monitor, marks FROM recent WHERE hour BETWEEN ?1 AND ?2 ORDER BY hour, monitor

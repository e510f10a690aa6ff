DELETE FROM recent WHERE hour = ?1 AND monitor = ?2

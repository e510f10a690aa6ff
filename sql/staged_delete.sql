DELETE FROM staged WHERE monitor > ?1 AND monitor < ?2

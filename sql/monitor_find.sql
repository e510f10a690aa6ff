SELECT id FROM monitor WHERE site = ?1 AND domain = ?2

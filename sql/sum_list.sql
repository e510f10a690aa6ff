SELECT owner, minutes FROM sum ORDER BY owner

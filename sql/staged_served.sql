SELECT monitor, served_ms FROM staged ORDER BY monitor, number

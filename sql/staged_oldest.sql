SELECT min(start_ms) FROM staged

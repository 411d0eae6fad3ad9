"""GitHub, asked within its limits: what is asked is kept as it came, then read into a snapshot."""

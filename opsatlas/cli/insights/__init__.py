"""`opsatlas insights`: growth, stages, survival, shares, and what goes together."""

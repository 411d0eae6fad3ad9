"""Which repositories may depend on a framework, and who says so."""

"""The sources that a snapshot can be filled from, one module each."""

"""What people decide about a taxonomy, kept beside it and applied to it."""

"""What a project says that it needs."""

"""What kind of thing a repository or an issue is."""

"""What the mined data tell beyond topics: what kind of thing a repository or an issue is."""

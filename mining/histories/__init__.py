"""The histories of repositories, read from local clones: who did how much in which month."""

"""What is known of each tool, gathered from all that a study looks at."""

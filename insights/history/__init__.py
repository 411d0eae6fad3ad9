"""How an ecosystem grows, where its tools stand in their lives, and what goes together."""

"""From snapshots to texts, and from texts to vectors."""

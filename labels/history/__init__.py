"""What happened to a set of labels: an append-only log of events, and what follows from them."""

"""New documents put into a taxonomy, and the model that travels with it."""

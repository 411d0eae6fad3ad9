"""Which features of frameworks dependents use, through which channel, and what users ask for."""

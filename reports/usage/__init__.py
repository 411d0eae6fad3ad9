"""What frameworks are used for and what is asked of them, as tables."""

"""Names of topics and categories: from what their documents say, or proposed by a service."""

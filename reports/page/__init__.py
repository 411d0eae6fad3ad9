"""The page of a study: one HTML file for its readers."""

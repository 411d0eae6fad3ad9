"""Pages and figures: what a study shows to its readers."""

"""The command line and the study file."""

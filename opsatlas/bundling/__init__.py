"""Bundles of a study: all of it in one file that others can read, check and replay."""

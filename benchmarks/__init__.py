"""Measurements of opsatlas and of its peers, side by side on the same texts and machine."""

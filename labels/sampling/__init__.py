"""Samples to label: how many, of what, drawn how, and what they say of all."""

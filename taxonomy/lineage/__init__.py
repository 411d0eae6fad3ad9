"""What became of the topics of one snapshot in a later one, beyond noise."""

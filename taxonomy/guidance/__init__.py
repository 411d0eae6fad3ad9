"""Documents and topics sorted by the codes of a codebook."""

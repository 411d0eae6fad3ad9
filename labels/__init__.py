"""Hand labelling: so far the codebooks that studies name."""

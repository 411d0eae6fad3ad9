"""Hand labelling: samples, codebooks, blind coding, agreement, adjudication, validation."""

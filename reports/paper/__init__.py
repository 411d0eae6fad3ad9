"""Tables and figures of a study as files for a paper."""

"""Search over the tools of a taxonomy: an index that a page can hold, and how it is ranked."""

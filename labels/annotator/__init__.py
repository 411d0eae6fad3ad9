"""The annotator: a document, the codebook, and one key for each code, in the terminal."""

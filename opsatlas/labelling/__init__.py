"""What hand labelling needs of the rest of a study: documents, strata, the machine's view."""

"""The text of documents: what a README or an issue says of what a tool is or a user wants."""

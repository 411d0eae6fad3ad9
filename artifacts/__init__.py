"""The ground floor: errors, hashes, manifests, whole files, tables and progress."""

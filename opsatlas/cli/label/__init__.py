"""The commands of `opsatlas label`."""

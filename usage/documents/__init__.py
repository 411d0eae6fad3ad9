"""YAML, TOML, JSON and INI as trees that know their lines, read as hostile text."""

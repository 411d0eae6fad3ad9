"""SHA-256 of texts, files and plain values."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def hash_bytes(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def hash_text(text: str) -> str:
    """Return the SHA-256 of ``text`` in UTF-8; lone surrogates are kept apart, not refused."""
    return hash_bytes(text.encode("utf-8", "surrogatepass"))


def hash_value(value: Any) -> str:
    """Return the SHA-256 of a JSON-compatible value, independent of key order."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hash_text(canonical)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_if_there(path: Path) -> str | None:
    """Return the SHA-256 of a file's bytes; None if it is no file, not there, or not any more."""
    try:
        return hash_file(path) if path.is_file() else None
    except FileNotFoundError:
        return None

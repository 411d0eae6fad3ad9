"""How much of one file is read at most.

What is far larger than any real file of its kind is a mistake or a trap: a few kilobytes can unpack
to more than a machine holds. Who really has such a file says so (`FileFormat.large`).
"""

from __future__ import annotations

from pathlib import Path

from artifacts.errors import InputError

MAX_BYTES = 2 << 30
"""Of a file, unpacked."""
MAX_CHARACTERS = 1 << 28
"""Of what is held as a whole: one line, or a JSON document."""
MAX_ROWS = 2_000_000
"""Of a table, blank ones too."""


def too_large(path: Path, what: str) -> InputError:
    """Return the error of a file that goes beyond a cap."""
    return InputError(
        f"The file {what}.",
        where=str(path),
        fix="see whether it is the right one; if so, read it with --large, or in a study with "
        "large = true",
    )

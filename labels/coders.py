"""What people may be called who code: as they are, in any script."""

from __future__ import annotations

import re
import unicodedata

from artifacts.errors import InputError
from labels.records import ADJUDICATED

MAX_CHARS = 100
# What cannot be seen, ends a line, turns the reading direction round, or stands in no file.
_UNSEEN = re.compile(
    "[\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)


def same_name(text: str) -> str:
    """Return a name in the one form (NFC, no spaces around it) in which names are compared."""
    return unicodedata.normalize("NFC", text).strip()


def why_no_name(name: str) -> str | None:
    """Return why nobody can be called so, as the rest of a sentence; None: somebody can."""
    if name.casefold() == ADJUDICATED:
        return "is kept for what coders agree on"
    if found := _UNSEEN.search(name):
        return f"holds a character that is not seen (U+{ord(found[0]):04X})"
    if not any(unicodedata.category(char)[0] in "LNPS" for char in name):
        return "is no name for a coder"
    if name != name.strip():
        return "has spaces around it"
    return f"is longer than {MAX_CHARS} characters" if len(name) > MAX_CHARS else None


def nearest_name(text: str) -> str:
    """Return a text without what no name may hold; ``user`` where nothing is left."""
    name = same_name(_UNSEEN.sub("", text))[:MAX_CHARS].strip()
    return "user" if why_no_name(name) else name


def check_coder(coder: str) -> str:
    """Return a coder's name, composed (NFC), if it can be one; raise `InputError` if not."""
    name = unicodedata.normalize("NFC", coder)
    if why := why_no_name(name):
        raise InputError(
            f"{coder!r} {why}.", where="--coder", fix="take a name, such as 'Ann Lee' or 'ann'"
        )
    return name

"""Tags of a clone by month; those that machines set every night are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mining.code.objects import ask_git
from mining.histories.clones import HistoryClone, UnreadableError

_BETWEEN_WORDS: Final = re.compile(r"[-_./+@]|(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_NIGHTLY: Final = frozenset(
    {"nightly", "nightlies", "daily", "weekly", "canary", "snapshot", "dev"}
)
"""Words of tags that mark what happens to be there, not a release."""


def is_nightly(tag: str) -> bool:
    """Tell whether a tag marks no release, by a whole word of its name.

    Examples
    --------
    >>> [is_nightly(tag) for tag in ("nightly-2024-01-02", "v1.2.dev3", "v1.2", "devise-1.0")]
    [True, True, False, False]
    """
    return any(word in _NIGHTLY for word in _BETWEEN_WORDS.split(tag.lower()))


def tag_times(clone: HistoryClone) -> Iterator[tuple[str, int]]:
    """Yield each tag with its time, in seconds since 1970: its own, or else that of its commit.

    Tags of what is no commit, and has no time, are left out.

    Raises
    ------
    UnreadableError
        If git cannot read a tag.
    """
    form = "--format=%(creatordate:unix) %(refname:strip=2)"
    told, why = ask_git(clone.git_dir, "for-each-ref", form, "refs/tags")
    if why is not None:
        raise UnreadableError(f"git cannot read its tags: {why}")
    for line in told.decode("utf-8", "surrogateescape").split("\n"):
        time, _, tag = line.partition(" ")
        if tag and time.isdigit():
            yield tag, int(time)

"""Who worked on which file of a clone, for its truck factor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from mining.code.objects import LINK
from mining.code.projects import text_of_path
from mining.histories.authors import author_kind
from mining.histories.clones import HistoryClone
from mining.histories.factors import FileWork, truck_factor
from mining.histories.people import one_person

_MARK: Final = b"\x01"
_LOG: Final = (
    "log",
    "-z",
    "--reverse",
    "--topo-order",
    "--no-merges",
    "--use-mailmap",
    "--encoding=UTF-8",
    "--name-status",
    # Files are moved where their content is the same: that needs no content, which a partial
    # clone lacks, and gives one figure for both.
    "-M100%",
    "--format=%x01%aN%n%aE",
)
_CODE: Final = re.compile(
    r"""\.(?:
    adb | ads | asm | astro | bash | bat | bzl | c | cc | cfc | cl | clj | cljs | cmake |
    coffee | cpp | cs | cu | cuh | cxx | d | dart | el | elm | erl | ex | exs | f | f03 | f08
    | f90 | f95 | for | fs | fsx | go | graphql | groovy | h | hh | hpp | hs | hxx | ino |
    ipynb | java | jl | js | jsx | kt | kts | lua | m | mjs | ml | mli | mm | mo | nim | pas |
    php | pl | pm | proto | ps1 | pxd | pxi | py | pyi | pyx | r | rb | rego | rkt | rs | sas
    | scala | scm | sh | sol | sql | sv | svelte | swift | tcl | tf | thrift | ts | tsx | v |
    vb | vhd | vue | zig | zsh
    )""",
    re.VERBOSE,
)
"""Suffixes of source code."""
_THIRD_PARTY: Final = frozenset(
    {"vendor", "vendored", "_vendor", "third_party", "third-party", "thirdparty", "node_modules"}
    | {"bower_components", "external", "extern", "dist"}
)
"""Folders of code that others wrote, or that was built."""


def clone_truck_factor(clone: HistoryClone) -> int | None:
    """Return the truck factor of the source code that the clone has at its head; None: no authors.

    Merges are passed over, and what bots and agents did. What is no source code, or is third
    parties', does not count, as in the paper: there GitHub's Linguist tells it, here the suffix,
    and the names of the folders.

    Raises
    ------
    UnlistedError
        If git cannot compare all commits, since folders are missing or broken.
    """
    assert clone.head is not None
    there = {
        file.path
        for mode, kind, file in clone.objects.listed(clone.head, whole=True)
        if kind == b"blob" and mode != LINK and is_source(file.path)
    }
    people: list[tuple[str, str]] = []
    work: dict[str, FileWork] = {}
    for author, status, paths in _changes(clone, people):
        if status == b"D":
            work.pop(paths[0], None)
        elif status.startswith(b"R"):
            work[paths[1]] = work.pop(paths[0], FileWork())
        elif status == b"A":
            work[paths[0]] = FileWork(author)
        elif author is not None:
            work.setdefault(paths[0], FileWork()).changes[author] += 1
    numbers = one_person(people)
    joined = {path: _joined(work[path], numbers) for path in sorted(there & work.keys())}
    return truck_factor({path: each.authors() for path, each in joined.items()})


def is_source(path: str) -> bool:
    """Tell whether a file is source code of the repository's own, by its path."""
    *folders, name = path.lower().split("/")
    return _CODE.fullmatch(PurePosixPath(name).suffix) is not None and _THIRD_PARTY.isdisjoint(
        folders
    )


def _joined(work: FileWork, numbers: list[int]) -> FileWork:
    """Return the work on a file by person, not by name."""
    creator = work.creator
    whole = FileWork(numbers[creator] if isinstance(creator, int) else None)
    for author, n in work.changes.items():
        assert isinstance(author, int)
        whole.changes[numbers[author]] += n
    return whole


def _changes(
    clone: HistoryClone, people: list[tuple[str, str]]
) -> Iterator[tuple[int | None, bytes, list[str]]]:
    """Yield the changes of files, oldest first: whose (a number in ``people``), what, which."""
    assert clone.head is not None
    settings = ("-c", "core.bare=true", "-c", f"mailmap.blob={clone.head}:.mailmap")
    tokens = clone.objects.printed(*settings, *_LOG, clone.head, "--")
    number_of: dict[bytes, int | None] = {}
    author: int | None = None
    for token in tokens:
        if token.startswith(_MARK):
            who = token[1:]
            if who not in number_of:
                name, _, email = who.decode("utf-8", "surrogateescape").partition("\n")
                is_person = author_kind(name, email) == "human"
                number_of[who] = len(people) if is_person else None
                if is_person:
                    people.append((name, email))
            author = number_of[who]
        elif status := token.strip():
            n_paths = 2 if status[:1] in b"RC" else 1
            yield author, status, [text_of_path(next(tokens, b"")) for _ in range(n_paths)]

"""INI files with their lines: sections, keys, and values that go on over indented lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SECTION: Final = re.compile(r"^\[(?P<name>[^\]]*)\]\s*(?:[#;].*)?$")
_ENTRY: Final = re.compile(r"^(?P<key>[^\s=:\[#;][^=:]*?)\s*[=:]\s?(?P<value>.*)$")


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of a section, and the lines of its value; the first stands on ``row``, from 1."""

    section: str
    key: str
    lines: tuple[str, ...]
    row: int


def read_ini(text: str) -> Iterator[Setting]:
    """Yield the settings of a text; lines that are none are left out, comments are blank."""
    section = ""
    open_: tuple[str, str, int] | None = None
    lines: list[str] = []
    for row, line in enumerate(text.split("\n"), 1):
        bare = "" if line.lstrip().startswith(("#", ";")) else line.rstrip("\r")
        goes_on = line[:1] in (" ", "\t") or not bare.strip()
        if open_ is not None and goes_on:
            lines.append(bare.strip())
            continue
        if open_ is not None:
            yield Setting(open_[0], open_[1], tuple(lines), open_[2])
            open_ = None
        if (head := _SECTION.match(bare.strip())) is not None:
            section = head.group("name")
        elif (entry := _ENTRY.match(bare)) is not None:
            open_, lines = (section, entry.group("key"), row), [entry.group("value").strip()]
    if open_ is not None:
        yield Setting(open_[0], open_[1], tuple(lines), open_[2])

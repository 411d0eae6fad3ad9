"""Data that only scripts read, packed: JSON, deflated, in the letters of base64.

A page may hold such parts itself, or leave them in files beside it that are loaded when they are
asked for. A file of data is a script that says one part by name, since a page that is opened from
a disk may load no other kind of file: ``atlasChunk("NAME", "…");``.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from artifacts.hashing import hash_text
from reports.html import policy

FOLDER = "data"
"""Beside a page: the files of its parts."""
MOST_DOCUMENTS = 10_000
"""Of a page in one file; what scripts read of more is in files beside it."""
ROWS_A_CHUNK = 2_000
LATE_FIELDS = frozenset({"description"})
"""Fields of documents that are in files beside a page, where it has any."""
LATE_ANSWERS = frozenset({"about", "elsewhere", "life", "links", "near", "use", "with"})
"""Of what is known of a tool, what tables do not show: it is there as well."""

Parts = dict[str, Any]
"""Parts of a page's data, by name."""
LEVEL = 9
HASH_DIGITS = 10


def packed(value: Any) -> str:
    """Return a JSON-compatible value so that `unpack` in a page returns it.

    Equal values give equal texts, on one machine: another zlib may pack a little tighter.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), LEVEL)).decode("ascii")


@dataclass(frozen=True)
class Chunk:
    """A part of a page's data in a file of its own; ``name`` has letters, digits and hyphens.

    The file's name says what is in it, so that no page takes the file of another build for its own,
    and no browser one that it has kept.
    """

    name: str
    text: str

    @classmethod
    def of(cls, name: str, value: Any) -> Chunk:
        """Return a part as a file has it."""
        return cls(name, f'atlasChunk("{name}", "{packed(value)}");\n')

    @property
    def path(self) -> str:
        """Return where it lies, from the page's folder."""
        return f"{FOLDER}/{self.name}.{hash_text(self.text)[:HASH_DIGITS]}.js"


def embedded(parts: Mapping[str, Any]) -> Markup:
    """Return parts as elements of a page, which run nothing and load nothing."""
    return Markup("\n").join(
        Markup('<script type="text/plain" data-part="{}">{}</script>').format(name, packed(value))
        for name, value in parts.items()
    )


def without_late(data: Mapping[str, Any], size: int = ROWS_A_CHUNK) -> tuple[dict[str, Any], Parts]:
    """Return a page's data without what may come late of documents, and that in parts.

    Parameters
    ----------
    data
        With ``groupings`` (what `reports.page.records.script_data` returns, by name) and
        ``answers`` (`reports.answers.cells.page_answers`).
    size
        Documents of a part.
    """
    parts: Parts = {}
    groupings = {}
    for name, grouping in data["groupings"].items():
        fields, rows = grouping["fields"], grouping["rows"]
        late = [place for place, field in enumerate(fields) if field in LATE_FIELDS]
        kept = [place for place in range(len(fields)) if place not in late]
        its = _parts(name, [[row[place] for place in late] for row in rows], size)
        groupings[name] = {
            **grouping,
            "fields": [fields[place] for place in kept],
            "rows": [[row[place] for place in kept] for row in rows],
            "late": {"fields": [fields[place] for place in late], "parts": list(its), "size": size},
        }
        parts |= its
    answers = data["answers"]
    its = _parts("answers", [_picked(tool, late=True) for tool in answers["tools"]], size)
    tools = [_picked(tool, late=False) for tool in answers["tools"]]
    told = {**answers, "tools": tools, "late": {"parts": list(its), "size": size}}
    return {**data, "groupings": groupings, "answers": told}, parts | its


def _picked(tool: Mapping[str, Any], *, late: bool) -> dict[str, Any]:
    return {key: value for key, value in tool.items() if (key in LATE_ANSWERS) == late}


def _parts(name: str, values: Sequence[Any], size: int) -> Parts:
    """Return values in parts of this size, ``NAME-0`` first."""
    starts = range(0, len(values), size)
    return {f"{name}-{n}": values[start : start + size] for n, start in enumerate(starts)}


def policies(scripts: Sequence[str], *, in_files: bool) -> tuple[str, ...]:
    """Return the policies of a page, all of which hold: only these scripts run, nothing is asked.

    A page with files beside it loads scripts also, under two policies. By the first only its own
    script may add them: none that stands in the page's markup runs. By the second they are from
    where the page is: its own host, or the disk that it was opened from. ``'self'`` is both in
    Chromium; ``file:`` says the latter to browsers for which no two files are of one origin, and
    lets a page from a host load nothing more. Neither a hash nor a path would do: a browser checks
    the hash of no file that it reads from a disk.
    """
    if not in_files:
        return (policy(scripts),)
    return policy(scripts, more="'strict-dynamic'"), policy(scripts, more="'self' file:")

"""Requirements as lists of lines: requirements files, and the values of INI files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from usage.catalog import Catalog
from usage.commands.installs import distribution
from usage.documents.ini import read_ini
from usage.recorder import Recorder
from usage.uses import Found, LineLabel, Place

_FILE: Final = re.compile(
    r"(?:^|/)[^/]*(?:requirement|reqs)[^/]*\.(?:txt|in|pip)$"
    r"|(?:^|/)(?:requirements?|reqs)/[^/]+\.(?:txt|in|pip)$|(?:^|/)requirements$"
    r"|(?:^|/)(?:deps|dependencies|packages|pip)\.txt$",
    re.IGNORECASE,
)
_OPTION: Final = re.compile(r"^(?:-e|--editable)[\s=]+")
_FACTOR: Final = re.compile(r"^[\w{},.!-]+:\s+")
_MARKER: Final = re.compile(r";.*(?:[<>=]|\bin\b)")
_INI_KEYS: Final = frozenset(
    {"install_requires", "setup_requires", "tests_require", "deps", "requires", "install-requires"}
)


def is_requirements(path: str) -> bool:
    """Tell whether a file of this path lists requirements line by line."""
    return _FILE.search(path) is not None and "constraint" not in path.rpartition("/")[2].lower()


def requirements_uses(text: str, *, at: LineLabel, place: Place, catalog: Catalog) -> Found:
    """Return the frameworks that a requirements file names."""
    recorder = Recorder(place)
    record_requirements(enumerate(text.split("\n"), 1), at, recorder, catalog)
    return recorder.found


def record_requirements(
    lines: Iterable[tuple[int, str]], at: LineLabel, recorder: Recorder, catalog: Catalog
) -> None:
    """Record the frameworks that requirements name, each a line with its number."""
    for row, line in lines:
        text = _OPTION.sub("", re.split(r"(?:^|\s)#", line)[0].strip())
        if text and not text.startswith("-"):
            record_requirement(text, at(row), recorder, catalog)


def record_requirement(text: str, line: str, recorder: Recorder, catalog: Catalog) -> None:
    """Record the framework that a requirement names, if it names one."""
    name = distribution(text)
    if name is None:
        return
    name = catalog.repositories.get(name, name)
    if (framework := catalog.distributions.get(name)) is not None:
        recorder.add(framework, "declared", line, name)


def ini_requirements(text: str, *, at: LineLabel, place: Place, catalog: Catalog) -> Found:
    """Return the frameworks that setup.cfg, tox.ini and the like ask for."""
    recorder = Recorder(place)
    for setting in read_ini(text):
        if setting.key in _INI_KEYS or setting.section == "options.extras_require":
            lines = [
                (setting.row + offset, _FACTOR.sub("", part.strip()))
                for offset, line in enumerate(setting.lines)
                for part in _split(line)
            ]
            record_requirements(lines, at, recorder, catalog)
    return recorder.found


def _split(line: str) -> list[str]:
    """Return the requirements of a line: more than one where commas or semicolons part names."""
    if not _MARKER.search(line) and ";" in line:
        return line.split(";")
    if re.search(r",\s*[A-Za-z]", line) and "[" not in line:
        return re.split(r",\s*(?=[A-Za-z])", line)
    return [line]

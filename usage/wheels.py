"""The Python files and metadata of a wheel, a folder or an installed distribution, never run.

A wheel is a stranger's archive: it is refused if it holds links, paths that lead out of it, or more
than anyone can read.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from artifacts.errors import InputError
from artifacts.files import decoded, storage_errors

MAX_FILES: Final = 50_000
MAX_FILE_BYTES: Final = 10_000_000
MAX_BYTES: Final = 300_000_000
"""Of the files that are read, unpacked."""

_WANTED: Final = (".py", ".pyi")
_METADATA: Final = ("METADATA", "entry_points.txt")


@dataclass(frozen=True)
class Distribution:
    """What is published under one name.

    Attributes
    ----------
    name, version
        As its metadata say; of a folder without any, the folder's name and nothing.
    repository
        owner/name on GitHub; empty where the metadata name none.
    scripts
        Commands that it installs, sorted.
    sources
        Python files by their paths below the folder that Python imports from.
    """

    name: str
    version: str
    repository: str
    scripts: tuple[str, ...]
    sources: dict[str, str]


def read_distribution(source: str | Path) -> Distribution:
    """Read the Python files and the metadata of a distribution.

    Parameters
    ----------
    source
        A wheel; a folder, of a package or of what a wheel holds; or, as text, an installed
        distribution, with or without a version: ``mlflow==3.4.0``.

    Raises
    ------
    InputError
        If there is no such thing, it is damaged, or hostile.
    """
    path = Path(source)
    with storage_errors(path):
        if path.suffix == ".whl" and path.is_file():
            files = dict(_wheel_files(path))
        elif path.is_dir():
            files = dict(_folder_files(path))
        elif isinstance(source, str):
            files = dict(_installed_files(source))
        else:
            raise InputError(
                "There is no wheel and no folder.", where=str(source), fix="check the path"
            )
    found = _distribution(files, where=path)
    if not found.sources:
        raise InputError(
            "There is no Python file in it.",
            where=str(source),
            fix="name a wheel, or a folder that holds a package",
        )
    return found


def _distribution(files: dict[str, bytes], *, where: Path) -> Distribution:
    info = {PurePosixPath(name).name: data for name, data in files.items() if _is_metadata(name)}
    heads = HeaderParser().parsestr(_text(info.get("METADATA", b""), where))
    urls = [str(each) for each in (heads.get_all("Project-URL") or []) + [heads["Home-page"] or ""]]
    return Distribution(
        str(heads["Name"] or where.name),
        str(heads["Version"] or ""),
        next(filter(None, map(_on_github, urls)), ""),
        _scripts(_text(info.get("entry_points.txt", b""), where), where),
        {
            name: data.decode("utf-8", "replace")
            for name, data in sorted(files.items())
            if name.endswith(_WANTED)
        },
    )


def _is_metadata(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name in _METADATA and path.parent.name.endswith(".dist-info")


def _text(data: bytes, where: Path) -> str:
    return decoded(data, what="wheel", where=str(where)) if data else ""


def _on_github(url: str) -> str:
    _, found, rest = url.partition("github.com/")
    names = [name for name in rest.split("/") if name]
    return f"{names[0]}/{names[1].removesuffix('.git')}" if found and len(names) > 1 else ""


def _scripts(text: str, where: Path) -> tuple[str, ...]:
    parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except ConfigParserError as error:
        raise InputError(
            "The entry points of the distribution cannot be read.",
            where=f"{where}, entry_points.txt",
            fix="use another version of it",
        ) from error
    section = "console_scripts"
    return tuple(sorted(parser[section])) if parser.has_section(section) else ()


def _is_wanted(name: str) -> bool:
    return name.endswith(_WANTED) or _is_metadata(name)


def _wheel_files(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            for member in members:
                _refuse_member(member, path)
            wanted = [member for member in members if _is_wanted(member.filename)]
            yield from _bounded(((m.filename, _unpacked(archive, m)) for m in wanted), path)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise InputError(
            f"The wheel cannot be read: {error}.", where=str(path), fix="download it again"
        ) from error


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return a member, one byte over the limit at most, whatever its head says of its size."""
    with archive.open(member) as stream:
        return stream.read(MAX_FILE_BYTES + 1)


def _refuse_member(member: zipfile.ZipInfo, path: Path) -> None:
    name = PurePosixPath(member.filename)
    leads_out = name.is_absolute() or ".." in name.parts or "\\" in member.filename
    if leads_out or ":" in member.filename or not name.parts:
        _refuse(f"a path that leads out of it, '{member.filename}'", path)
    if stat.S_ISLNK(member.external_attr >> 16):
        _refuse(f"a link, '{member.filename}'", path)


def _bounded(files: Iterable[tuple[str, bytes]], path: Path) -> Iterator[tuple[str, bytes]]:
    total = 0
    seen: set[str] = set()
    for name, data in files:
        total += len(data)
        if len(data) > MAX_FILE_BYTES:
            _refuse(f"a file of more than {MAX_FILE_BYTES:,} bytes, '{name}'", path)
        if total > MAX_BYTES:
            _refuse(f"more than {MAX_BYTES:,} bytes of Python", path)
        if len(seen) >= MAX_FILES:
            _refuse(f"more than {MAX_FILES:,} files", path)
        if name in seen or any(str(above) in seen for above in PurePosixPath(name).parents):
            _refuse(f"two files of one path, '{name}'", path)
        seen.add(name)
        yield name, data


def _refuse(what: str, path: Path) -> None:
    raise InputError(
        f"The distribution holds {what}: it is not read.",
        where=str(path),
        fix="see where it comes from; published packages hold no such thing",
    )


def _folder_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a folder; if it is a package itself, below its name."""
    base = folder.parent if (folder / "__init__.py").is_file() else folder
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    named = ((path.relative_to(base).as_posix(), path) for path in paths)
    read = ((name, _start_of(path)) for name, path in named if _is_wanted(name))
    return _bounded(read, folder)


def _start_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_FILE_BYTES + 1)


def _installed_files(text: str) -> Iterator[tuple[str, bytes]]:
    try:
        asked = Requirement(text)
        found = metadata.distribution(asked.name)
    except (InvalidRequirement, metadata.PackageNotFoundError) as error:
        raise InputError(
            f"There is no wheel or folder '{text}', and no such distribution is installed.",
            where=text,
            fix="name the path of a wheel: pip download --no-deps fetches one",
        ) from error
    if not asked.specifier.contains(found.version, prereleases=True):
        raise InputError(
            f"Version {found.version} of {asked.name} is installed, another one is asked for.",
            where=text,
            fix="name the path of a wheel of that version: pip download --no-deps fetches one",
        )
    files = [file for file in found.files or () if _is_wanted(file.as_posix())]
    inside = [file for file in files if ".." not in file.parts]
    return _bounded(
        ((file.as_posix(), _start_of(Path(str(file.locate())))) for file in inside), Path(text)
    )

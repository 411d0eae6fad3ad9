"""Files that studies and commands name: by path, by pattern, or as shipped with the package."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from glob import escape, glob, has_magic
from pathlib import Path

from artifacts.errors import InputError
from artifacts.explaining import suggestion
from configs import (
    PACKAGE_PREFIX,
    codebook_names,
    package_path,
    shipped_families,
    shipped_frameworks,
)


def find_codebook(name: str, study_path: Path = Path(), *, where: str) -> Path:
    """Return the path of a codebook: that of the name of one that is shipped, or a file as given.

    Raises
    ------
    InputError
        If there is none, or a pattern fits several; ``where`` says who named it.
    """
    return _only(find_codebooks([name], study_path, where=where), name, "codebooks", where=where)


def find_codebooks(names: Iterable[str], study_path: Path, *, where: str) -> list[Path]:
    """Return the paths of codebooks: names of shipped ones, and files as `resolve_all` takes them.

    Raises
    ------
    InputError
        If a name is that of no shipped codebook and of no file; ``where`` says who named it.
    """
    return _find(names, study_path, codebook_names(), what="codebook", where=where)


def find_frameworks(names: Iterable[str], study_path: Path, *, where: str) -> list[Path]:
    """Return the paths of framework files, as `find_codebooks` those of codebooks."""
    return _find(names, study_path, shipped_frameworks(), what="framework", where=where)


def find_families(name: str, study_path: Path = Path(), *, where: str) -> Path:
    """Return the path of a file of families, as `find_codebook` that of a codebook."""
    what, shipped = "file of families", shipped_families()
    paths = _find([name], study_path, shipped, what=what, where=where, folder="families")
    return _only(paths, name, "files of families", where=where)


def _only(paths: list[Path], name: str, what: str, *, where: str) -> Path:
    """Return the one path that a name means."""
    if len(paths) > 1:
        raise InputError(
            f"'{name}' fits several {what}: {', '.join(map(str, paths))}.",
            where=where,
            fix="name one of them",
        )
    return paths[0]


def _find(
    names: Iterable[str],
    study_path: Path,
    shipped: Collection[str],
    *,
    what: str,
    where: str,
    folder: str | None = None,
) -> list[Path]:
    """Return the paths of files of a kind, of which some are shipped by their names.

    Parameters
    ----------
    folder
        Where the shipped ones are; None: it is called as ``what``, in the plural.
    """
    home = folder or f"{what}s"
    found: dict[Path, None] = {}
    for name in names:
        if name in shipped:
            found[package_path(f"{home}/{name}.toml")] = None
            continue
        paths = resolve_all([name], study_path)
        if lost := [path for path in paths if not path.is_file()]:
            beside = lost[0].parent.glob(f"*{lost[0].suffix or '.toml'}")
            files = [path for path in beside if path.is_file() and path != study_path]
            there = [str(Path(name).with_name(path.name)) for path in files]
            raise InputError(
                f"There is no {what} '{name}': none that is shipped is called so, and there is "
                "no such file.",
                where=f"{where} (file: {lost[0]})",
                fix=f"{suggestion(name, [*shipped, *there])}, or the path of a file",
            )
        found |= dict.fromkeys(paths)
    return list(found)


def resolve(file: str, study_path: Path) -> Path:
    """Return the path that a study means: shipped with the package, or beside the study file."""
    return _meant(file, study_path.parent)


def resolve_all(files: Iterable[str], study_path: Path) -> list[Path]:
    """Return the paths that a study means, each once; for a pattern, those that match, sorted.

    ``*``, ``?`` and ``[…]`` match within a name, ``**`` any folders. A file that is called just so
    is no pattern; folders are meant only where no file matches.

    Raises
    ------
    InputError
        If nothing matches a pattern.
    """
    return matching(files, study_path.parent, meant="the study file")


def matching(files: Iterable[str], base: Path, *, meant: str) -> list[Path]:
    """Return the paths that names and patterns mean, as `resolve_all`.

    Parameters
    ----------
    base
        The folder that relative ones are meant from.
    meant
        What that is called in errors.

    Raises
    ------
    InputError
        As `resolve_all`.
    """
    found: dict[Path, None] = {}
    for file in files:
        path = _meant(file, base)
        if not has_magic(file) or path.exists():
            found[path] = None
            continue
        home, _, rest = file.partition("/")
        pattern = f"{escape(str(_expanded(home)))}/{rest}" if home.startswith("~") else file
        # `Path.glob` takes no pattern from the root on.
        matches = glob(pattern, root_dir=base, recursive=True)  # noqa: PTH207
        paths = [base / match for match in sorted(matches)]
        if not paths:
            raise InputError(
                f"No file matches '{file}'.",
                where=str(path),
                fix=f"correct the pattern; it is meant from {meant}",
            )
        found |= dict.fromkeys([each for each in paths if each.is_file()] or paths)
    return list(found)


def _meant(file: str, base: Path) -> Path:
    if file.startswith(PACKAGE_PREFIX):
        return package_path(file.removeprefix(PACKAGE_PREFIX))
    return base / _expanded(file)


def _expanded(file: str) -> Path:
    try:
        return Path(file).expanduser()
    except RuntimeError:
        raise InputError(
            f"Nobody's home folder is known for '{file}'.", fix="write the path out"
        ) from None

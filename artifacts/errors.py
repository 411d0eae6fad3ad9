"""The errors that opsatlas raises on purpose.

    OpsatlasError            a sentence, where it happened, and what to do
    ├── ConfigError          a study file that cannot be used
    ├── InputError           a data file or argument that cannot be used
    ├── ArtifactError        an artifact that is missing, damaged or of another schema version
    │   └── DamagedError     one whose manifest does not say what it is any more
    ├── TooFewDocumentsError fewer documents than a topic model can say anything about
    ├── StorageError         the disk is full, read-only or not ours
    └── BusyError            another process is writing there

Libraries raise them; only the command line turns them into an exit code (2).
"""

from __future__ import annotations

from collections.abc import Iterable


class OpsatlasError(Exception):
    """What is wrong, where, and what to do about it.

    Parameters
    ----------
    what
        One sentence that says what is wrong.
    where
        File, row, field, or key that is meant, if any.
    fix
        What the user can do, if anything.
    """

    def __init__(self, what: str, *, where: str | None = None, fix: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.fix:
            lines.append(f"  to do: {self.fix}")
        return "\n".join(lines)


class ConfigError(OpsatlasError):
    """A study file has an unknown key, a wrong type or a value out of range."""


class InputError(OpsatlasError):
    """A data file or an argument is not what it should be."""


class ArtifactError(OpsatlasError):
    """An artifact is missing, damaged, or written by another version."""


class DamagedError(ArtifactError):
    """The manifest of an artifact cannot be read; what it describes may be whole."""


class TooFewDocumentsError(OpsatlasError):
    """There are too few documents to derive topics from."""


class StorageError(OpsatlasError):
    """A file cannot be written or read: disk full, read-only, or no permission."""


class BusyError(OpsatlasError):
    """Another process is writing what this one wants to write."""


def check_choice(given: object, choices: Iterable[str], what: str) -> None:
    """Raise `InputError` unless an argument, called ``what``, is one of the choices."""
    names = tuple(choices)
    if given not in names:
        raise InputError(f"There is no {what} {given!r}.", fix=f"use one of {', '.join(names)}")

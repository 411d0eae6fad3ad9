"""The manifest that stands beside every artifact: what went in, how it was made, what came out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from artifacts.errors import ArtifactError, DamagedError
from artifacts.explaining import first_fault
from artifacts.files import entries_below, write_text
from artifacts.hashing import hash_if_there, hash_value
from artifacts.notation import json_value

SCHEMA_VERSION = 1
FILE_NAME = "manifest.json"
MAKE_AGAIN = "`opsatlas run`, or the command that made it, makes it again"


class Dropped(BaseModel):
    """Why some records did not come through, and how many.

    Attributes
    ----------
    reason
        Why, in words.
    count
        How many.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str
    count: int


class Counts(BaseModel):
    """How many records were read, how many were kept, and why the others were not.

    Attributes
    ----------
    read
        Records that came in.
    kept
        Records that are in the artifact.
    dropped
        How many of the others for which reason.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    read: int = 0
    kept: int = 0
    dropped: list[Dropped] = Field(default_factory=list)

    @classmethod
    def of(cls, read: int, kept: int, reasons: Mapping[str, int]) -> Counts:
        """Return counts with the number dropped for each reason; a reason for none is left out."""
        dropped = [Dropped(reason=reason, count=n) for reason, n in reasons.items() if n]
        return cls(read=read, kept=kept, dropped=dropped)


class Manifest(BaseModel):
    """Provenance of one artifact. Clocks (`created_at`, `wall_time_s`) live here and nowhere else.

    Attributes
    ----------
    schema_version
        Of the artifact's files; one that this opsatlas does not know is refused.
    kind
        What the artifact is.
    name
        Of its folder.
    created_at
        When it was made.
    wall_time_s
        How many seconds that took.
    key
        The hash of everything that the content depends on (inputs, config, code version): two
        artifacts of equal key have equal content on one machine.
    inputs
        The artifacts and files that went in: their content hashes, by name.
    config
        The settings that it was made with.
    config_hash
        Their hash.
    packages
        Versions of the libraries that the content depends on, by name.
    model
        The encoder, by name, revision and hash; empty where none was needed.
    device
        Where it ran.
    dtype
        In which precision.
    seeds
        Of random numbers, in the order of their use.
    counts
        Of records by what they are: read, kept, and dropped with the reasons.
    facts
        What else is known of the content, by name; it differs by kind.
    notes
        Sentences for people: what is missing, doubtful or unknown, and why.
    files
        The SHA-256 of each file, by its path in the folder.
    content_hash
        Their joint hash, the clocks in tables left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int = SCHEMA_VERSION
    kind: str
    name: str
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    wall_time_s: float | None = None
    key: str = ""
    inputs: dict[str, str] = Field(default_factory=dict)
    config: dict[str, Any] = Field(default_factory=dict)
    config_hash: str = ""
    packages: dict[str, str] = Field(default_factory=dict)
    model: dict[str, str] = Field(default_factory=dict)
    device: str | None = None
    dtype: str | None = None
    seeds: list[int] = Field(default_factory=list)
    counts: dict[str, Counts] = Field(default_factory=dict)
    facts: dict[str, Any] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)
    files: dict[str, str] = Field(default_factory=dict)
    content_hash: str = ""

    def write(self, folder: Path) -> None:
        """Write the manifest into ``folder``, whole or not at all."""
        write_text(folder / FILE_NAME, self.model_dump_json(indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of ``folder``; what nobody changed since is not read again.

        Raises
        ------
        DamagedError
            If it cannot be read.
        ArtifactError
            If it is missing, of another schema version, or kept from us.
        """
        path = folder / FILE_NAME
        try:
            at = path.stat()
            return _parsed(path, (at.st_ino, at.st_size, at.st_mtime_ns))
        except FileNotFoundError:
            raise ArtifactError(
                "There is no artifact here (no manifest.json).", where=str(folder)
            ) from None
        except OSError as error:
            raise ArtifactError(
                f"The manifest cannot be read: {error.strerror or error}.",
                where=str(path),
                fix="check the owner and the mode of the path",
            ) from error


@lru_cache(maxsize=256)
def _parsed(path: Path, _stamp: tuple[int, ...]) -> Manifest:
    """Return the manifest at ``path``, read once for each state of the file."""
    try:
        raw = json_value(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DamagedError(
            f"The manifest cannot be read: {error}.", where=str(path), fix=MAKE_AGAIN
        ) from error
    _refuse_other_schema(raw, path)
    try:
        return Manifest.model_validate(raw)
    except ValidationError as error:
        raise DamagedError(
            f"The manifest is damaged: {first_fault(error)}.", where=str(path), fix=MAKE_AGAIN
        ) from error


def _refuse_other_schema(raw: Any, path: Path) -> None:
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if version == SCHEMA_VERSION:
        return
    what = (
        f"The artifact has schema version {version}; this opsatlas knows version {SCHEMA_VERSION}"
    )
    if not isinstance(version, int):
        raise DamagedError(f"{what}.", where=str(path), fix=MAKE_AGAIN)
    raise ArtifactError(
        f"{what}.",
        where=str(path),
        fix="use the opsatlas that wrote it, or make the artifact again in a new workspace",
    )


def hash_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below ``folder`` but the manifest, by relative path."""
    hashes = {
        path.relative_to(folder).as_posix(): hash_if_there(path)
        for path in sorted(entries_below(folder))
        if path.name != FILE_NAME
    }
    return {name: found for name, found in hashes.items() if found is not None}


def changed_files(folder: Path, manifest: Manifest) -> list[str]:
    """Return the relative paths below ``folder`` that are missing, added or altered."""
    now = hash_files(folder)
    return sorted(
        name
        for name in now.keys() | manifest.files.keys()
        if now.get(name) != manifest.files.get(name)
    )


def joint_hash(files: dict[str, str]) -> str:
    """Return one hash for a set of files: their names and hashes."""
    return hash_value(files)


def package_versions(*names: str) -> dict[str, str]:
    """Return the installed versions of the named distributions."""
    return {name: metadata.version(name) for name in sorted(names)}

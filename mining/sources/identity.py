"""What an import depends on, known without carrying it out: whether it was done already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from artifacts.files import storage_errors
from artifacts.hashing import hash_file, hash_value
from mining.drafts import SourceFile, SourceRecord, source_files
from mining.reading import input_files
from mining.sources.readmes import readme_paths


def import_identity(
    command: str, paths: Sequence[Path], *, columns: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the identity that an import of these files will have (`SourceRecord.identity`).

    Raises
    ------
    InputError
        If a file is missing, empty, or a folder where none is allowed.
    """
    folders = sorted({path for path in paths if command == "readmes" and path.is_dir()})
    files = [_folder_file(folder) for folder in folders]
    files += source_files(input_files([path for path in paths if path not in folders]))
    options = {"columns": dict(columns)} if columns else {}
    return SourceRecord(command=command, options=options, files=files, counts={}).identity()


def _folder_file(folder: Path) -> SourceFile:
    with storage_errors(folder):
        hashes = {
            path.relative_to(folder).as_posix(): hash_file(path)
            for _, paths in readme_paths(folder)
            for path in paths
        }
    return SourceFile(name=folder.name, sha256=hash_value(hashes), n_bytes=0)

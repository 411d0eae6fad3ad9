"""What an import depends on, known without carrying it out: whether it was done already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from artifacts.files import storage_errors
from artifacts.hashing import hash_file, hash_value
from artifacts.visible import storable
from mining.drafts import SourceFile, SourceRecord, import_options, source_files
from mining.reading import FileFormat, input_files
from mining.sources.readmes import readme_places


def import_identity(
    command: str,
    paths: Sequence[Path],
    *,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    file_format: FileFormat | None = None,
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
    options = import_options(columns, constants, file_format)
    return SourceRecord(command=command, options=options, files=files, counts={}).identity()


def _folder_file(folder: Path) -> SourceFile:
    with storage_errors(folder):
        hashes = {
            path.relative_to(folder).as_posix(): hash_file(path)
            for place in readme_places(folder)
            for path in place.readmes
        }
    return SourceFile(name=storable(folder.name), sha256=hash_value(hashes), n_bytes=0)

"""What was read of clones, kept until it is imported: an import that was cut short goes on."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import zstandard

from artifacts.files import write_bytes
from mining.histories.reading import ReadHistory
from mining.tables import SCHEMAS

_TIMES: Final = tuple(
    field.name for field in SCHEMAS["histories"] if pa.types.is_timestamp(field.type)
)


@dataclass(frozen=True)
class KeptReadings:
    """The readings in a folder, each by a mark: another wherever it would tell something else."""

    folder: Path

    @classmethod
    def beside(cls, draft_folder: Path) -> KeptReadings:
        """Return those of the import into a draft."""
        return cls(draft_folder.parent / f".{draft_folder.name}.runs")

    def get(self, mark: str) -> ReadHistory | None:
        """Return a reading; None: it is not there, or cannot be read."""
        try:
            told = json.loads(zstandard.decompress(self._place(mark).read_bytes()))
            history = {
                name: datetime.fromisoformat(value) if name in _TIMES and value else value
                for name, value in told["history"].items()
            }
            return ReadHistory(tuple(told["months"]), history, told["n_commits"])
        except (OSError, zstandard.ZstdError, ValueError, TypeError, KeyError):
            return None

    def put(self, mark: str, reading: ReadHistory) -> None:
        """Keep a reading, whole or not at all."""
        told = json.dumps(asdict(reading), default=datetime.isoformat)
        write_bytes(self._place(mark), zstandard.compress(told.encode()))

    def clear(self) -> None:
        """Remove them: what they tell is in the draft."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _place(self, mark: str) -> Path:
        return self.folder / f"{mark}.json.zst"

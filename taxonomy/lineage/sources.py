"""Where the sides of a comparison are, and how they are compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from artifacts.words import Corpus, Layer
from embeddings.settings import VectorSettings
from taxonomy.lineage.settings import LineageSettings


@dataclass(frozen=True, kw_only=True)
class SideFolders:
    """Where one side of a comparison is read from; the snapshot's name opens with its date."""

    taxonomy: Path
    snapshot: Path
    texts: Path

    @property
    def workspace(self) -> Path:
        """Return the workspace that the taxonomy is in."""
        return self.taxonomy.parent.parent

    @property
    def day(self) -> date:
        """Return the day of the snapshot."""
        return date.fromisoformat(self.snapshot.name.split(".")[0])


@dataclass(frozen=True, kw_only=True)
class Method:
    """How taxonomies are compared.

    Attributes
    ----------
    kind, layer
        What the documents are, and which layer of nodes is compared.
    vectors_folder, vector_settings
        Where the vectors are, and of which encoder. Nothing is encoded: a text without a vector is
        an error.
    """

    kind: Corpus
    layer: Layer
    settings: LineageSettings
    vectors_folder: Path
    vector_settings: VectorSettings

    def config(self) -> dict[str, Any]:
        """Return what a comparison depends on besides the taxonomies."""
        fields = set(LineageSettings.model_fields)
        chosen = self.settings.model_dump(mode="json", include=fields)
        return {"kind": self.kind, "layer": self.layer, **chosen}

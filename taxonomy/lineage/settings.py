"""What a study may set about comparisons, and where their sides are read from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from artifacts.words import Corpus, Layer
from embeddings.settings import VectorSettings


class LineageSettings(BaseModel):
    """Thresholds of links, events and verdicts; one setting for all studies by default."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    seed: int = Field(0, ge=0, le=2**31 - 1, description="seed of resampling and of exchanges")
    resamples: int = Field(
        99, ge=99, le=9999, description="resampled consensuses of each taxonomy's ensemble"
    )
    shuffles: int = Field(
        999, ge=99, le=99_999, description="exchanges of documents between the snapshots"
    )
    heir: float = Field(
        0.5, gt=0.0, le=1.0, description="least share of a node's documents that makes another "
        "node its heir, or its origin"
    )  # fmt: skip
    part: float = Field(
        0.2, gt=0.0, le=0.5, description="least share of a node's documents that makes another "
        "node a part of it in a split or merge"
    )  # fmt: skip
    alike: float = Field(
        0.6, ge=-1.0, le=1.0, description="least cosine of the centroids of two nodes that go on "
        "as one without documents that both have"
    )  # fmt: skip
    nowhere: float = Field(
        0.4, ge=0.0, le=0.5, description="a node is born (died) if the other snapshot has at most "
        "this share of the documents that its size would lead to expect"
    )  # fmt: skip
    drift: float = Field(
        0.15, gt=0.0, le=2.0, description="least cosine distance of the centroids that is a drift"
    )
    change: float = Field(
        0.05, gt=0.0, lt=0.5, description="an event is a change if other documents of an unchanged "
        "population give as much at a corrected p of at most this"
    )  # fmt: skip
    rerun: float = Field(
        0.2, gt=0.0, lt=0.5, description="and if re-running gives as much at a corrected p of at "
        "most this"
    )  # fmt: skip
    noise: float = Field(
        0.5, gt=0.0, le=1.0, description="an event is noise at a corrected p of more than this"
    )


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
    corpus, layer
        What the documents are, and which layer of nodes is compared.
    vectors_folder, vector_settings
        Where the vectors are kept, and of which encoder they are.
    """

    corpus: Corpus
    layer: Layer
    settings: LineageSettings
    vectors_folder: Path
    vector_settings: VectorSettings

    def config(self) -> dict[str, Any]:
        """Return what a comparison depends on besides the taxonomies."""
        fields = set(LineageSettings.model_fields)
        chosen = self.settings.model_dump(mode="json", include=fields)
        return {"kind": self.corpus, "layer": self.layer, **chosen}

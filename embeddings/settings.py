"""What a study may set about its texts and vectors."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

HASHED_WORDS = "hashed-words"
"""Name of the encoder that needs no model: counts of hashed words."""


class TextSettings(BaseModel):
    """How texts are prepared."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    readmes: bool = Field(True, description="use the READMEs that the snapshot holds")
    max_readme_chars: int = Field(
        6000, ge=1, description="characters of README prose in a repository's text"
    )
    max_issue_chars: int = Field(
        6000, ge=1, description="characters of body prose in an issue's text"
    )
    max_parsed_chars: int = Field(
        200_000, ge=1000, description="characters of a README that are parsed at most"
    )


class VectorSettings(BaseModel):
    """Parameters of the encoder."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    model: str = Field(
        "all-MiniLM-L6-v2",
        min_length=1,
        description=f"a known model, '{HASHED_WORDS}', or the path of a sentence-transformers "
        "folder",
    )
    sha256: str | None = Field(
        None,
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 that the weights of the model must have",
        examples=["0" * 64],
    )
    dtype: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="auto: bfloat16 where the device computes in it, else float32"
    )
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        description="auto, cpu, mps, cuda or cuda:N; auto: a GPU where there is one",
    )
    max_windows: int = Field(
        4, ge=1, le=64, description="windows of the model's length that are read of a long text"
    )

"""What a study may set about its texts and vectors."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

HASHED_WORDS = "hashed-words"
"""Name of the encoder that needs no model: counts of hashed words."""

FEW_TEXTS = 2_000
"""Up to so many texts are encoded in float32 by default, which costs little for so few."""


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
        description=f"a known model, '{HASHED_WORDS}', the path of a sentence-transformers "
        "folder, or the name of a model on Hugging Face's hub, such as BAAI/bge-small-en-v1.5",
    )
    revision: str | None = Field(
        None,
        pattern="^[0-9a-f]{40}$",
        description="commit of the model on the hub, which must be named with it: 40 hex digits",
        examples=["0" * 40],
    )
    sha256: str | None = Field(
        None,
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 that the weights of the model must have, or all of its files together",
        examples=["0" * 64],
    )
    dtype: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description=f"auto: float32 for up to {FEW_TEXTS:,} texts; for more, bfloat16 where the "
        "device computes in it",
    )
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        description="auto, cpu, mps, cuda or cuda:N; auto: a GPU where there is one",
    )
    max_windows: int = Field(
        4, ge=1, le=64, description="windows of the model's length that are read of a long text"
    )

    def dtype_for(self, n_texts: int) -> Literal["auto", "float32", "bfloat16"]:
        """Return the number format for a corpus of so many texts.

        Few have the same on every device, and so topics that differ less between machines.
        Returns "auto" for bfloat16 where the device computes in it, else float32.
        """
        return "float32" if self.dtype == "auto" and n_texts <= FEW_TEXTS else self.dtype

    def in_key(self, n_texts: int) -> dict[str, Any]:
        """Return what the key of an artifact of so many texts holds of their encoder."""
        told = self.model_dump(mode="json", exclude=None if self.revision else {"revision"})
        return told if self.model == HASHED_WORDS else told | {"dtype": self.dtype_for(n_texts)}

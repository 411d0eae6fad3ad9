"""Encoders: texts in, vectors of unit length out. The only module that imports torch.

A text's vector must not depend on the texts beside it, for one changed bit can move a cluster.
Sums over a batch are bit-equal only between batches of one shape, so every batch here has the same
number of rows, and rows are padded to the next multiple of 16 tokens; missing rows are filled in.
"""

from __future__ import annotations

import logging
import os
import platform
import re
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from artifacts.arrays import Floats, unit_rows
from artifacts.errors import InputError
from artifacts.notebook import no_advice_on_widgets
from artifacts.processes import cores, spread
from artifacts.progress import Progress
from embeddings.hub import closed_hub
from embeddings.models import KNOWN_MODELS, ModelFiles, find_model
from embeddings.settings import HASHED_WORDS, VectorSettings
from embeddings.text.words import PLAIN_WORD, normal, words_of

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

# Before torch is loaded: threads that spin while they wait for each other take many times as long
# as one thread alone when another program has one of the processors.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

_log = logging.getLogger(__name__)

HASHED_DIMS = 512
TOKEN_STEP = 16
CHUNK = 256
"""Texts that a process encodes before they are kept: what a kill costs it at most."""
GPU_CHUNK = 8_192
"""As many fill batches of each length; they take seconds."""
WORTH_PROCESSES = 2_000
"""From so many texts on it is quicker to load the model in a process for each core."""
WORTH_PROCESSES_FOR_WORDS = 20_000
CPU_BATCH = 8
GPU_BATCH = 256
_LOADING = Lock()
_CHARACTERS_PER_TOKEN = 24  # far more than any tokeniser needs; spares reading megabytes for naught


class Encoder(Protocol):
    """Turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return n_texts × n_dims vectors of unit length."""


@dataclass(frozen=True)
class EncoderIdentity:
    """Everything that a vector depends on besides its text; the key of the cache.

    Of a model on the hub its commit is told as well; what its vectors depend on is the revision,
    the hash of its files.
    """

    model: str
    revision: str
    pooling: str
    max_tokens: str
    dtype: str
    device: str
    batches: str = "any"
    normalisation: str = "unit length"
    commit: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the parts by name; a model that is not from the hub has no commit."""
        return {part: value for part, value in vars(self).items() if value}

    def in_manifest(self) -> dict[str, Any]:
        """Return what the manifest of an artifact says of the encoder that it is made with."""
        return {"model": self.as_dict(), "device": self.device, "dtype": self.dtype}


@dataclass(frozen=True)
class EncoderPlan:
    """An encoder that is known by its identity and not loaded until it is needed."""

    identity: EncoderIdentity
    files: ModelFiles | None
    settings: VectorSettings
    device: str = "cpu"

    def load(self) -> Encoder:
        """Load the model (seconds, and some hundred megabytes) or build the model-free encoder.

        It is loaded once in a process, whoever plans it.
        """
        with _LOADING:  # many threads of a worker may want it at once
            return _loaded(self.files, self.identity, self.device, self.settings.max_windows)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return n_texts × n_dims vectors of unit length; load the encoder if it is not yet."""
        return self.load().encode(texts)

    def workers_for(self, n_texts: int) -> int:
        """Return how many processes encode so many texts: one, unless starting them is worth it."""
        worth = WORTH_PROCESSES if self.files else WORTH_PROCESSES_FOR_WORDS
        return cores() if self.device == "cpu" and n_texts >= worth else 1

    def elsewhere(self) -> EncoderPlan:
        """Return the plan in a process that shares the work, which may be on another machine.

        There the files of the model may be in another place. The process has one thread, for there
        are as many of them as cores.

        Raises
        ------
        InputError
            If the model is not there, or another one; nothing is fetched.
        """
        if self.files is None:
            return self
        import torch

        torch.set_num_threads(1)
        name = self.files.name
        if name not in KNOWN_MODELS and not self.files.commit:
            name = str(self.files.folder)
        try:
            files = find_model(name, revision=self.files.commit or None)
        except InputError as error:
            raise InputError(
                f"A worker lacks the model: {error.what}",
                where=f"{platform.node()}: {error.where or name}",
                fix=f"there: {error.fix}",
            ) from error
        if files.sha256 != self.files.sha256:
            raise InputError(
                "A worker has another model of this name.",
                where=f"{platform.node()}: {files.folder}",
                fix="give it the same files as there are here",
            )
        return replace(self, files=files)


@lru_cache(maxsize=2)
def _loaded(
    files: ModelFiles | None, identity: EncoderIdentity, device: str, max_windows: int
) -> Encoder:
    if files is None:
        return HashedWords()
    started = time.perf_counter()
    encoder = TransformerEncoder(files, identity, device=device, max_windows=max_windows)
    _log.info(
        "encoder %s is loaded from %s on %s in %s, in %.1f s",
        *(identity.model, files.folder, device, identity.dtype, time.perf_counter() - started),
    )
    return encoder


def plan_encoder(settings: VectorSettings, *, n_texts: int = 0) -> EncoderPlan:
    """Find the model, check its files, choose device and dtype; load and fetch nothing.

    Parameters
    ----------
    n_texts
        How many documents the corpus has whose vectors are wanted: by that the dtype is chosen
        where the settings leave it open, also for other texts that are held against them.

    Raises
    ------
    InputError
        If the model is unknown or not there, a file has another hash, or the device is not there.
    """
    if settings.model == HASHED_WORDS:
        identity = EncoderIdentity(HASHED_WORDS, "2", "sum", "unlimited", "float32", "cpu")
        return EncoderPlan(identity, None, settings)
    files = find_model(settings.model, expected_sha256=settings.sha256, revision=settings.revision)
    device = _choose_device(settings.device)
    files = replace(files, folder=files.folder.absolute())
    identity = EncoderIdentity(
        model=files.name,
        revision=files.sha256,
        pooling=f"mean of {settings.max_windows} windows at most, weighted by tokens",
        max_tokens="the model's",
        dtype=_choose_dtype(settings.dtype_for(n_texts), device),
        device=device.split(":")[0],
        batches=f"of {_batch_size(device)} rows, padded to multiples of {TOKEN_STEP} tokens",
        commit=files.commit,
    )
    return EncoderPlan(identity, files, settings, device)


@dataclass(frozen=True)
class _Encoding:
    """What encodes, and whether it is one of many processes that do."""

    encoder: Encoder
    is_shared: bool


def encode_by_chunk(
    texts: Sequence[str],
    encoder: Encoder,
    progress: Progress,
    keep: Callable[[int, Floats], object],
) -> None:
    """Encode texts, and let each chunk of vectors be kept as soon as it is there.

    On processors, many texts are shared out to many processes, each with its own model: chunks come
    in any order, their vectors are the same.

    Parameters
    ----------
    keep
        Takes the place of a chunk's first text, from 0, and the chunk's vectors.
    """
    plan = encoder if isinstance(encoder, EncoderPlan) else None
    workers = plan.workers_for(len(texts)) if plan else 1
    size = GPU_CHUNK if plan and plan.device != "cpu" else CHUNK
    chunks = ((start, texts[start : start + size]) for start in range(0, len(texts), size))
    with progress.task("texts encoded", len(texts), unit="texts") as task:
        for (start, chunk), vectors in spread(
            _encode,
            chunks,
            shared=_Encoding(encoder, workers > 1),
            workers=workers,
            what="encoding",
        ):
            keep(start, vectors)
            task.advance(len(chunk))


def _encode(encoding: _Encoding, chunk: tuple[int, Sequence[str]]) -> Floats:
    encoder = encoding.encoder
    if encoding.is_shared and isinstance(encoder, EncoderPlan):
        encoder = encoder.elsewhere()
    return encoder.encode(chunk[1])


def plan_again(identity: Mapping[str, str]) -> EncoderPlan:
    """Return the plan of the encoder that vectors are of, by what their manifest says of it.

    It computes on whatever device is here, in the same number format.

    Raises
    ------
    InputError
        If the model is not there any more, or another one; nothing is fetched.
    """
    model, revision = identity["model"], identity["revision"]
    if model == HASHED_WORDS:
        return plan_encoder(VectorSettings(model=model))
    windows = re.search(r"\d+", identity["pooling"])
    values = {"model": model, "sha256": revision, "dtype": identity["dtype"]}
    if windows is not None:
        values["max_windows"] = windows[0]
    if "commit" in identity:
        values["revision"] = identity["commit"]
    return plan_encoder(VectorSettings.model_validate_strings(values))


class HashedWords:
    """Encodes which words a text has, not what they mean: for quick looks and for tests.

    Hashed word counts (the hashing trick, Weinberger et al. 2009).
    """

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return n_texts × 512 vectors of unit length; texts without words share one vector."""
        from sklearn.feature_extraction.text import HashingVectorizer

        hashing = HashingVectorizer(
            n_features=HASHED_DIMS,
            stop_words="english",
            tokenizer=partial(words_of, word=PLAIN_WORD),
            token_pattern=None,
            norm=None,
            dtype=np.float32,
        )
        vectors: Floats = hashing.transform(map(normal, texts)).toarray()
        vectors[~vectors.any(axis=1), 0] = 1.0
        return unit_rows(vectors)


class TransformerEncoder:
    """A sentence-transformers model, run in batches of fixed shapes.

    Long texts are cut into windows of the model's length; a text's vector is the mean of its
    windows' unit vectors, weighted by their tokens, at unit length.
    """

    def __init__(
        self, files: ModelFiles, identity: EncoderIdentity, *, device: str, max_windows: int
    ) -> None:
        import torch

        self._torch = torch
        self._model = _load_model(files.folder, identity.dtype, device)
        self._max_windows = max_windows
        self._max_tokens = int(self._model.max_seq_length or 512)
        self._batch = _batch_size(device)
        self._windows([""])  # settles how the tokenizer cuts, which threads must not do at once

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return n_texts × n_dims vectors of unit length; an empty text gets one as well."""
        windows = self._windows(texts)
        by_length: dict[int, list[int]] = defaultdict(list)
        for number, (_, tokens) in enumerate(windows):
            by_length[-(-len(tokens) // TOKEN_STEP) * TOKEN_STEP].append(number)
        n_dims = int(self._model.get_embedding_dimension() or 0)
        encoded = np.empty((len(windows), n_dims), dtype=np.float32)
        for length in sorted(by_length):
            numbers = by_length[length]
            for start in range(0, len(numbers), self._batch):
                batch = numbers[start : start + self._batch]
                rows = [windows[number][1] for number in batch]
                encoded[batch] = self._encode_batch(rows, length)
        return _pool(encoded, windows, len(texts))

    def _windows(self, texts: Sequence[str]) -> list[tuple[int, list[int]]]:
        """Return (text number, token ids) for every window of every text."""
        widest = self._max_tokens * self._max_windows * _CHARACTERS_PER_TOKEN
        windows = []
        for number, text in enumerate(texts):
            cut = self._model.tokenizer(
                _without_surrogates(text[:widest]),
                truncation=True,
                max_length=self._max_tokens,
                return_overflowing_tokens=True,
                return_attention_mask=False,
            )
            windows += [(number, list(row)) for row in cut["input_ids"][: self._max_windows]]
        return windows

    def _encode_batch(self, rows: list[list[int]], length: int) -> Floats:
        torch = self._torch
        padding = int(self._model.tokenizer.pad_token_id or 0)
        ids = torch.full((self._batch, length), padding, dtype=torch.long)
        mask = torch.zeros((self._batch, length), dtype=torch.long)
        for place, tokens in enumerate(rows):
            ids[place, : len(tokens)] = torch.tensor(tokens)
            mask[place, : len(tokens)] = 1
        mask[len(rows) :, 0] = 1  # a filler row attends to one token, so that nothing divides by 0
        device = self._model.device
        with torch.inference_mode():
            out: dict[str, Any] = self._model(
                {"input_ids": ids.to(device), "attention_mask": mask.to(device)}
            )
        vectors: Floats = out["sentence_embedding"].float().cpu().numpy()[: len(rows)]
        return vectors


def _load_model(folder: Path, dtype_name: str, device: str) -> SentenceTransformer:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    import torch

    with no_advice_on_widgets():
        import transformers
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    dtype: torch.dtype = getattr(torch, dtype_name)
    faults = (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError)
    try:
        with closed_hub():  # weights come from files; nothing may ask a hub
            model = SentenceTransformer(
                str(folder), device=device, local_files_only=True, model_kwargs={"dtype": dtype}
            )
    except faults as error:
        raise InputError(
            f"The model cannot be loaded: {str(error).splitlines()[0]}",
            where=str(folder),
            fix="get the model again, or name another one",
        ) from error
    return model.eval()


def _batch_size(device: str) -> int:
    return CPU_BATCH if device == "cpu" else GPU_BATCH


def _choose_device(wanted: str) -> str:
    import torch

    if wanted == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    kind, _, number = wanted.partition(":")
    n_devices = {
        "cpu": 1,
        "mps": int(torch.backends.mps.is_available()),
        "cuda": torch.cuda.device_count(),
    }
    if int(number or 0) >= n_devices[kind]:
        raise InputError(
            f"This machine has no device '{wanted}'.", where="device", fix="use device = 'auto'"
        )
    return wanted


def _choose_dtype(wanted: str, device: str) -> str:
    if wanted != "auto":
        return wanted
    import torch

    if device.startswith("cuda"):
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    if device == "cpu":
        able = torch.cpu.get_capabilities()
        return "bfloat16" if able.get("avx512_bf16") or able.get("amx_bf16") else "float32"
    return "float32"


def _pool(encoded: Floats, windows: Sequence[tuple[int, list[int]]], n_texts: int) -> Floats:
    """Average each text's windows, in their order, so that sums do not depend on batches."""
    sums = np.zeros((n_texts, encoded.shape[1]), dtype=np.float64)
    for vector, (number, tokens) in zip(unit_rows(encoded), windows, strict=True):
        sums[number] += vector * np.float64(len(tokens))
    return unit_rows(sums).astype(np.float32)


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")

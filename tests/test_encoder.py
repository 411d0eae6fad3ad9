"""The encoder: the model's own vectors, bit-equal whatever company a text is in."""

from __future__ import annotations

import platform
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.arrays import Floats
from artifacts.errors import InputError
from artifacts.progress import SilentProgress
from embeddings import encoder as encoder_module
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import (
    CPU_BATCH,
    TOKEN_STEP,
    EncoderPlan,
    HashedWords,
    TransformerEncoder,
    plan_encoder,
)
from embeddings.models import KNOWN_MODELS, find_model
from embeddings.settings import FEW_TEXTS, HASHED_WORDS, VectorSettings
from opsatlas.doctor import check_machine

SHORT = [
    "Track machine-learning experiments.",
    "A feature store that serves features online.",
    "Deploy models behind an HTTP endpoint, with batching.",
    "实验跟踪与模型注册。",
    "🚀🔥📦",
    "x",
]
LONG = "Pipelines run steps over versioned data, and every step is recorded. " * 60
TEXTS = [*SHORT, LONG, "", *(f"Tool number {n} monitors drift. " * (n + 1) for n in range(10))]


@pytest.fixture(scope="module")
def plan() -> EncoderPlan:
    """Return the plan of the default encoder, on the processor that every machine has."""
    return plan_encoder(VectorSettings(device="cpu"))


@pytest.fixture(scope="module")
def encoder(plan: EncoderPlan) -> TransformerEncoder:
    """Return the default encoder with the real model."""
    loaded = plan.load()
    assert isinstance(loaded, TransformerEncoder)
    return loaded


@pytest.fixture(scope="module")
def vectors(encoder: TransformerEncoder) -> Floats:
    """Return the vectors of all texts, encoded together."""
    return encoder.encode(TEXTS)


def test_vectors_are_the_models_own(plan: EncoderPlan, vectors: Floats) -> None:
    """Short texts get the vectors that sentence-transformers gives them, but for rounding."""
    from sentence_transformers import SentenceTransformer

    assert plan.files is not None
    model = SentenceTransformer(str(plan.files.folder), device="cpu", local_files_only=True)
    theirs = model.encode(SHORT, normalize_embeddings=True)
    assert ((vectors[: len(SHORT)] * theirs).sum(axis=1) > 0.999).all()


def test_every_text_has_a_vector_of_unit_length(vectors: Floats) -> None:
    """Empty text, emoji and a text of thousands of words included."""
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_the_model_sees_only_fixed_shapes(encoder: TransformerEncoder) -> None:
    """Every batch has the same number of rows, and a multiple of the step in tokens.

    On some processors other shapes give other bits, on some they do not: so the shapes are held.
    """
    shapes = []

    def note(_: object, inputs: tuple[dict[str, Any], ...]) -> None:
        shapes.append(tuple(inputs[0]["input_ids"].shape))

    hook = encoder._model.register_forward_pre_hook(note)
    try:
        encoder.encode(TEXTS)
        encoder.encode(TEXTS[:1])
    finally:
        hook.remove()
    assert {rows for rows, _ in shapes} == {CPU_BATCH}
    assert len({length for _, length in shapes}) > 1
    assert all(length % TOKEN_STEP == 0 for _, length in shapes)


def test_a_vector_is_the_same_bits_alone(encoder: TransformerEncoder, vectors: Floats) -> None:
    """A text encoded alone has the vector that it has among others."""
    for place in (0, 3, 4, SHORT.index("x"), TEXTS.index(LONG), TEXTS.index("")):
        assert np.array_equal(encoder.encode([TEXTS[place]])[0], vectors[place])


def test_a_vector_is_the_same_bits_in_any_order(
    encoder: TransformerEncoder, vectors: Floats
) -> None:
    """The order of the texts, and which others there are, change nothing."""
    order = np.random.default_rng(0).permutation(len(TEXTS))
    assert np.array_equal(encoder.encode([TEXTS[i] for i in order]), vectors[order])
    assert np.array_equal(encoder.encode(TEXTS[::3]), vectors[::3])


def test_a_vector_is_the_same_bits_resumed_and_from_the_cache(
    plan: EncoderPlan, vectors: Floats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vectors that went over the disk, in two goes and small shards, are the same bits."""
    monkeypatch.setattr(encoder_module, "CHUNK", 7)
    cached = partial(
        vectors_of, plan=plan, cache=open_cache(tmp_path, plan), progress=SilentProgress()
    )
    assert np.array_equal(cached(TEXTS[10:]), vectors[10:])
    assert np.array_equal(cached(TEXTS), vectors)
    assert np.array_equal(cached(TEXTS), vectors)


def test_many_processes_encode_what_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks that come from several processes, in any order, belong to the texts they are of."""
    words = plan_encoder(VectorSettings(model=HASHED_WORDS))
    texts = [f"tool {number} monitors drift" for number in range(60)]
    monkeypatch.setattr(encoder_module, "WORTH_PROCESSES_FOR_WORDS", 1)
    monkeypatch.setattr(encoder_module, "CHUNK", 7)
    vectors = vectors_of(texts, words, open_cache(tmp_path, words), progress=SilentProgress())
    assert np.array_equal(vectors, words.encode(texts))


def test_a_worker_that_lacks_the_model_says_so(plan: EncoderPlan, tmp_path: Path) -> None:
    """On another machine the model may be missing, or be another one; nothing is fetched there."""
    assert plan.files is not None
    assert plan.elsewhere().files == plan.files
    folder = replace(plan.files, name=str(tmp_path), folder=tmp_path)
    with pytest.raises(InputError, match="A worker lacks the model") as lacking:
        replace(plan, files=folder).elsewhere()
    assert platform.node() in str(lacking.value)
    with pytest.raises(InputError, match="A worker has another model"):
        replace(plan, files=replace(plan.files, sha256="0" * 64)).elsewhere()


def test_a_long_text_is_read_to_the_last_window_only() -> None:
    """What comes after the windows that the settings allow does not count; what is in them does."""
    two = plan_encoder(VectorSettings(max_windows=2, device="cpu")).load()
    words = "drift " * 254 * 2  # two windows: 256 tokens each, two of them marks
    start, more, other = two.encode([words, words + "cats " * 500, "cats " * 254 + words])
    assert np.array_equal(start, more)
    assert not np.array_equal(start, other)


def test_the_doctor_tries_the_encoder(plan: EncoderPlan, tmp_path: Path) -> None:
    """Its weights are checked, and how many texts it encodes in a second is said."""
    checks = check_machine(tmp_path, plan.settings, progress=SilentProgress(), network=False)
    said = {check.what: check.said for check in checks}
    assert plan.identity.revision[:12] in said["encoder"]
    assert "as expected" in said["encoder"]
    assert re.match(r"cpu in float32: about [\d,]+ short texts", said["device"])
    assert ("bfloat16" in said["device"]) is (able_dtype() == "bfloat16")


def able_dtype() -> str:
    """Return the number format that this processor computes in best."""
    import torch

    able = torch.cpu.get_capabilities()
    return "bfloat16" if able.get("avx512_bf16") or able.get("amx_bf16") else "float32"


@pytest.mark.parametrize("n_texts", [0, 10, FEW_TEXTS, FEW_TEXTS + 1, 10 * FEW_TEXTS])
def test_the_number_of_texts_chooses_the_number_format(n_texts: int) -> None:
    """Few are encoded in float32 on any processor; many in bfloat16 where it computes in that."""
    plan = plan_encoder(VectorSettings(device="cpu"), n_texts=n_texts)
    assert plan.identity.dtype == ("float32" if n_texts <= FEW_TEXTS else able_dtype())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("n_texts", [10, FEW_TEXTS + 1])
def test_a_number_format_that_a_study_names_is_kept(
    dtype: Literal["float32", "bfloat16"], n_texts: int
) -> None:
    """The number of texts decides only where the study leaves it open."""
    settings = VectorSettings(device="cpu", dtype=dtype)
    assert plan_encoder(settings, n_texts=n_texts).identity.dtype == dtype
    assert settings.in_key(n_texts)["dtype"] == dtype


def test_a_key_holds_the_number_format() -> None:
    """Beyond the bound it is another key; an encoder without a model has one format alone."""
    few, many = (VectorSettings().in_key(n) for n in (FEW_TEXTS, FEW_TEXTS + 1))
    assert (few["dtype"], many["dtype"]) == ("float32", "auto")
    assert few | {"dtype": "auto"} == many
    words = VectorSettings(model=HASHED_WORDS)
    assert words.in_key(FEW_TEXTS) == words.in_key(FEW_TEXTS + 1)


def test_other_settings_are_another_encoder(plan: EncoderPlan) -> None:
    """Whatever a vector depends on is in the encoder's identity."""
    changed = {"float32": "bfloat16", "bfloat16": "float32"}[plan.identity.dtype]
    for values in ({"max_windows": 2}, {"dtype": changed}):
        other = plan_encoder(VectorSettings.model_validate({"device": "cpu", **values}))
        assert other.identity != plan.identity


def test_weights_with_another_hash_are_refused(tmp_path: Path) -> None:
    """Neither other weights than the study expects, nor changed weights of a known model, pass."""
    with pytest.raises(InputError, match="not the expected ones"):
        plan_encoder(VectorSettings(sha256="0" * 64))
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "modules.json").write_text("[]")
    (folder / "model.safetensors").write_bytes(b"other weights")
    known = KNOWN_MODELS["all-MiniLM-L6-v2"]
    with pytest.raises(InputError, match="not the expected ones") as raised:
        find_model(str(folder), expected_sha256=known.sha256)
    assert known.sha256 in str(raised.value)


@pytest.mark.parametrize("model", ["all-MiniLM-L6-v3", "/nowhere", "."])
def test_an_unknown_model_is_refused(model: str) -> None:
    """What is neither a known name nor a model's folder is refused, and the known are named."""
    with pytest.raises(InputError, match="Unknown model") as raised:
        plan_encoder(VectorSettings(model=model))
    assert "all-MiniLM-L6-v2" in str(raised.value)


def test_a_model_without_weights_is_refused(tmp_path: Path) -> None:
    """A model's folder that lacks its weights is named."""
    (tmp_path / "modules.json").write_text("[]")
    with pytest.raises(InputError, match=r"no model\.safetensors") as raised:
        plan_encoder(VectorSettings(model=str(tmp_path)))
    assert raised.value.where == str(tmp_path)


def test_a_damaged_model_is_refused(tmp_path: Path, plan: EncoderPlan) -> None:
    """Weights that are no weights end in an error that names the folder."""
    assert plan.files is not None
    folder = tmp_path / "model"
    shutil.copytree(plan.files.folder, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").write_bytes(b"no weights at all")
    with pytest.raises(InputError, match="cannot be loaded") as raised:
        plan_encoder(VectorSettings(model=str(folder))).load()
    assert raised.value.where == str(folder)


def absent_devices() -> Iterator[str]:
    """Yield devices that this machine has not."""
    import torch

    yield f"cuda:{torch.cuda.device_count()}"
    if not torch.cuda.is_available():
        yield "cuda"
    if not torch.backends.mps.is_available():
        yield "mps"


def test_an_absent_device_is_refused() -> None:
    """A device that this machine has not is named; nothing else is used in its place."""
    for device in absent_devices():
        with pytest.raises(InputError, match=f"no device '{device}'"):
            plan_encoder(VectorSettings(device=device))


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_hashed_words_give_unit_vectors(texts: list[str]) -> None:
    """Any texts get vectors of unit length, the same alone as together."""
    vectors = HashedWords().encode(texts)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    for text, vector in zip(texts, vectors, strict=True):
        assert np.array_equal(HashedWords().encode([text])[0], vector)


def test_hashed_words_need_no_model() -> None:
    """The encoder without a model is planned and loaded without torch or a file."""
    plan = plan_encoder(VectorSettings(model=HASHED_WORDS))
    assert plan.files is None
    assert isinstance(plan.load(), HashedWords)

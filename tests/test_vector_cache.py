"""The vector cache: a text is encoded once, whatever happens in between."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_encoder import ToyEncoder, toy_plan, toy_vector

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError
from artifacts.hashing import hash_text
from artifacts.manifest import FILE_NAME
from artifacts.progress import SilentProgress
from artifacts.tables import write_table
from embeddings import cache as cache_module
from embeddings import encoder as encoder_module
from embeddings.cache import VectorCache, open_cache, vectors_of

TEXTS = [f"text number {number}" for number in range(30)]


def encode(
    texts: list[str], folder: Path, encoder: ToyEncoder, *, dtype: str = "float32"
) -> Floats:
    """Return the vectors of the texts by way of the cache in ``folder``."""
    plan = toy_plan(encoder, dtype=dtype)
    return vectors_of(texts, plan, open_cache(folder, plan), progress=SilentProgress())


def shards(folder: Path) -> list[Path]:
    """Return the files that hold vectors."""
    return sorted(folder.glob("*/*.parquet"))


def test_a_text_is_encoded_once(tmp_path: Path) -> None:
    """Repeats in a call, and texts of earlier calls, are not given to the encoder again."""
    encoder = ToyEncoder()
    first = encode(["a", "b", "a"], tmp_path, encoder)
    second = encode(["c", "b", "a"], tmp_path, encoder)
    assert encoder.seen == ["a", "b", "c"]
    assert np.array_equal(first, np.stack([toy_vector(text) for text in ("a", "b", "a")]))
    assert np.array_equal(second, np.stack([toy_vector(text) for text in ("c", "b", "a")]))


def test_the_encoder_is_loaded_only_for_new_texts(tmp_path: Path) -> None:
    """When every text is known the plan is never asked for its encoder."""
    encode(TEXTS, tmp_path, ToyEncoder())
    again = ToyEncoder(fails_after=0)
    assert len(encode(TEXTS[::-1], tmp_path, again)) == len(TEXTS)
    assert again.seen == []


def test_what_was_encoded_before_an_interruption_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that dies between two shards loses only the texts of the second."""
    monkeypatch.setattr(encoder_module, "CHUNK", 10)
    with pytest.raises(KeyboardInterrupt):
        encode(TEXTS, tmp_path, ToyEncoder(fails_after=20))
    resumed = ToyEncoder()
    vectors = encode(TEXTS, tmp_path, resumed)
    assert resumed.seen == TEXTS[20:]
    assert np.array_equal(vectors, np.stack([toy_vector(text) for text in TEXTS]))


def test_what_a_dead_process_left_half_written_is_not_read(tmp_path: Path) -> None:
    """A temporary file beside the shards is no shard."""
    encode(TEXTS, tmp_path, ToyEncoder())
    [shard] = shards(tmp_path)
    (shard.parent / f".{shard.name}.x.tmp").write_bytes(shard.read_bytes()[:50])
    again = ToyEncoder()
    encode(TEXTS, tmp_path, again)
    assert again.seen == []


def test_other_settings_of_the_encoder_share_no_vectors(tmp_path: Path) -> None:
    """Vectors of another dtype are another cache's."""
    encode(TEXTS, tmp_path, ToyEncoder())
    other = ToyEncoder()
    encode(TEXTS, tmp_path, other, dtype="bfloat16")
    assert other.seen == TEXTS
    assert len({shard.parent for shard in shards(tmp_path)}) == 2


def test_the_cache_is_not_put_under_version_control(tmp_path: Path) -> None:
    """The folder of the caches tells git to leave it out."""
    encode(["a"], tmp_path, ToyEncoder())
    assert (tmp_path / ".gitignore").read_text() == "*\n"


def change_manifest(folder: Path, **values: object) -> None:
    """Set fields in the manifest of the one cache in ``folder``."""
    [path] = folder.glob(f"*/{FILE_NAME}")
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_cache_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """A cache of an unknown schema version is not read."""
    encode(["a"], tmp_path, ToyEncoder())
    change_manifest(tmp_path, schema_version=2)
    with pytest.raises(ArtifactError, match="schema version 2"):
        encode(["a"], tmp_path, ToyEncoder())


def test_a_cache_that_says_it_is_of_another_encoder_is_refused(tmp_path: Path) -> None:
    """A folder whose manifest names another encoder than its own name is not read."""
    encode(["a"], tmp_path, ToyEncoder())
    change_manifest(tmp_path, model={"model": "another"})
    with pytest.raises(ArtifactError, match="another encoder"):
        encode(["a"], tmp_path, ToyEncoder())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_shard_is_found_and_named(tmp_path: Path, data: st.DataObject) -> None:
    """One changed byte anywhere in a shard ends in an error that names it, or harms no vector."""
    if not shards(tmp_path):
        encode(TEXTS, tmp_path, ToyEncoder())
    [shard] = shards(tmp_path)
    whole = shard.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    flip = data.draw(st.integers(1, 255))
    shard.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])
    hashes = np.array(sorted(map(hash_text, TEXTS)), dtype="S64")
    expected = {hash_text(text): toy_vector(text) for text in TEXTS}
    try:
        found = list(VectorCache(shard.parent).find(hashes))
    except ArtifactError as error:
        assert error.where == str(shard)
        assert "delete the file" in str(error)
    else:
        for places, vectors in found:
            for name, vector in zip(hashes[places], vectors, strict=True):
                assert np.array_equal(vector, expected[name.decode()])
    finally:
        shard.write_bytes(whole)


@pytest.mark.parametrize(
    "columns",
    [
        {"sha256": ["x"]},
        {"sha256": ["x"], "vector": ["y"]},
        {"sha256": ["x"], "vector": [[1.0, 2.0]]},
    ],
)
def test_a_table_that_holds_no_vectors_is_refused(
    tmp_path: Path, columns: dict[str, list[object]]
) -> None:
    """A Parquet file with other columns in a shard's place is named as damaged."""
    encode(["a"], tmp_path, ToyEncoder())
    [shard] = shards(tmp_path)
    write_table(shard, pa.table(columns))
    with pytest.raises(ArtifactError, match="damaged") as raised:
        encode(["a"], tmp_path, ToyEncoder())
    assert raised.value.where == str(shard)


def test_many_files_are_joined_and_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks that come together are joined; who reads meanwhile finds every vector."""
    monkeypatch.setattr(encoder_module, "CHUNK", 3)
    monkeypatch.setattr(cache_module, "MANY_FILES", 4)
    monkeypatch.setattr(cache_module, "MOST_ROWS", 9)
    hashes = np.array(sorted(map(hash_text, TEXTS)), dtype="S64")
    encode(TEXTS[:9], tmp_path, ToyEncoder())
    reading = VectorCache(shards(tmp_path)[0].parent).find(hashes)
    found = [next(reading)]
    encode(TEXTS, tmp_path, ToyEncoder())
    found += reading
    joined = [path for path in shards(tmp_path) if path.name.startswith("joined-")]
    assert [len(pq.read_table(path)) for path in joined] == [9, 9, 9]
    assert len(shards(tmp_path)) == 4
    assert {place for places, _ in found for place in places} >= {
        int(np.searchsorted(hashes, hash_text(text).encode())) for text in TEXTS[:9]
    }
    again = ToyEncoder(fails_after=0)
    assert np.array_equal(encode(TEXTS, tmp_path, again), np.stack([*map(toy_vector, TEXTS)]))


def test_what_is_kept_twice_after_a_kill_is_joined_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill between the joined file and the end of its parts leaves both, which harms nothing."""
    encode(TEXTS[:10], tmp_path, ToyEncoder())
    [shard] = shards(tmp_path)
    (shard.parent / f"joined-{shard.name}").write_bytes(shard.read_bytes())
    monkeypatch.setattr(cache_module, "MANY_FILES", 2)
    vectors = encode(TEXTS, tmp_path, ToyEncoder())
    assert np.array_equal(vectors, np.stack([*map(toy_vector, TEXTS)]))
    assert sum(len(pq.read_table(path)) for path in shards(tmp_path)) == len(TEXTS)


def test_vectors_of_many_texts_are_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are the same bits, cannot be changed by accident, and leave no file."""
    texts = [*TEXTS, TEXTS[3]]
    in_memory = encode(texts[10:], tmp_path, ToyEncoder())
    assert not isinstance(in_memory, np.memmap)
    monkeypatch.setattr(cache_module, "MAPPED_BYTES", 1)
    mapped = encode(texts, tmp_path, ToyEncoder())
    assert isinstance(mapped, np.memmap)
    assert not mapped.flags.writeable
    assert np.array_equal(mapped, np.stack([*map(toy_vector, texts)]))
    assert np.array_equal(mapped[10:], in_memory)
    assert [path.suffix for path in tmp_path.glob("*/*")].count(".tmp") == 0

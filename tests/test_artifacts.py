"""The ground floor: errors, whole files and folders, hashes, manifests, tables."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts import hashing, tables
from artifacts.errors import ArtifactError, OpsatlasError, StorageError
from artifacts.files import clear_leftovers, new_folder, write_bytes, write_text
from artifacts.hashing import hash_bytes, hash_file, hash_text, hash_value
from artifacts.manifest import (
    FILE_NAME,
    SCHEMA_VERSION,
    Manifest,
    changed_files,
    hash_files,
    joint_hash,
)
from artifacts.tables import (
    TableRows,
    content_hash,
    in_equal_pieces,
    read_aside,
    read_table,
    table_from_rows,
    taken,
    write_table,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SCHEMA = pa.schema([("key", pa.string()), ("n", pa.int64())])


def test_an_error_says_what_where_and_what_to_do() -> None:
    """Each part is on a line of its own, and what is not known is left out."""
    assert str(OpsatlasError("It broke.")) == "It broke."
    said = str(OpsatlasError("It broke.", where="a.toml", fix="mend it"))
    assert said.splitlines() == ["It broke.", "  where: a.toml", "  to do: mend it"]


def test_the_hash_of_a_text_is_its_sha_256(tmp_path: Path) -> None:
    """Texts, bytes and files of the same content have the published hash."""
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    (tmp_path / "abc").write_bytes(b"abc")
    assert hash_text("abc") == hash_bytes(b"abc") == hash_file(tmp_path / "abc") == expected


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_the_hash_of_a_value_does_not_hang_on_the_order_of_keys(value: dict[str, object]) -> None:
    """A dictionary built the other way round has the same hash."""
    assert hash_value(dict(reversed(value.items()))) == hash_value(value)


@given(st.text(alphabet=st.characters()), st.text(alphabet=st.characters()))
def test_other_texts_have_other_hashes(one: str, other: str) -> None:
    """Lone surrogates included, texts are told apart."""
    assert (hash_text(one) == hash_text(other)) == (one == other)


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the last step fails the old file is as it was and nothing is left beside it."""
    path = tmp_path / "deep" / "file"
    write_text(path, "old")

    def refuse(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StorageError, match="No space is left") as raised:
        write_text(path, "new")
    assert raised.value.where == str(path)
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    """What the operating system refuses names the path."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StorageError) as raised:
        write_bytes(tmp_path / "file" / "below", b"")
    assert str(tmp_path / "file") in str(raised.value)
    with pytest.raises(StorageError, match="It is a folder") as raised:
        write_bytes(tmp_path, b"")
    assert raised.value.where == str(tmp_path)


def test_a_folder_appears_when_it_is_finished(tmp_path: Path) -> None:
    """While it is built the old one stands; then the new one is in its place, and nothing else."""
    path = tmp_path / "made"
    for text in ("first", "second"):
        before = (path / "a").read_text() if path.exists() else None
        with new_folder(path) as building:
            (building / "a").write_text(text)
            assert ((path / "a").read_text() if path.exists() else None) == before
        assert (path / "a").read_text() == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_fails_changes_nothing(tmp_path: Path) -> None:
    """An error while it is built leaves the old folder, and no other."""
    path = tmp_path / "made"
    with new_folder(path) as building:
        (building / "a").write_text("old")
    with pytest.raises(KeyboardInterrupt), new_folder(path) as building:
        (building / "a").write_text("new")
        raise KeyboardInterrupt
    assert (path / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_put_in_place_leaves_the_old_one(tmp_path: Path) -> None:
    """When the last move is refused, as for files in use on Windows, the old folder is back."""
    path = tmp_path / "made"
    with new_folder(path) as building:
        (building / "a").write_text("old")
    with pytest.raises(StorageError), new_folder(path) as building:
        building.rename(tmp_path / "elsewhere")
    assert (path / "a").read_text() == "old"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["elsewhere", "made"]


def test_what_a_dead_process_left_is_cleared(tmp_path: Path) -> None:
    """A half-built folder of an earlier process goes when the next one is built."""
    dead = tmp_path / ".made.x.building"
    dead.mkdir()
    (dead / "a").write_text("half")
    other = tmp_path / ".made2.x.building"
    other.mkdir()
    with new_folder(tmp_path / "made"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [other.name, "made"]


def test_everything_half_made_is_cleared(tmp_path: Path) -> None:
    """Half-built folders, retired ones and temporary files go; what is whole stays."""
    whole = [tmp_path / "texts" / "a.parquet", tmp_path / ".gitignore", tmp_path / "b.tmp"]
    half = [tmp_path / "texts" / ".a.x.building" / "f", tmp_path / ".study.toml.x.tmp"]
    half.append(tmp_path / "texts" / ".a.retired.building" / ".g.x.tmp")
    for path in whole + half:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    clear_leftovers(tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(whole)
    clear_leftovers(tmp_path / "nowhere")


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """Return a folder with two files and their manifest."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "deep" / "b.txt").write_text("b")
    files = hash_files(tmp_path)
    Manifest(kind="toy", name="toy", files=files, content_hash=joint_hash(files)).write(tmp_path)
    return tmp_path


def test_a_manifest_is_read_as_it_was_written(artifact: Path) -> None:
    """Times, counts and hashes come back as they were."""
    manifest = Manifest.read(artifact)
    assert manifest.schema_version == SCHEMA_VERSION
    assert manifest.created_at <= datetime.now(UTC)
    manifest.write(artifact)
    assert Manifest.read(artifact) == manifest


def test_changed_missing_and_added_files_are_named(artifact: Path) -> None:
    """Every difference to the manifest is found, and an intact artifact has none."""
    manifest = Manifest.read(artifact)
    assert changed_files(artifact, manifest) == []
    (artifact / "a.txt").write_text("A")
    (artifact / "deep" / "b.txt").unlink()
    (artifact / "c.txt").write_text("c")
    assert changed_files(artifact, manifest) == ["a.txt", "c.txt", "deep/b.txt"]


def test_what_vanishes_while_files_are_looked_at_is_missing(
    artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that goes before it is entered, or a file before it is read, is not there."""
    manifest, scan = Manifest.read(artifact), os.scandir
    deep = str(artifact / "deep")
    monkeypatch.setattr(os, "scandir", lambda path: scan("gone" if str(path) == deep else path))
    assert changed_files(artifact, manifest) == ["deep/b.txt"]

    def hash_late(path: Path) -> str:
        path.unlink()
        return hash_file(path)

    monkeypatch.setattr(hashing, "hash_file", hash_late)
    assert changed_files(artifact, manifest) == ["a.txt", "deep/b.txt"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ("\x00", "cannot be read"),
        ("[]", "schema version None"),
        ("{}", "schema version None"),
        ('{"schema_version": 2}', "schema version 2"),
        ('{"schema_version": "1"}', "schema version 1"),
        ('{"schema_version": 1}', "damaged: kind"),
        ('{"schema_version": 1, "kind": "k", "name": "n", "more": 1}', "damaged: more"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """Damage, unknown fields and other schema versions are named with the file and what to do."""
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(ArtifactError, match=said) as raised:
        Manifest.read(tmp_path)
    assert raised.value.where == str(tmp_path / FILE_NAME)
    assert raised.value.fix


def test_a_manifest_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A folder without a manifest is no artifact."""
    with pytest.raises(ArtifactError, match="no artifact here"):
        Manifest.read(tmp_path)


ROWS = st.lists(
    st.fixed_dictionaries({"key": st.text(), "n": st.none() | st.integers(-9, 9)}), max_size=5
)


@given(ROWS)
def test_equal_tables_have_equal_bytes(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]
) -> None:
    """A table written twice is the same bytes, and is read as it was."""
    one, other = (tmp_path_factory.mktemp("tables") / name for name in ("one", "other"))
    table = table_from_rows(rows, SCHEMA)
    write_table(one, table)
    write_table(other, table_from_rows(rows, SCHEMA))
    assert one.read_bytes() == other.read_bytes()
    assert read_table(one, SCHEMA).equals(table)


def test_bytes_are_of_rows_alone_in_whatever_pieces_they_came(tmp_path: Path) -> None:
    """Parquet is the same of a table in one piece and in many, however large its texts are."""
    rows = ({"key": f"{n:x}" * (n % 60), "n": n % 97} for n in range(40_000))
    whole = table_from_rows(rows, SCHEMA)
    parts = pa.concat_tables([whole.slice(at, 700) for at in range(0, whole.num_rows, 700)])
    for number, (table, large) in enumerate(product((whole, parts), (0, 1 << 30))):
        write_table(tmp_path / str(number), in_equal_pieces(table, large_bytes=large))
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_a_table_on_disk_is_the_same_rows_and_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a table grows, is cut, put in another order or read: on disk or not is the same."""
    words = ["", None, "é" * 40, "one more text " * 9]
    rows = [{"key": words[n % 4] and f"{words[n % 4]}{n}", "n": n} for n in range(9_000)]
    whole = table_from_rows(rows, SCHEMA)
    places = np.random.default_rng(0).permutation(9_000)
    write_table(tmp_path / "whole", whole)
    for piece_bytes in (tables.PIECE_BYTES, 1, 50_000):
        monkeypatch.setattr(tables, "PIECE_BYTES", piece_bytes)
        grown = tables.gathered(rows[3:], SCHEMA)
        cut = pa.concat_tables([whole.slice(0, 2), whole.slice(2, 1), grown])
        assert cut.equals(whole)
        assert taken(cut, places).equals(whole.take(pa.array(places)))
        assert read_aside(tmp_path / "whole", SCHEMA).equals(whole)
        for large in (0, 1 << 30):
            write_table(tmp_path / "cut", in_equal_pieces(cut, large_bytes=large))
            assert (tmp_path / "cut").read_bytes() == (tmp_path / "whole").read_bytes()


def test_of_a_large_table_little_is_in_memory(tmp_path: Path) -> None:
    """A table that grows, is put in another order, cut in equal pieces or read lies on disk."""
    before = pa.total_allocated_bytes()
    rows = ({"key": f"{n} " * 700, "n": n} for n in range(12_000))
    grown = tables.gathered(rows, SCHEMA)
    backwards = taken(grown, np.arange(12_000)[::-1])
    equal = in_equal_pieces(backwards)
    write_table(tmp_path / "t", equal)
    read = read_aside(tmp_path / "t", SCHEMA)
    assert read["n"][0].as_py() == 11_999
    assert min(t.nbytes for t in (grown, backwards, equal, read)) > 5 * tables.PIECE_BYTES
    assert pa.total_allocated_bytes() - before < tables.PIECE_BYTES


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a table that grows finds no room, the error says what to do."""
    full = Path("/dev/full").open("wb")  # noqa: SIM115
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full)
    with pytest.raises(StorageError, match="no room") as caught:
        tables.gathered([{"key": "a" * (2 * tables.PIECE_BYTES), "n": 1}], SCHEMA)
    assert "SQLITE_TMPDIR" in str(caught.value.fix)


def test_rows_are_taken_in_any_order() -> None:
    """Rows at some places, from any pieces; and the rows of a table as a sequence."""
    whole = table_from_rows(({"key": str(n), "n": n} for n in range(9_000)), SCHEMA)
    parts = pa.concat_tables([whole.slice(0, 5), whole.slice(5, 4_000), whole.slice(4_005)])
    places = np.random.default_rng(0).permutation(9_000)
    for chosen in (places, places[:7], np.arange(3, 5_000), places[:0]):
        assert taken(parts, chosen).equals(whole.take(pa.array(chosen)))
    assert TableRows(parts)[-1] == {"key": "8999", "n": 8_999}
    assert list(TableRows(parts)) == whole.to_pylist()


def test_clocks_are_left_out_of_content(tmp_path: Path) -> None:
    """The content hash of a table does not see the columns that are left out."""
    one, other = (table_from_rows([{"key": "a", "n": n}], SCHEMA) for n in (1, 2))
    assert content_hash(one) != content_hash(other)
    assert content_hash(one, leave_out=("n", "x")) == content_hash(other, leave_out=("n", "x"))


def test_a_flipped_byte_in_a_table_is_found(tmp_path: Path) -> None:
    """Each page has a checksum: damage is an error or harmless, and never gives other values."""
    path = tmp_path / "t.parquet"
    table = table_from_rows([{"key": f"key {n}", "n": n} for n in range(200)], SCHEMA)
    write_table(path, table)
    whole = path.read_bytes()
    n_found = 0
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            assert read_table(path).select(["key", "n"]).to_pylist() == table.to_pylist()
        except ArtifactError as error:
            assert error.where == str(path)
            n_found += 1
    assert n_found > len(whole) // 7 // 2


def test_a_table_of_another_schema_is_refused(tmp_path: Path) -> None:
    """Columns that this version does not write are not guessed at."""
    write_table(tmp_path / "t.parquet", pa.table({"key": ["a"]}))
    with pytest.raises(ArtifactError, match="other columns"):
        read_table(tmp_path / "t.parquet", SCHEMA)
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_table(tmp_path / "missing.parquet", SCHEMA)


def test_a_table_of_an_older_version_is_read_where_that_is_allowed(tmp_path: Path) -> None:
    """Columns that came later are null; what no version writes is refused all the same."""
    schema = pa.schema([pa.field("key", pa.string(), nullable=False), ("later", pa.int64())])
    old = pa.table({"key": ["a"]}, schema=pa.schema([schema.field("key")]))
    write_table(tmp_path / "old.parquet", old)
    read = read_table(tmp_path / "old.parquet", schema, older=True)
    assert read.to_pylist() == [{"key": "a", "later": None}]
    assert read.schema.equals(schema)
    with pytest.raises(ArtifactError, match="other columns"):
        read_table(tmp_path / "old.parquet", schema)
    write_table(tmp_path / "odd.parquet", old.append_column("odd", [["x"]]))
    with pytest.raises(ArtifactError, match="other columns"):
        read_table(tmp_path / "odd.parquet", schema, older=True)


def test_a_manifest_is_plain_json(artifact: Path) -> None:
    """Any program can read where an artifact came from."""
    found = json.loads((artifact / FILE_NAME).read_text(encoding="utf-8"))
    assert found["files"] == {"a.txt": hash_text("a"), "deep/b.txt": hash_text("b")}

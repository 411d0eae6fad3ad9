"""A bundle of a stranger: opened safely, checked to the byte, and made again."""

from __future__ import annotations

import json
import shutil
import socket
import stat
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import opsatlas
from hypothesis import given
from hypothesis import strategies as st
from label_studies import write_book
from small_study import SNAPSHOT, planted_rows, write_study
from warm import warm_opsatlas

from artifacts.hashing import hash_bytes
from artifacts.manifest import Manifest
from artifacts.progress import SilentProgress
from embeddings.encoder import HashedWords
from opsatlas.bundling.offline import NetworkClosedError, closed_network
from opsatlas.bundling.reading import fault_of_path
from opsatlas.bundling.verifying import verify_bundle
from taxonomy.space import joined_space
from taxonomy.word_counts import WordCounts, read_word_counts

TAXONOMY = f"taxonomies/{SNAPSHOT}.tools"
ALLOWED = f'[bundle]\nredistribute = ["{SNAPSHOT}"]\n'
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workspace of a study whose topics a codebook of its own guides."""
    folder = tmp_path_factory.mktemp("somebody")
    write_book(folder / "planted.toml")
    guide = 'guide = "planted.toml"\nguide_weight = 0.3\n'
    study = write_study(folder, planted_rows(), runs=4, more=guide)
    done = warm_opsatlas().run("run", study, "-w", folder / "ws")
    assert done.code == 0, done.err
    return folder / "ws"


def bundle_of(built: Path, to: Path, more: str) -> Path:
    """Return the bundle of a workspace whose study says more than it did."""
    workspace = Path(shutil.copytree(built, to / "ws"))
    study = workspace / "study.toml"
    study.write_text(study.read_text(encoding="utf-8") + more, encoding="utf-8")
    path = to / "small.crate.zip"
    done = opsatlas("bundle", "-w", workspace, "-o", path)
    assert done.code == 0, done.err
    return path


@pytest.fixture(scope="module")
def whole(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return its bundle with all texts."""
    return bundle_of(built, tmp_path_factory.mktemp("whole"), ALLOWED)


@pytest.fixture(scope="module")
def without_texts(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return its bundle without words of others."""
    return bundle_of(built, tmp_path_factory.mktemp("held"), "")


def files_of(bundle: Path) -> Files:
    """Return the files of a bundle, by path."""
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path: Path, files: Mapping[str, bytes], *, as_indexed: bool = True) -> Path:
    """Write files as a ZIP; as ``as_indexed``, its index tells their sizes and hashes truly."""
    files = dict(files)
    if as_indexed:
        index = json.loads(files["bundle.json"])
        for name in index["files"]:
            told = {"sha256": hash_bytes(files[name]), "bytes": len(files[name])}
            index["files"][name] = told
        files["bundle.json"] = json.dumps(index).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def refused(path: Path, tmp_path: Path) -> str:
    """Return why a bundle is neither verified nor replayed; nothing is written."""
    target = tmp_path / "replayed"
    for command in (("bundle", "verify", path), ("replay", path, "-w", target)):
        done = opsatlas(*command)
        assert (done.code, done.out) == (2, ""), done.out
        assert "Traceback" not in done.err
    assert not target.exists()
    return " ".join(done.err.split())


def test_a_whole_bundle_is_intact_and_is_replayed_wholly(whole: Path) -> None:
    """Every artifact is made again, with the network closed, and is as in the bundle."""
    done = opsatlas("bundle", "verify", whole, "--json")
    assert json.loads(done.out)["intact"] is True
    done = warm_opsatlas().run("replay", whole, "--json")
    assert done.code == 0, done.err
    replayed = json.loads(done.out)
    assert replayed["equal"] is True
    assert {step["outcome"] for step in replayed["steps"]} == {"replayed"}
    assert {step["kind"] for step in replayed["steps"]} >= {"snapshot", "texts", "taxonomy", "page"}


def test_a_taxonomy_is_found_again_where_its_texts_are_withheld(
    without_texts: Path, tmp_path: Path
) -> None:
    """Runs, topics, codes and categories are, from vectors and counts; the rest is as it is."""
    done = warm_opsatlas().run("replay", without_texts, "-w", tmp_path / "kept", "--json")
    assert done.code == 0, done.err
    steps = {step["path"]: step for step in json.loads(done.out)["steps"]}
    assert (steps[TAXONOMY]["outcome"], steps[TAXONOMY]["equal"]) == ("in part", True)
    assert steps[f"texts/{SNAPSHOT}.repositories"]["outcome"] == "withheld"
    assert "some of which is withheld" in steps["reports/atlas"]["why"]
    assert Manifest.read(tmp_path / "kept" / "workspace" / TAXONOMY).kind == "taxonomy"


def test_what_comes_out_otherwise_is_told(whole: Path, tmp_path: Path) -> None:
    """Files and columns are named, what was made is kept, and the exit code is not 0."""
    files = files_of(whole)
    home = f"workspace/texts/{SNAPSHOT}.repositories"
    table = f"{home}/texts.parquet"
    manifest = json.loads(files[f"{home}/manifest.json"])
    files[table] = changed_titles(files[table], tmp_path / "texts.parquet")
    manifest["files"]["texts.parquet"] = hash_bytes(files[table])
    manifest["content_hash"] = "0" * 64
    files[f"{home}/manifest.json"] = json.dumps(manifest).encode()
    index = json.loads(files["bundle.json"])
    for artifact in index["artifacts"]:
        if artifact["path"] == home:
            artifact["content_hash"] = "0" * 64
    files["bundle.json"] = json.dumps(index).encode()
    files["ro-crate-metadata.json"] = retold(files)
    forged = written(tmp_path / "forged.zip", files)
    done = warm_opsatlas().run("replay", forged, "-w", tmp_path / "kept")
    told = " ".join(done.out.split())
    assert (done.code, "differs: texts.parquet (title)" in told) == (2, True), told
    assert (tmp_path / "kept" / "different" / "texts" / f"{SNAPSHOT}.repositories").is_dir()
    assert "artifacts that were made again are as in the bundle" in told


def changed_titles(data: bytes, path: Path) -> bytes:
    """Return a table of texts with other titles."""
    import pyarrow as pa

    from artifacts.tables import read_table, to_bytes

    path.write_bytes(data)
    table = read_table(path)
    place = table.schema.get_field_index("title")
    titles = pa.array(["x"] * table.num_rows)
    return to_bytes(table.set_column(place, table.schema.field(place), titles))


def retold(files: Files) -> bytes:
    """Return the crate's description with the true hash and size of every file."""
    crate = json.loads(files["ro-crate-metadata.json"])
    for entity in crate["@graph"]:
        if "sha256" in entity and entity["@id"] in files:
            data = files[entity["@id"]]
            entity |= {"sha256": hash_bytes(data), "contentSize": str(len(data))}
    return json.dumps(crate).encode()


def test_a_changed_byte_is_found_wherever_it_is(whole: Path, tmp_path: Path) -> None:
    """In each file that is not empty, but the index: there what it says is found to be untrue."""
    files = files_of(whole)
    for name in sorted(files):
        if name != "bundle.json" and files[name]:
            data = files[name]
            other = data[:-1] + bytes([data[-1] ^ 1])
            path = written(tmp_path / "one.zip", {**files, name: other}, as_indexed=False)
            (problem,) = verify_bundle(path, SilentProgress()).problems
            assert name in problem
    assert "is not as the bundle's index says" in refused(path, tmp_path)


def test_what_the_descriptions_say_is_checked(whole: Path, tmp_path: Path) -> None:
    """An index that was made to fit a changed file is at odds with the manifest and the crate."""
    files = files_of(whole)
    name = f"workspace/{TAXONOMY}/stability.json"
    path = written(tmp_path / "other.zip", {**files, name: files[name] + b"\n"})
    problems = " ".join(verify_bundle(path, SilentProgress()).problems)
    assert f"{name} is not as its manifest says" in problems
    assert f"another hash or size of {name}" in problems
    crate = json.loads(files["ro-crate-metadata.json"])
    crate["@graph"] = [each for each in crate["@graph"] if each["@id"] != "./"]
    bare = {**files, "ro-crate-metadata.json": json.dumps(crate).encode()}
    problems = verify_bundle(written(tmp_path / "bare.zip", bare), SilentProgress()).problems
    assert any("does not describe the whole" in problem for problem in problems)


def member(name: str, **changes: Any) -> zipfile.ZipInfo:
    """Return a member of a ZIP."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    for key, value in changes.items():
        setattr(info, key, value)
    return info


HOSTILE: dict[str, tuple[zipfile.ZipInfo, bytes, str]] = {
    "absolute": (member("/etc/passwd"), b"", "begins at the root"),
    "parent": (member("workspace/../../x"), b"", "a part of it is '..'"),
    "drive": (member("C:/x"), b"", "it has ':'"),
    "backslash": (member("workspace\\x"), b"", "it has '\\\\'"),
    "device": (member("workspace/NUL.txt"), b"", "no name of a file"),
    "unseen": (member("workspace/x\u202etxt.exe"), b"", "not seen"),
    "folder": (member("workspace/x/"), b"", "a part of it is ''"),
    "link": (member("x", external_attr=(stat.S_IFLNK | 0o777) << 16), b"/etc", "it is a link"),
    "case": (member("README.MD"), b"", "one file on some systems"),
    "file and folder": (member("README.md/x"), b"", "is a file and a folder"),
    "unnamed": (member("workspace/x"), b"", "which its index does not name"),
    "bomb": (member("workspace/x"), bytes(1 << 23), "times its size"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_member_is_refused_before_anything_is_unpacked(
    kind: str, whole: Path, tmp_path: Path
) -> None:
    """Whatever else is in the file."""
    info, data, why = HOSTILE[kind]
    path = Path(shutil.copy(whole, tmp_path / "hostile.zip"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, data)
    why = why.replace("which its index does not name", "what its index does not name")
    assert why in refused(path, tmp_path)


def test_members_of_one_name_are_refused(whole: Path, tmp_path: Path) -> None:
    """Programs differ in which of them they take."""
    path = Path(shutil.copy(whole, tmp_path / "twice.zip"))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("README.md", "other")
    assert "one file on some systems" in refused(path, tmp_path)


def _encrypted(data: bytes) -> bytes:
    """Return a ZIP whose last member says that it is encrypted."""
    at = data.rindex(b"PK\x01\x02") + 8
    return data[:at] + bytes([data[at] | 1]) + data[at + 1 :]


def _longer(data: bytes) -> bytes:
    """Return a ZIP whose last member claims another size than it has."""
    at = data.rindex(b"PK\x01\x02") + 24
    return data[:at] + (99).to_bytes(4, "little") + data[at + 4 :]


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut off": (lambda data: data[:-100], "is no bundle"),
    "no ZIP": (lambda _: b"PK", "is no bundle"),
    "encrypted": (_encrypted, "is encrypted"),
    "another size": (_longer, "the index says"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_is_refused(kind: str, whole: Path, tmp_path: Path) -> None:
    """With one message, whatever is wrong with it."""
    spoil, why = DAMAGE[kind]
    path = tmp_path / "damaged.zip"
    path.write_bytes(spoil(whole.read_bytes()))
    assert why in refused(path, tmp_path)


def test_an_index_that_names_places_outside_is_refused(whole: Path, tmp_path: Path) -> None:
    """Also where it tells of artifacts; and of a format of later days what to do is said."""
    files = files_of(whole)
    index = json.loads(files["bundle.json"])
    for change, why in (
        ({"artifacts": [{**index["artifacts"][0], "path": "../x"}]}, "is no safe path"),
        ({"files": {**index["files"], "/x": index["files"]["README.md"]}}, "is no safe path"),
        ({"format": 2}, "use the opsatlas that wrote it"),
        ({"files": {"README.md": {"sha256": "0" * 64, "bytes": -1}}}, "is damaged"),
    ):
        text = json.dumps({**index, **change}).encode()
        path = written(tmp_path / "index.zip", {**files, "bundle.json": text}, as_indexed=False)
        assert why in refused(path, tmp_path)


@pytest.mark.parametrize(
    "told",
    [
        'codebooks = ["/etc/passwd"]',
        'codebooks = ["../../*.toml"]',
        'codebooks = ["x/../../../y.toml"]',
        'codebooks = ["~/book.toml"]',
        'codebooks = ["package:../x.toml"]',
        'codes = { model = "../inputs" }',
    ],
)
def test_a_study_that_names_what_is_outside_is_refused(
    told: str, whole: Path, tmp_path: Path
) -> None:
    """And so is a model of the bundle's own, which might do what is in it."""
    files = files_of(whole)
    name = "workspace/study.toml"
    files[name] = told.encode() + b"\n" + files[name]
    files["ro-crate-metadata.json"] = retold(files)
    done = opsatlas("replay", written(tmp_path / "outside.zip", files))
    assert (done.code, "The study of the bundle names" in done.err) == (2, True), done.err


def test_a_folder_that_is_not_empty_is_left_alone(whole: Path, tmp_path: Path) -> None:
    """A replay needs one of its own."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    done = opsatlas("replay", whole, "-w", tmp_path)
    assert (done.code, "not empty" in done.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@given(st.lists(st.text("ab.~ \\:/\x00\u202eé", max_size=4), max_size=4).map("/".join))
def test_a_path_without_fault_stays_in_its_folder(path: str) -> None:
    """And is the same path when it is taken apart and put together."""
    if fault_of_path(path) is None:
        home = Path("/home/x")
        assert home in (home / path).parents
        assert ".." not in Path(path).parts
        assert Path(path).as_posix() == path


def test_nothing_leaves_the_machine_while_the_network_is_closed() -> None:
    """Neither a look-up of a name nor a connection; this machine answers, and later all do."""
    with socket.create_server(("127.0.0.1", 0)) as server, closed_network():
        with socket.create_connection(server.getsockname()):
            pass
        with pytest.raises(NetworkClosedError, match=r"wanted to reach example\.org"):
            socket.create_connection(("example.org", 443), timeout=1)
        datagram = socket.socket(type=socket.SOCK_DGRAM)
        with datagram, pytest.raises(NetworkClosedError), closed_network():
            datagram.sendto(b"", ("192.0.2.1", 9))
        with pytest.raises(NetworkClosedError):
            socket.gethostbyname("example.org")
    sys.audit("socket.gethostbyname", "example.org")


def test_the_space_of_texts_is_that_of_the_counts_of_their_words(tmp_path: Path) -> None:
    """To the bit in memory; read from a file, which keeps no order of words, but for rounding."""
    rows = planted_rows()
    texts = [row["description"] for row in rows]
    vectors = HashedWords().encode(texts)
    counts = WordCounts.of(texts)
    counts.write(tmp_path / "words.parquet", [row["full_name"] for row in rows])
    keys, again = read_word_counts(tmp_path / "words.parquet")
    assert keys == tuple(row["full_name"] for row in rows)
    assert again.words == counts.words == tuple(sorted(counts.words))
    assert (again.counts != counts.counts).nnz == 0
    of_texts, of_counts, of_file = (
        joined_space(each, vectors, lexical_weight=0.5, seed=0)[1]
        for each in (texts, counts, again)
    )
    assert of_texts.tobytes() == of_counts.tobytes()
    assert np.abs(of_texts @ of_texts.T - of_file @ of_file.T).max() < 1e-5
    nothing = WordCounts.of(["alone", "other"])
    nothing.write(tmp_path / "none.parquet", ["a", "b"])
    assert read_word_counts(tmp_path / "none.parquet")[1].words == nothing.words == ()

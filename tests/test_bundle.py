"""Bundles: all of a study in one file, without what may not be passed on."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from command_line import opsatlas
from label_studies import code_all, label, planted, write_book
from rocrate.rocrate import ROCrate
from small_study import SNAPSHOT, planted_rows, write_study
from warm import warm_opsatlas

from artifacts.hashing import hash_file, hash_text
from artifacts.progress import SilentProgress
from artifacts.tables import read_table
from labels.label_set import LabelSet
from mining.dependents.claims import CANDIDATES, CANDIDATES_FILE
from mining.tables import SCHEMAS
from opsatlas.bundling.licences import TEXT_COLUMNS, permits_copies
from opsatlas.bundling.named import named_files
from opsatlas.pipeline import Pipeline
from opsatlas.workspace import open_study

ADA, BEN, LEA = "Ada Quillfeather", "Ben Vortigern", "Lea Ruizdael"
MEMO = "Nobody else would call this one so."
MORE = """\
gold = ["{lists}/gold-*.csv"]

[compute]
allow_unlike = true

[bundle]
title = "Small tools, bundled"
licence = "CC-BY-4.0"
{more}
[[bundle.creators]]
name = "Ruizdael, Lea"
orcid = "0000-0002-1825-0097"
affiliation = "Nowhere"

[[bundle.creators]]
name = "The Small Group"
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a study that was run, and that people coded and decided about."""
    folder = tmp_path_factory.mktemp("machine-of-somebody")
    lists = folder / "lists of somebody"
    lists.mkdir()
    rows = planted_rows()
    gold = "".join(f"{row['full_name']},{planted(row['full_name'])}\n" for row in rows)
    (lists / "gold-a.csv").write_text(f"full_name,category\n{gold}", encoding="utf-8")
    study = write_study(folder / "study", rows, runs=4, more=MORE.format(lists=lists, more=""))
    ws = folder / "ws"
    done = warm_opsatlas().run("run", study, "-w", ws)
    assert done.code == 0, done.err
    book = write_book(folder / "planted.toml")
    coders = ("--coder", ADA, "--coder", BEN, "--by", LEA)
    label(ws, "sample", "k", "--codebook", book, "--size", 12, *coders)
    for coder in (ADA, BEN):
        code_all(ws, "k", coder, lambda title: "drift" if title.endswith("1") else planted(title))
    first = title_of_first(ws)
    memo = json.dumps({"item": first, "memo": MEMO}) + "\n"
    label(ws, "annotate", "k", "--coder", ADA, "--stdin", stdin=memo)
    label(ws, "wave", "close", "k", "w1", "--by", LEA)
    return folder


@pytest.fixture(scope="module")
def ws(built: Path) -> Path:
    """Return its workspace."""
    return built / "ws"


@pytest.fixture(scope="module")
def shared(ws: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the study's bundle, from which others' words are left out."""
    return bundled(ws, tmp_path_factory.mktemp("shared"))


def title_of_first(ws: Path) -> str:
    """Return what the first document of the set is called."""
    with LabelSet.open(ws / "labels" / "k.sqlite", read_only=True) as labels:
        return labels.document(next(iter(labels.state.wave_of))).title


def bundled(ws: Path, folder: Path, *options: str) -> Path:
    """Bundle a workspace into a folder; return the file."""
    done = opsatlas("bundle", "-w", ws, "-o", folder, "--json", *options)
    assert done.code == 0, done.err
    return Path(json.loads(done.out)["path"])


def refused(ws: Path, folder: Path) -> str:
    """Bundle a workspace, which must be refused with nothing written; return the error."""
    before = sorted(folder.iterdir())
    done = opsatlas("bundle", "-w", ws, "-o", folder)
    assert (done.code, done.out) == (2, ""), done.err
    assert sorted(folder.iterdir()) == before
    return done.err


def contents(bundle: Path) -> dict[str, bytes]:
    """Return the files of a bundle, by path."""
    with zipfile.ZipFile(bundle) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def said_in(files: Mapping[str, bytes]) -> str:
    """Return all that the files of a bundle say: tables and databases unpacked."""
    said = []
    for path, data in files.items():
        if path.endswith(".parquet"):
            said.append(str(pq.read_table(pa.BufferReader(data)).to_pydict()))
        elif path.endswith(".sqlite"):
            with closing(sqlite3.connect(":memory:")) as database:
                database.deserialize(data)
                said.append("\n".join(database.iterdump()))
        else:
            said.append(data.decode("utf-8", "replace"))
    return "\n".join(said)


def index_of(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the index of a bundle."""
    index: dict[str, Any] = json.loads(files["bundle.json"])
    return index


def unpacked(bundle: Path, folder: Path) -> Path:
    """Unpack a bundle; return the workspace in it."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder / "workspace"


def test_the_same_workspace_gives_the_same_bytes(ws: Path, shared: Path, tmp_path: Path) -> None:
    """Nothing in a bundle tells when, or in which order, it was written."""
    again = bundled(ws, tmp_path)
    assert again.read_bytes() == shared.read_bytes()
    assert re.fullmatch(r"small-\d{4}-\d\d-\d\d\.crate\.zip", again.name)
    with zipfile.ZipFile(again) as archive:
        members = archive.infolist()
    assert [m.filename for m in members] == sorted(m.filename for m in members)
    assert {m.date_time for m in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {m.external_attr >> 16 for m in members} == {stat.S_IFREG | 0o644}


def test_a_bundle_replaces_an_earlier_one_and_nothing_else(ws: Path, tmp_path: Path) -> None:
    """A file that is no bundle of the study stays as it is."""
    path = bundled(ws, tmp_path)
    assert bundled(ws, tmp_path) == path
    path.write_bytes(b"mine")
    assert "is no bundle of the study 'small'" in refused(ws, tmp_path)
    assert path.read_bytes() == b"mine"


def test_the_index_names_every_file(shared: Path) -> None:
    """Each with its hash and size; what describes the index is named by it as well."""
    files = contents(shared)
    index = index_of(files)
    sums = {
        path: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for path, data in files.items()
        if path != "bundle.json"
    }
    told = dict(index["files"])
    assert told == sums
    assert (index["format"], index["study"], index["private"]) == (1, "small", False)
    kinds = {each["path"]: each["kind"] for each in index["artifacts"]}
    assert kinds[f"workspace/snapshots/{SNAPSHOT}"] == "snapshot"
    assert kinds["workspace/reports/atlas"] == "page"


def test_a_bundle_is_an_ro_crate(shared: Path) -> None:
    """Its files, how each artifact was made and of what, and what is not in it are read back."""
    crate = ROCrate(shared)
    assert crate.version == "1.3"
    root = crate.root_dataset
    assert root["name"] == "Small tools, bundled"
    assert root["license"].id == "https://spdx.org/licenses/CC-BY-4.0"
    assert [author["name"] for author in root["author"]] == ["Ruizdael, Lea", "The Small Group"]
    index = index_of(contents(shared))
    held = {e.id: e for e in crate.get_entities() if "File" in e.type and e.id[0] != "#"}
    assert held.keys() | {crate.metadata.id} == index["files"].keys() | {"bundle.json"}
    for path, entity in held.items():
        if path not in ("bundle.json", crate.metadata.id):
            assert entity["sha256"] == index["files"][path]["sha256"]
    made = crate.get(f"#make-taxonomies/{SNAPSHOT}.tools")
    assert made is not None
    assert made["instrument"]["name"] == "opsatlas"
    assert [of.id for of in made["object"]] == [f"workspace/texts/{SNAPSHOT}.repositories/"]
    assert made["result"].id == f"workspace/taxonomies/{SNAPSHOT}.tools/"
    absent = crate.get(f"#withheld-workspace/snapshots/{SNAPSHOT}/repositories.parquet")
    assert absent is not None
    assert absent["localPath"] == f"workspace/snapshots/{SNAPSHOT}/repositories.parquet"


def test_it_says_how_it_is_cited_and_deposited(shared: Path) -> None:
    """People by both names, groups by one, and only keys that CFF 1.2.0 and Zenodo know."""
    files = contents(shared)
    cff = yaml.safe_load(files["CITATION.cff"])
    assert cff["authors"] == [
        {
            "family-names": "Ruizdael",
            "given-names": "Lea",
            "affiliation": "Nowhere",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
        },
        {"name": "The Small Group"},
    ]
    assert cff["cff-version"] == "1.2.0" and cff["type"] == "dataset"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", cff["date-released"])
    known = {"cff-version", "message", "type", "title", "abstract", "authors", "date-released"}
    assert cff.keys() == known | {"keywords", "license"}
    zenodo = json.loads(files[".zenodo.json"])
    assert zenodo["creators"][0] == {
        "name": "Ruizdael, Lea",
        "affiliation": "Nowhere",
        "orcid": "0000-0002-1825-0097",
    }
    assert (zenodo["upload_type"], zenodo["access_right"]) == ("dataset", "open")
    known = {"upload_type", "title", "description", "creators", "publication_date", "license"}
    assert zenodo.keys() == known | {"access_right", "keywords"}


def test_no_words_of_others_are_in_it(ws: Path, shared: Path) -> None:
    """Descriptions, what quotes them, and texts that people coded are replaced by their hashes."""
    held = said_in(contents(shared))
    assert [row["description"] for row in planted_rows() if row["description"] in held] == []

    files = contents(shared)
    gone = {file["path"]: file for file in index_of(files)["withheld"]}
    home = f"snapshots/{SNAPSHOT}/repositories.parquet"
    path = f"workspace/{home}"
    assert gone[path] == {
        "path": path,
        "sha256": hash_file(ws / home),
        "bytes": (ws / home).stat().st_size,
        "rows": 60,
        "reason": "holds words of others that may not be passed on",
        "instead": [f"instead/{home}"],
        "mine_again": "opsatlas run",
    }
    assert {"workspace/reports/atlas/index.html", "inputs/study/tools.jsonl"} <= gone.keys()
    assert not gone.keys() & files.keys()


def test_a_table_without_words_has_their_hashes(ws: Path, shared: Path, tmp_path: Path) -> None:
    """Whoever mines the same again sees that it is the same; facts are all there."""
    unpacked(shared, tmp_path)
    home = f"snapshots/{SNAPSHOT}/repositories.parquet"
    mine, theirs = read_table(ws / home), read_table(tmp_path / "instead" / home)
    hashes = [hash_text(text) for text in mine["description"].to_pylist()]
    assert theirs["description_sha256"].to_pylist() == hashes
    facts = [name for name in mine.schema.names if name != "description"]
    assert theirs.select(facts).equals(mine.select(facts))


def test_nobody_and_no_machine_is_named(built: Path, shared: Path) -> None:
    """Coders go by pseudonyms, and paths are those of the bundle; only authors have names."""
    files = contents(shared)
    held = said_in(files)
    said = (ADA, BEN, LEA, MEMO, built.name, str(Path.home()), "[compute]")
    assert [text for text in said if text in held] == []
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(files["workspace/labels/k.sqlite"])
        coders = {row[0] for row in database.execute("SELECT coder FROM events")}
    assert coders == {"coder-1", "coder-2", "coder-3"}
    assert b'gold = ["../inputs/elsewhere-1/gold-*.csv"]' in files["workspace/study.toml"]
    assert "inputs/elsewhere-1/gold-a.csv" in files
    assert not [path for path in files if "lock" in path or "/raw/" in path or "vectors" in path]


def test_labels_say_the_same_under_other_names(ws: Path, shared: Path, tmp_path: Path) -> None:
    """Agreement is as it was, and the log is whole."""
    theirs = unpacked(shared, tmp_path)
    agreed = [json.loads(label(each, "agree", "k", "--json")) for each in (ws, theirs)]
    mine, yours = (re.sub(f"{ADA}|{BEN}|coder-[0-9]", "X", json.dumps(each)) for each in agreed)
    assert mine == yours
    assert "each as it was written" in label(theirs, "check", "k")


def test_decisions_are_there_and_their_page_is_not(ws: Path, tmp_path: Path) -> None:
    """A page names who decided: it is drawn anew from decisions by pseudonyms."""
    mine = Path(shutil.copytree(ws, tmp_path / "ws"))
    for command in (("taxonomy", "rename", "0", "Renamed", "--by", LEA), ("run",)):
        done = warm_opsatlas().run(*command, "-w", mine)
        assert done.code == 0, done.err
    files = contents(bundled(mine, tmp_path))
    decided = files[f"workspace/taxonomies/{SNAPSHOT}.tools.overrides.toml"].decode()
    assert 'name = "Renamed"' in decided and re.search(r'by = "coder-\d"', decided)
    assert LEA not in said_in(files)
    assert "workspace/reports/atlas/index.html" not in files


def test_a_private_bundle_holds_everything(ws: Path, tmp_path: Path) -> None:
    """For those who work on the study: texts, names and memos; it says that it is private."""
    files = contents(bundled(ws, tmp_path, "--private"))
    index = index_of(files)
    assert index["private"] and index["withheld"] == []
    assert json.loads(files[".zenodo.json"])["access_right"] == "closed"
    held = said_in(files)
    assert ADA in held and MEMO in held and planted_rows()[0]["description"] in held
    theirs = unpacked(tmp_path / next(tmp_path.glob("*.zip")).name, tmp_path / "un")
    status = json.loads(opsatlas("status", "-w", theirs, "--json").out)
    assert {line["state"] for line in status["parts"]} == {"up to date", "sealed"}


def test_texts_go_where_the_study_says_so(ws: Path, tmp_path: Path) -> None:
    """Of a snapshot in its own words all goes, also what quotes it."""
    mine = Path(shutil.copytree(ws, tmp_path / "ws"))
    study = mine / "study.toml"
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("[bundle]\n", f'[bundle]\nredistribute = ["{SNAPSHOT}"]\n'))
    files = contents(bundled(mine, tmp_path))
    assert index_of(files)["withheld"] == []
    assert "inputs/study/tools.jsonl" in files and "workspace/reports/atlas/index.html" in files
    coded = said_in({"k.sqlite": files["workspace/labels/k.sqlite"]})
    assert any(row["description"] in coded for row in planted_rows())


def test_a_readme_goes_if_its_licence_permits(tmp_path: Path) -> None:
    """Whose it is, and under which licence, is listed; others are known by their hashes."""
    ws = tmp_path / "ws"
    rows = [
        {"full_name": "a/free", "license_spdx": "MIT"},
        {"full_name": "a/closed", "license_spdx": None},
        {"full_name": "a/own", "license_spdx": "NOASSERTION"},
    ]
    (tmp_path / "tools.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for row in rows:
        owner, name = row["full_name"].split("/")
        readme = tmp_path / "readmes" / owner / name / "README.md"
        readme.parent.mkdir(parents=True)
        readme.write_text(f"What {row['full_name']} is for.")
    ws.mkdir()
    (ws / "study.toml").write_text('[study]\nname = "readmes"\ntitle = "READMEs"\n')
    for command in (
        ("repositories", tmp_path / "tools.jsonl", "-s", SNAPSHOT),
        ("readmes", tmp_path / "readmes", "-s", SNAPSHOT, "--seal"),
    ):
        done = opsatlas("import", *command, "-w", ws)
        assert done.code == 0, done.err
    files = contents(bundled(ws, tmp_path))
    (tmp_path / "left.parquet").write_bytes(files[f"instead/snapshots/{SNAPSHOT}/readmes.parquet"])
    left = {row["repo_key"]: row for row in read_table(tmp_path / "left.parquet").to_pylist()}
    assert left["name:a/free"]["text"] == "What a/free is for."
    assert left["name:a/closed"]["text"] is left["name:a/own"]["text"] is None
    assert left["name:a/own"]["text_sha256"] == hash_text("What a/own is for.")
    listed = files["ATTRIBUTION.csv"].decode().splitlines()
    assert [line.split(",")[:2] for line in listed[1:]] == [["a/free", "MIT"]]
    assert not permits_copies(None) and permits_copies("GPL-3.0-or-later")


def test_every_column_of_words_is_known() -> None:
    """A table that gets a column of texts is looked at before it goes into a bundle."""
    of_snapshots = {f"{name}.parquet": schema.names for name, schema in SCHEMAS.items()}
    tables = {"snapshot": of_snapshots, "dependents": {CANDIDATES_FILE: CANDIDATES.names}}
    words = {"description", "title", "body", "text", "tagline"}
    for kind, files in tables.items():
        for file, columns in files.items():
            assert words & set(columns) <= set(TEXT_COLUMNS[kind].get(file, ())), file


def test_what_cannot_be_bundled_is_refused(ws: Path, tmp_path: Path) -> None:
    """No workspace, nothing built, something changed or out of date: each with what to do."""
    assert "check its folder (-w FOLDER)" in refused(tmp_path / "nowhere", tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    shutil.copy(ws / "study.toml", empty)
    assert "to do: opsatlas run -w" in refused(empty, tmp_path)
    mine = Path(shutil.copytree(ws, tmp_path / "ws"))
    page = mine / "reports" / "atlas" / "index.html"
    page.write_text("mine")
    told = refused(mine, tmp_path)
    assert "page atlas is damaged" in told and "to do: opsatlas run -w" in told
    shutil.copy(ws / "reports" / "atlas" / "index.html", page)
    table = mine / "snapshots" / SNAPSHOT / "repositories.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole + b"x")
    assert f"snapshot {SNAPSHOT} is damaged" in refused(mine, tmp_path)
    table.write_bytes(whole)
    named = tmp_path / "a:b.txt"
    named.write_text("acme/serving-0\n")
    study = mine / "study.toml"
    lists = f"[ecosystem]\nlists = [{json.dumps(str(named))}]"
    study.write_text(study.read_text(encoding="utf-8").replace("[ecosystem]", lists))
    told = refused(mine, tmp_path)
    assert "cannot be in a bundle: it has ':'" in told and f"where: {named}" in told


def test_labels_that_are_coded_blind_are_left_out(ws: Path, tmp_path: Path) -> None:
    """Who gets a bundle while a wave is open must not see what others coded; it goes elsewhere."""
    mine = Path(shutil.copytree(ws, tmp_path / "ws"))
    book = write_book(tmp_path / "planted.toml")
    label(mine, "sample", "open", "--codebook", book, "--size", 4, "--coder", ADA, "--by", LEA)
    done = opsatlas("bundle", "-w", mine, "-o", tmp_path / "new folder", "--private")
    assert "labels open are left out: the wave w1 is open, and coding is blind" in done.out
    files = contents(next((tmp_path / "new folder").glob("*.zip")))
    assert "workspace/labels/k.sqlite" in files
    assert "workspace/labels/open.sqlite" not in files


def test_a_draft_is_left_out_and_told(ws: Path, tmp_path: Path) -> None:
    """What imports still fill is no part of a study yet."""
    mine = Path(shutil.copytree(ws, tmp_path / "ws"))
    (tmp_path / "more.csv").write_text("full_name,description\na/b,One.\n")
    done = opsatlas(
        "import", "repositories", tmp_path / "more.csv", "-s", "2025-01-01.x", "-w", mine
    )
    assert done.code == 0, done.err
    done = opsatlas("bundle", "-w", mine, "-o", tmp_path)
    assert "2025-01-01.x is a draft: it is left out" in done.out
    files = contents(next(tmp_path.glob("*.zip")))
    assert not [path for path in files if "2025-01-01.x" in path]


@pytest.mark.parametrize(
    ("named", "there", "inside"),
    [
        ("tools.jsonl", "study/tools.jsonl", "../inputs/study/tools.jsonl"),
        ("../else/a b.jsonl", "else/a b.jsonl", "../inputs/elsewhere-1/a b.jsonl"),
        ("data/**/*.jsonl", "study/data/x/y/a.jsonl", "../inputs/study/data/**/*.jsonl"),
        ("{root}/far/*/a.jsonl", "far/x/a.jsonl", "../inputs/elsewhere-1/*/a.jsonl"),
        ("{root}/ws/own.jsonl", "ws/own.jsonl", "own.jsonl"),
    ],
)
def test_paths_of_a_study_lead_to_the_same_files(
    tmp_path: Path, named: str, there: str, inside: str
) -> None:
    """However a study names a file, its copy in a bundle names it from there."""
    named = named.format(root=tmp_path)
    file = tmp_path / there
    file.parent.mkdir(parents=True, exist_ok=True)
    study = write_study(tmp_path / "study")
    text = study.read_text(encoding="utf-8").replace('"tools.jsonl"', json.dumps(named))
    study.write_text(text, encoding="utf-8")
    file.write_text("x")
    found = named_files(open_study(str(study), tmp_path / "ws", SilentProgress()))
    assert f"files = [{json.dumps(inside)}]" in found.text
    (only,) = found.files.values()
    assert only.file.samefile(file)
    bundle = tmp_path / "bundle"
    copy = bundle / only.path
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(only.file, copy)
    (bundle / "workspace").mkdir(exist_ok=True)
    (bundle / "workspace" / "study.toml").write_text(found.text, encoding="utf-8")
    again = named_files(Pipeline.remembered(bundle / "workspace", SilentProgress()))
    assert [each.file.resolve() for each in again.files.values()] == [copy.resolve()]
    assert str(tmp_path) not in found.text

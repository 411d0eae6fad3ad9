"""Exports for papers: right, whole, the same every time, and nothing of others is touched."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import opsatlas
from exported import NAMES, planted_workspace
from page_usage import N_BOTH, made_up_rows, plant_usage
from small_study import KINDS, N_DOCUMENTS, SNAPSHOT

from artifacts.hashing import hash_file
from artifacts.manifest import Manifest
from artifacts.progress import SilentProgress
from embeddings.build import texts_folder
from insights.usage.facts import fact_rows, use_of
from insights.usage.settings import Sample
from opsatlas.cli.session import open_study
from taxonomy.decisions.deciding import Signature, hide, move_documents, record
from taxonomy.guidance.codes import CodeList
from taxonomy.guidance.crosswalk import crosswalk_folder, crosswalk_step
from taxonomy.guidance.scores import CodeTexts

TOOLS = f"taxonomies/{SNAPSHOT}.tools"
LAYERS = ("tools", "themes")
SIGN = Signature(by="ada", at=datetime(2024, 1, 2, tzinfo=UTC))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with planted taxonomies; tests must leave it as it is."""
    return planted_workspace(tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def exported(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with all that can be exported of it, though of PDF only the icicles."""
    folder = tmp_path_factory.mktemp("all") / "paper"
    places = ["--out", str(folder), "-w", str(planted)]
    for words in (["icicle", "--format", "pdf"], ["--format", "svg, csv, latex"]):
        assert opsatlas("export", *words, *places).code == 0
    return folder


def export(*arguments: object) -> tuple[int, str, str]:
    """Return the exit code, stdout and stderr of `opsatlas export` with the arguments."""
    done = opsatlas("export", *arguments)
    return done.code, done.out, done.err


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_all_that_there_is_is_exported(exported: Path) -> None:
    """Without a name: each table and figure of both layers in each of the formats asked for."""
    tables = [f"{name}-{layer}" for name in ("taxonomy", "documents") for layer in LAYERS]
    figures = [f"{name}-{layer}" for name in ("icicle", "map", "stability") for layer in LAYERS]
    wanted = {
        *(f"{name}.{end}" for name in (*tables, "evaluation") for end in ("csv", "tex")),
        *(f"{name}.svg" for name in figures),
        *(f"icicle-{layer}.pdf" for layer in LAYERS),
        *(f"themes-by-framework.{end}" for end in ("csv", "tex", "svg")),
    }
    assert {path.name for path in exported.iterdir()} == wanted | {"manifest.json"}
    manifest = Manifest.read(exported)
    assert manifest.files == {name: hash_file(exported / name) for name in sorted(wanted)}
    assert any(note.startswith("crosswalk: left out") for note in manifest.notes)


def test_the_manifest_says_what_each_file_was_made_from(planted: Path, exported: Path) -> None:
    """Every file names the artifacts behind it, by hash; evaluation leaves people out."""
    made_from = Manifest.read(exported).facts["made_from"]
    taxonomy = Manifest.read(planted / TOOLS)
    assert made_from["icicle-tools.pdf"][taxonomy.name] == taxonomy.content_hash
    assert f"{taxonomy.name} (decisions)" in made_from["taxonomy-tools.csv"]
    assert set(made_from["evaluation.csv"]) == {taxonomy.name, "gold.csv"}


def test_the_table_of_a_taxonomy_is_right(exported: Path) -> None:
    """Categories are the sums of their topics, shares are of all documents, weak nodes are told."""
    rows = read_csv(exported / "taxonomy-tools.csv")
    by_name = {row["name"]: row for row in rows}
    assert [row["name"] for row in rows][:3] == ["category 0", NAMES[0], NAMES[1]]
    sizes = {name: int(by_name[name]["size"]) for name in NAMES}
    assert sum(sizes.values()) == N_DOCUMENTS - N_DOCUMENTS // 10
    assert int(by_name["category 0"]["size"]) == sizes[NAMES[0]] + sizes[NAMES[1]]
    assert float(by_name[NAMES[0]]["share"]) == pytest.approx(sizes[NAMES[0]] / N_DOCUMENTS)
    assert [by_name[name]["stable"] for name in NAMES] == ["yes", "no", "yes", "yes"]
    assert by_name[NAMES[3]]["category"] == "category 2"
    assert len(by_name[NAMES[0]]["exemplars"].split("; ")) == 4
    printed = (exported / "taxonomy-tools.tex").read_text(encoding="utf-8")
    assert r"0.42\rlap{\textsuperscript{\textdagger}}" in printed
    assert printed.count(r"\rlap") == 1
    assert "U+673A" in printed.splitlines()[1]  # pdfLaTeX has no font for 机


def test_every_document_is_in_its_table(exported: Path) -> None:
    """Each document once, the firmest of a topic first, the unplaced last and without a topic."""
    rows = read_csv(exported / "documents-tools.csv")
    assert len({row["key"] for row in rows}) == N_DOCUMENTS
    unplaced = [row for row in rows if row["category"] == "unplaced"]
    assert rows[-len(unplaced) :] == unplaced
    assert len(unplaced) == N_DOCUMENTS // 10
    first = [float(row["strength"]) for row in rows if row["topic"] == NAMES[0]]
    assert first == sorted(first, reverse=True)
    assert r"\begin{longtable}" in (exported / "documents-tools.tex").read_text(encoding="utf-8")


def test_requests_are_counted_by_framework(exported: Path) -> None:
    """Frameworks go by the study's names or else their own; columns and rows add up."""
    rows = read_csv(exported / "themes-by-framework.csv")
    assert list(rows[0])[3:] == ["Alpha & Co", "three/gamma", "two/beta", "all"]
    assert [row["topic"] for row in rows] == [*NAMES, ""]
    assert sum(int(row["all"]) for row in rows) == 40
    assert sum(int(row["Alpha & Co"]) for row in rows) == 14
    for row in rows:
        assert sum(int(row[name]) for name in list(row)[3:-1]) == int(row["all"])


def test_figures_are_vectors_with_words(exported: Path) -> None:
    """SVG keeps text as text, PDF embeds TrueType fonts, weak nodes are hatched; no clock is in."""
    svg = (exported / "icicle-tools.svg").read_text(encoding="utf-8")
    words = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    assert "serving &amp; 100% of $x_1$" in words
    assert "<pattern" in svg
    assert "<image" not in svg
    assert 'width="239.76pt"' in svg
    pdf = (exported / "icicle-tools.pdf").read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"CreationDate" not in pdf
    assert b"/Subtype /Image" not in pdf
    assert "<dc:date>" not in svg


def test_the_same_study_gives_the_same_bytes(planted: Path, exported: Path, tmp_path: Path) -> None:
    """Another process, with another order of hashes, writes the same, and says what PDF lacks."""
    code = "from opsatlas.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "export", "icicle", "--out", tmp_path / "out", "-w", planted],
        env={"PYTHONHASHSEED": "7", "HOME": os.environ.get("HOME", str(tmp_path)), "PATH": ""},
        cwd=Path(__file__).parent.parent,
        check=True,
        capture_output=True,
        text=True,
    )
    names = [path.name for path in (tmp_path / "out").iterdir() if path.name != "manifest.json"]
    assert len(names) == 4
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (exported / name).read_bytes(), name
    assert re.search(r"icicle-tools.pdf: its font has no .*机", done.stderr)


def test_hidden_topics_are_left_out_and_said(planted: Path, tmp_path: Path) -> None:
    """What people hid is in no table, their moves have no strength, and both are in the hashes."""
    ws = shutil.copytree(planted, tmp_path / "ws")
    key = read_documents(ws, tmp_path / "before")[0]["key"]
    record(ws / TOOLS, lambda shown, log: hide(shown, log, SIGN, "3"))
    record(ws / TOOLS, lambda shown, log: move_documents(shown, log, SIGN, [key], "2"))
    rows = read_documents(ws, tmp_path / "after")
    assert NAMES[3] not in {row["topic"] for row in rows}
    assert len(rows) < N_DOCUMENTS
    moved = next(row for row in rows if row["key"] == key)
    assert (moved["topic"], moved["strength"]) == (NAMES[2], "")
    before, after = (Manifest.read(tmp_path / name) for name in ("before", "after"))
    assert before.inputs != after.inputs
    n_left_out = N_DOCUMENTS - len(rows)
    assert f"1 of 4 topics are hidden and left out, with {n_left_out} documents" in after.notes[0]


def test_crosswalks_are_exported_while_they_are_of_the_taxonomy(
    planted: Path, tmp_path: Path
) -> None:
    """A code, or none, for each node; once people move something, it is of another taxonomy."""
    ws = shutil.copytree(planted, tmp_path / "ws")
    crosswalk_to(ws)
    ask = ("crosswalk", "--format", "csv,latex", "--out", tmp_path / "out", "-w", ws)
    code, out, err = export(*ask)
    assert code == 0, err
    rows = read_csv(tmp_path / "out" / "crosswalk-tools-two.csv")
    assert [row["name"] for row in rows][:3] == ["category 0", NAMES[0], NAMES[1]]
    assert {row["code"] for row in rows} <= {"S", "D", ""}
    assert {row["code_name"] for row in rows} & {"Serving", "Drift & co"}
    key = read_csv(planted.parent / "gold.csv")[0]["full_name"]
    record(ws / TOOLS, lambda shown, log: move_documents(shown, log, SIGN, [f"name:{key}"], "2"))
    code, out, err = export(*ask)
    assert (code, out) == (2, "")
    assert "no crosswalk of the taxonomy as it is now" in err


def crosswalk_to(ws: Path) -> None:
    """Make a crosswalk of the planted tools to a codebook of two codes."""
    pipeline = open_study(None, ws, progress=SilentProgress())
    texts = (("S", "Serving", KINDS["serving"]), ("D", "Drift & co", KINDS["drift"]))
    step = crosswalk_step(
        ws / TOOLS,
        texts_folder(ws, SNAPSHOT, "repositories"),
        codebook=CodeList("two", "Two kinds", 1, tuple(CodeTexts(i, n, (t,)) for i, n, t in texts)),
        vectors_folder=ws / "vectors",
        vector_settings=pipeline.vectors(),
        progress=SilentProgress(),
    )
    step.build(crosswalk_folder(ws, Path(TOOLS).name, "two"))


def read_documents(ws: Path, folder: Path) -> list[dict[str, str]]:
    """Export the table of documents and return its rows."""
    code, _, err = export("documents", "--format", "csv", "--out", folder, "-w", ws)
    assert code == 0, err
    return read_csv(folder / "documents-tools.csv")


def test_what_others_wrote_is_never_replaced(planted: Path, tmp_path: Path) -> None:
    """Files of the user stay, also those that were exported and then changed; ours are renewed."""
    (tmp_path / "paper.tex").write_text("mine", encoding="utf-8")
    ask = ("taxonomy", "stability", "--format", "csv,svg", "--out", tmp_path, "-w", planted)
    assert export(*ask)[0] == 0
    first = Manifest.read(tmp_path).files
    assert export(*ask, "--width", "6.9")[0] == 0
    assert Manifest.read(tmp_path).files["stability-tools.svg"] != first["stability-tools.svg"]
    (tmp_path / "taxonomy-tools.csv").write_text("mine too", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    code, out, err = export(*ask)
    assert (code, out) == (2, "")
    assert "taxonomy-tools.csv is not as an export left it" in err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert (tmp_path / "paper.tex").read_text(encoding="utf-8") == "mine"


def test_a_second_export_keeps_the_account_of_the_first(planted: Path, tmp_path: Path) -> None:
    """The manifest lists what is in the folder, whenever it was exported."""
    for what in ("taxonomy", "evaluation"):
        code, out, err = export(what, "--format", "csv", "--out", tmp_path, "-w", planted)
        assert code == 0, err
        assert all(Path(line).name.startswith(what) for line in out.split())
    manifest = Manifest.read(tmp_path)
    assert list(manifest.files) == ["evaluation.csv", "taxonomy-themes.csv", "taxonomy-tools.csv"]
    assert list(manifest.facts["made_from"]) == list(manifest.files)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["icicles"], ["'icicles' cannot be exported", "icicle, map"]),
        (["--format", "svg,eps"], ["'eps' cannot be exported", "svg, pdf, csv, latex"]),
        (["icicle", "--format", "csv"], ["no icicle in csv", "svg, pdf"]),
        (["evaluation", "--format", "pdf"], ["no evaluation in pdf", "csv, latex"]),
        (["--format", ","], ["No format"]),
        (["--width", "0.5"], ["0.5 inches", "3.33"]),
        (["--width", "nan"], ["nan inches"]),
        (["crosswalk"], ["no crosswalk to export"]),
        (["--out", "FILE"], ["not a folder", "FILE"]),
        (["taxonomy", "--format", "csv", "--out", "FILE/below"], ["FILE"]),
        (["--out", "TAXONOMY"], ["holds something else: taxonomy"]),
    ],
)
def test_what_cannot_be_done_is_refused(
    planted: Path, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    """One message that says what is wrong and what is allowed, exit code 2, nothing written."""
    (tmp_path / "FILE").write_text("mine", encoding="utf-8")
    (tmp_path / "TAXONOMY").symlink_to(planted / TOOLS)
    places = [str(tmp_path / a) if a.startswith(("FILE", "TAX")) else a for a in arguments]
    if "--out" not in places:
        places += ["--out", str(tmp_path / "new")]
    code, out, err = export(*places, "-w", planted)
    assert (code, out) == (2, "")
    for word in words:
        assert word in err
    assert not (tmp_path / "new").exists()


def test_without_a_taxonomy_there_is_nothing(planted: Path, tmp_path: Path) -> None:
    """With none the user is told how to make one; with one of two, the other is left out."""
    ws = shutil.copytree(planted, tmp_path / "ws")
    shutil.rmtree(ws / "taxonomies" / "2024-01-01.requests.themes")
    code, out, err = export("taxonomy", "--format", "latex", "-w", ws)
    assert code == 0
    assert "themes: left out" in err
    assert [Path(line).name for line in out.split()] == ["taxonomy-tools.tex"]
    code, _, err = export("themes-by-framework", "-w", ws)
    assert code == 2
    assert "no themes" in err
    shutil.rmtree(ws / TOOLS)
    code, _, err = export("-w", ws)
    assert code == 2
    assert "opsatlas taxonomy build" in err


@pytest.mark.parametrize("sample", ["chosen", "random"])
def test_how_frameworks_are_used_is_exported(planted: Path, tmp_path: Path, sample: Sample) -> None:
    """Its tables say of each row how what it counts was found: of what was chosen only counts."""
    ws = shutil.copytree(planted, tmp_path / "ws")
    plant_usage(ws, sample)
    out = tmp_path / "paper"
    assert export("--format", "svg,csv", "--out", out, "-w", ws)[0] == 0
    names = ("dependents", "features", "channels", "together", "gap", "wishes", "facts")
    wanted = {f"usage-{name}.csv" for name in names} | {"usage-gap.svg"}
    assert {path.name for path in out.glob("usage-*")} == wanted
    made_from = Manifest.read(out).facts["made_from"]
    assert set(made_from["usage-gap.svg"]) == {"usages", "requests", "usage"}
    assert set(made_from["usage-facts.csv"]) == {"usages"}
    rows = read_csv(out / "usage-gap.csv")
    heading = {"chosen": "examples, chosen", "random": "drawn at random"}[sample]
    assert {row["dependents_sample"] for row in rows} == {f"{heading}; n = {N_BOTH + 1}"}
    assert {row["requests_sample"] for row in rows} == {f"{heading}; n = 30"}
    assert ("used_low" in rows[0], "corner" in rows[0]) == (sample == "random",) * 2
    tracking = [r for r in read_csv(out / "usage-features.csv") if r["feature"] == "tracking"]
    assert [(r["framework"], r["n"]) for r in tracking] == [("mlflow", "40"), ("wandb", "0")]


def test_exported_uses_are_facts_for_another_study(planted: Path, tmp_path: Path) -> None:
    """They are read as they were found, at their commits; an unknown project is not there."""
    ws = shutil.copytree(planted, tmp_path / "ws")
    plant_usage(ws, is_coded=False)
    assert export("usage-facts", "--format", "csv", "--out", tmp_path / "p", "-w", ws)[0] == 0
    rows = list(fact_rows(tmp_path / "p" / "usage-facts.csv"))
    uses = {(row["project"], use_of(row)) for row in rows}
    planted_uses = made_up_rows("mlflow", "wandb")
    assert len(rows) == len(uses) == len(planted_uses)
    assert {project for project, _ in uses} == {row["project"] for row in planted_uses}
    assert all(re.fullmatch("c{40}", row["commit"]) for row in rows)
    code, _, err = export("usage-gap", "--out", tmp_path / "gap", "-w", ws)
    assert (code, "no usage-gap to export: no requests are coded" in err) == (2, True)
    code, _, err = export("usage-dependents", "--format", "csv", "-w", ws)
    assert code == 0, err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["usage-facts", "--format", "latex"], "There is no usage-facts in latex"),
        (["usage-features"], "no usage-features to export: no dependents' code was scanned"),
    ],
)
def test_uses_that_are_not_there_are_refused(
    planted: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    """Asked for by name they are missed; else a study without them is exported as ever."""
    code, out, err = export(*arguments, "--out", tmp_path / "new", "-w", planted)
    assert (code, out) == (2, "")
    assert words in err

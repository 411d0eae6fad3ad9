"""`opsatlas label` from a sample to the results, as people run it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from label_studies import (
    code_all,
    coded_set,
    codings,
    label,
    lines,
    opsatlas,
    planted,
    refusal,
    study_workspace,
    titles,
    write_book,
)
from statsmodels.stats.inter_rater import cohens_kappa
from test_exchange_tools import PROJECT, TAGS, project

from labels.exchange.formats import read_codebook_file
from labels.records import ADJUDICATED, NONE

REFERENCES = Path(__file__).with_name("agreement_references.json")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a workspace of the small study."""
    return study_workspace(tmp_path)


def coefficient(report: dict[str, Any], family: str, variable: str | None) -> float:
    """Return a coefficient of one variable, or of whole codings, from the report as JSON."""
    scope = next(
        each
        for each in report["results"]
        if each["scope"]["variable"] == variable and each["scope"]["part"] is None
    )
    families = ["percent", "cohen", "fleiss", "alpha", "gwet"]
    value: float = scope["coefficients"][families.index(family)]["value"]
    return value


def disputes(workspace: Path, name: str) -> list[dict[str, Any]]:
    """Return the disagreements that the command lists."""
    done = opsatlas("label", "adjudicate", name, "--by", "lea", "--list", "-w", workspace)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def disputes_left(workspace: Path, name: str) -> list[dict[str, Any]]:
    """Return the disagreements that nobody has settled yet."""
    return [each for each in disputes(workspace, name) if each["outcome"] is None]


def settle(workspace: Path, name: str) -> str:
    """Settle each disagreement as it was planted; return what the command said."""
    script = lines(
        *(
            {"item": each["item"], "variable": "kind", "codes": [planted(each["title"])]}
            for each in disputes(workspace, name)
        )
    )
    return label(
        workspace, "adjudicate", name, "--by", "ada", "--by", "ben", "--stdin", stdin=script
    )


def test_the_whole_path_from_a_sample_to_the_taxonomy(workspace: Path) -> None:
    """Sample, code blind, close, agree, adjudicate, validate: each says what comes next."""
    coded_set(workspace, "kinds", close=False)
    assert "the wave 'w1' is open" in refusal(workspace, "agree", "kinds")
    assert "Next: close the wave" in label(workspace, "show", "kinds")
    assert "is closed" in label(workspace, "wave", "close", "kinds", "w1")
    report = json.loads(label(workspace, "agree", "kinds", "--json", "--resamples", 50))
    pairs = [
        (each["kind"][0], codings(workspace, "kinds")[key, "ben"]["kind"][0])
        for (key, who), each in codings(workspace, "kinds").items()
        if who == "ada"
    ]
    codes = sorted({code for pair in pairs for code in pair})
    table = np.zeros((len(codes), len(codes)))
    for one, other in pairs:
        table[codes.index(one), codes.index(other)] += 1
    assert coefficient(report, "cohen", "kind") == pytest.approx(cohens_kappa(table).kappa)
    assert (report["named"], report["threshold"]) == ("cohen", 0.6)
    n_disputes = sum(one != other for one, other in pairs)
    assert n_disputes == len(disputes(workspace, "kinds")) > 0
    assert f"settle {n_disputes} disagreements" in label(workspace, "show", "kinds")
    assert f"{n_disputes} disagreements settled" in settle(workspace, "kinds")
    assert "Next: hold the taxonomy" in label(workspace, "show", "kinds")
    values = json.loads(label(workspace, "validate", "kinds", "--no-classify", "--json"))
    assert values["purity"]["n_labelled"] == len(pairs)
    assert values["nodes"] == "topics"
    before = codings(workspace, "kinds")
    assert all(
        before[each["item"], "ben"] == {"kind": ["drift"]} for each in disputes(workspace, "kinds")
    )
    assert {who for _, who in before} == {"ada", "ben", ADJUDICATED}


FORMATS = ["csv", "jsonl", "label-studio", "doccano", "qdpx"]


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_exported_is_read_again(workspace: Path, tmp_path: Path, name: str) -> None:
    """Each format brings the codings of both coders into a new sample of the same documents."""
    coded_set(workspace, "kinds")
    suffix = {"label-studio": "json", "doccano": "zip"}.get(name, name)
    file = tmp_path / f"labels.{suffix}"
    assert "codings" in label(workspace, "export", "kinds", file)
    book = workspace / "planted.toml"
    label(workspace, "sample", "again", "--codebook", book, "--size", 12)
    assert "by ada, ben: 24 decisions" in label(workspace, "import", "again", file)
    assert codings(workspace, "again") == codings(workspace, "kinds")
    assert "24 of the codings were there already" in label(workspace, "import", "again", file)
    assert "is there already" in refusal(workspace, "export", "kinds", file)


def test_a_file_with_documents_and_codebook_makes_a_set(workspace: Path, tmp_path: Path) -> None:
    """JSON lines carry all of a set; one made of them is exported, not held against a taxonomy."""
    coded_set(workspace, "kinds")
    label(workspace, "export", "kinds", tmp_path / "x.jsonl")
    label(workspace, "import", "again", tmp_path / "x.jsonl")
    label(workspace, "wave", "close", "again", "w1")
    assert codings(workspace, "again") == codings(workspace, "kinds")
    settle(workspace, "again")
    assert "Next: use the labels elsewhere" in label(workspace, "show", "again")
    assert "of no snapshot" in refusal(workspace, "validate", "again")


def test_a_codebook_alone_is_exported_as_such(workspace: Path, tmp_path: Path) -> None:
    """A .qdc holds no codings, and the command does not claim so."""
    coded_set(workspace, "kinds")
    said = label(workspace, "export", "kinds", tmp_path / "x.qdc")
    assert said.endswith("the codebook, and no codings.")
    assert "holds no labels" in refusal(workspace, "import", "kinds", tmp_path / "x.qdc")


def test_tables_of_two_coders_make_a_set(workspace: Path, tmp_path: Path) -> None:
    """The first file makes the set, a column of another name is named, the second coder follows."""
    book = write_book(tmp_path / "b.toml")
    rows = "".join(f"acme/{kind}-{n},{kind}\n" for n, kind in enumerate(["serving", "tracking"]))
    for coder in ("ada", "ben"):
        (tmp_path / f"{coder}.csv").write_text("full_name,what\n" + rows, encoding="utf-8")
    options = ("--column", "kind=what")
    said = label(
        workspace, "import", "k", tmp_path / "ada.csv", "--coder", "ada", "--codebook", book,
        *options,
    )  # fmt: skip
    assert "2 codings by ada" in said
    assert "opsatlas label import k FILE --coder NAME" in said
    assert "let a second coder code" in label(workspace, "show", "k")
    label(workspace, "import", "k", tmp_path / "ben.csv", "--coder", "ben", *options)
    label(workspace, "wave", "close", "k", "w1")
    report = json.loads(label(workspace, "agree", "k", "--json", "--resamples", 0))
    assert coefficient(report, "percent", "kind") == 1
    assert "figures are of these" in label(workspace, "validate", "k", "--no-classify")


def test_changes_of_the_codebook_carry_labels_along(workspace: Path) -> None:
    """A rename and a merge keep labels; a split leaves them to be coded anew, and only those."""
    coded_set(workspace, "kinds", close=False)
    why = ("--because", "clearer", "--by", "lea")
    assert "version 2" in label(workspace, "codebook", "rename", "kinds", "drift", "Watching", *why)
    label(workspace, "codebook", "merge", "kinds", "drift", "--into", "tracking", *why)
    held = [each["kind"] for each in codings(workspace, "kinds").values()]
    assert ["drift"] not in held and ["tracking"] in held
    for part in ("Online", "Batch"):
        label(workspace, "codebook", "create", "kinds", part, "--definition", f"{part}.", *why)
    n_serving = sum(planted(title) == "serving" for title in titles(workspace, "kinds"))
    parts = ("--into", "online", "--into", "batch")
    said = label(workspace, "codebook", "split", "kinds", "serving", *parts, *why)
    assert f"ada has {n_serving} documents to code anew" in said
    assert f"ada: {n_serving} to code anew" in label(workspace, "show", "kinds")
    assert "ada has" in refusal(workspace, "wave", "close", "kinds", "w1")
    merged = {"serving": "online", "drift": "tracking"}
    for coder in ("ada", "ben"):
        code_all(workspace, "kinds", coder, lambda t: merged.get(planted(t), planted(t)))
    label(workspace, "wave", "close", "kinds", "w1")
    assert disputes(workspace, "kinds") == []
    history = label(workspace, "codebook", "history", "kinds")
    for number, change in enumerate(("rename", "merge", "create", "create", "split"), start=2):
        assert f" {number} " in history and change in history


def test_what_a_split_leaves_open_after_the_close_is_settled_together(workspace: Path) -> None:
    """No coder can code any more, so adjudication says what even the agreed documents are now."""
    coded_set(workspace, "kinds")
    settle(workspace, "kinds")
    assert disputes_left(workspace, "kinds") == []
    why = ("--because", "two things", "--by", "lea")
    for part in ("Online", "Batch"):
        label(workspace, "codebook", "create", "kinds", part, "--definition", f"{part}.", *why)
    n_serving = sum(planted(title) == "serving" for title in titles(workspace, "kinds"))
    parts = ("--into", "online", "--into", "batch")
    said = label(workspace, "codebook", "split", "kinds", "serving", *parts, *why)
    assert f"{n_serving} documents of closed waves wait to be settled" in said
    assert "code anew" not in said
    waiting = disputes_left(workspace, "kinds")
    assert len(waiting) == n_serving
    script = lines(*({"item": d["item"], "variable": "kind", "codes": ["online"]} for d in waiting))
    label(workspace, "adjudicate", "kinds", "--by", "lea", "--stdin", stdin=script)
    assert disputes_left(workspace, "kinds") == []
    assert "validate" in label(workspace, "show", "kinds")


def test_versions_are_counted_from_that_of_the_file(workspace: Path) -> None:
    """A codebook in version 4 is in version 5 after a change, wherever versions are shown."""
    book = write_book(workspace / "b.toml", version=4)
    coded_set(workspace, "kinds", book=book, close=False)
    said = label(workspace, "codebook", "rename", "kinds", "drift", "Watch", "--because", "short")
    assert "in version 5 now" in said
    assert " 5 " in label(workspace, "codebook", "history", "kinds")
    assert "in version 5, 1 change" in label(workspace, "show", "kinds")
    assert json.loads(label(workspace, "list", "--json"))[0]["version"] == 5
    code_all(workspace, "kinds", "ada", lambda _: "serving")
    code_all(workspace, "kinds", "ben", lambda _: "serving")
    label(workspace, "wave", "close", "kinds", "w1")
    report = json.loads(label(workspace, "agree", "kinds", "--json", "--resamples", 0))
    versions = {r["scope"]["part"] for r in report["results"] if r["scope"]["kind"] == "version"}
    assert versions <= {"4", "5"}


def test_a_codebook_is_saved_edited_and_brought_back(workspace: Path, tmp_path: Path) -> None:
    """What was edited in the file becomes changes of the living codebook, and none is left over."""
    coded_set(workspace, "kinds", close=False)
    file = tmp_path / "saved.toml"
    label(workspace, "codebook", "save", "kinds", file)
    assert "can be used" in label(workspace, "codebook", "check", file)
    assert "the same codes" in label(workspace, "codebook", "diff", "kinds", file)
    file.write_text(file.read_text("utf-8").replace('"Drift"', '"Watching"'), "utf-8")
    assert "rename" in label(workspace, "codebook", "diff", "kinds", file)
    label(workspace, "codebook", "update", "kinds", file, "--because", "clearer")
    assert "Watching" in label(workspace, "codebook", "show", "kinds")
    assert "Nothing is other" in refusal(
        workspace, "codebook", "update", "kinds", file, "--because", "again"
    )


def test_codebooks_that_ask_otherwise_are_compared(workspace: Path) -> None:
    """Questions that only one asks are named, and so are the codes of the new ones."""
    said = label(workspace, "codebook", "diff", "mlops-tools", "repository-kinds")
    assert "'code' is no longer asked." in said
    assert "'kind' is asked only now." in said
    assert "kind/integration" in said


def test_copies_are_merged_and_a_conflict_is_told(workspace: Path, tmp_path: Path) -> None:
    """Two copies of one coder are joined without loss; the conflict ends as she decides again."""
    file = coded_set(workspace, "kinds", close=False)
    copy = tmp_path / "copy.sqlite"
    assert "label merge kinds" in label(workspace, "copy", "kinds", copy)
    title = titles(workspace, "kinds")[0]
    for where, code in ((file, "serving"), (copy, "features")):
        script = lines({"item": title, "variable": "kind", "codes": [code]})
        label(workspace, "annotate", where, "--coder", "ada", "--stdin", stdin=script)
    values = json.loads(label(workspace, "merge", "kinds", copy, "--json"))
    assert values["added"] == {"ada": 1}
    (conflict,) = values["conflicts"]
    assert (conflict["coder"], conflict["first"], conflict["last"]) == ("ada", None, None)
    assert "(blind)" in label(workspace, "merge", "kinds", copy)
    assert "1 conflict " in label(workspace, "show", "kinds")
    script = lines({"item": title, "variable": "kind", "codes": ["tracking"]})
    label(workspace, "annotate", "kinds", "--coder", "ada", "--stdin", stdin=script)
    assert "conflict" not in label(workspace, "show", "kinds")
    assert "nothing new" in label(workspace, "merge", "kinds", copy)
    assert "each as it was written" in label(workspace, "check", "kinds")


def test_a_changed_event_is_found(workspace: Path) -> None:
    """A decision that was altered in the file is told, with the exit code of an error."""
    file = coded_set(workspace, "kinds")
    with sqlite3.connect(file) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE events SET body = replace(body, 'drift', 'serving')")
    connection.close()
    assert "damaged" in refusal(workspace, "check", "kinds")


def test_saturation_of_codes_that_coders_create(workspace: Path) -> None:
    """Codes made while coding count as new where they first appear; other coders see none."""
    book = write_book(workspace / "b.toml", ["serving", "tracking"])
    label(workspace, "sample", "open", "--codebook", book, "--size", 12, "--coder", "ada")
    values = (
        {"variable": "kind", "name": n, "definition": n, "reason": n} for n in ("Features", "Drift")
    )
    script = lines(*({"create": value} for value in values))
    label(workspace, "annotate", "open", "--coder", "ada", "--stdin", stdin=script)
    assert "12 of 12 documents are done" in code_all(workspace, "open", "ada")
    found = json.loads(label(workspace, "saturation", "open", "--coder", "ada", "--json"))
    new = found["new_codes"]
    assert len(new) == 12
    assert sorted(code for each in new for code in each) == sorted(
        set(map(planted, titles(workspace, "open")))
    )
    assert "Guest, Namey and Chen" in label(workspace, "saturation", "open", "--coder", "ada")
    assert "'zed' coded nothing" in refusal(workspace, "saturation", "open", "--coder", "zed")


def test_the_log_keeps_what_is_blind(workspace: Path) -> None:
    """While a wave is open nobody's decisions are in the log but those of the coder who asks."""
    coded_set(workspace, "kinds", close=False)
    done = opsatlas("label", "log", "kinds", "-w", workspace)
    events = [json.loads(line) for line in done.out.splitlines()]
    assert events[-1]["left_out"] == 24
    assert {event["kind"] for event in events[:-1]} == {"begin", "wave"}
    done = opsatlas("label", "log", "kinds", "--coder", "ada", "-w", workspace)
    assert len(done.out.splitlines()) == 12
    assert "'zed' did nothing" in refusal(workspace, "log", "kinds", "--coder", "zed")
    label(workspace, "wave", "close", "kinds", "w1")
    done = opsatlas("label", "log", "kinds", "-w", workspace)
    assert "left_out" not in done.out


def test_agreement_tables_are_shown_as_asked(workspace: Path) -> None:
    """The summary always, codes and who gave which code where only if wanted."""
    coded_set(workspace, "kinds")
    plain = label(workspace, "agree", "kinds", "--resamples", 20)
    assert "named beforehand: cohen" in plain and "rows are" not in plain and "given" not in plain
    assert "given: by ada / ben" in label(workspace, "agree", "kinds", "--codes", "--resamples", 20)
    assert "rows are" in label(workspace, "agree", "kinds", "--confusion", "--resamples", 20)


def frozen_codings() -> tuple[list[str], list[list[str]]]:
    """Return the codes and the pairs of codes of 150 repositories that two people coded."""
    found = json.loads(REFERENCES.read_text(encoding="utf-8"))["kinds-2023-kind"]
    return found["codes"], found["ratings"]


def test_the_agreement_of_150_repositories_is_that_of_another_program(tmp_path: Path) -> None:
    """Real double codings, brought in from a file, give the frozen coefficients of irrCAC."""
    codes, ratings = frozen_codings()
    head = {
        "format": "opsatlas-labels", "version": 1, "name": "kinds", "texts": True,
        "codebook": {
            "codebook": {"name": "kinds", "title": "Kinds", "version": 1},
            "variables": [{"id": "kind", "name": "Kind"}],
            "codes": [{"id": code, "name": code, "definition": code} for code in codes],
        },
    }  # fmt: skip
    documents = [
        {"document": {"key": f"name:org/r{n}", "title": f"org/r{n}", "text": "", "url": None}}
        for n in range(len(ratings))
    ]
    items = [
        {"item": {"key": f"name:org/r{n}", "coder": coder, "values": {"kind": [code]}}}
        for n, pair in enumerate(ratings)
        for coder, code in zip(("a", "b"), pair, strict=True)
    ]
    file = tmp_path / "kinds.jsonl"
    file.write_text(lines(head, *documents, *items), encoding="utf-8")
    target = tmp_path / "kinds.sqlite"
    label(tmp_path, "import", target, file)
    label(tmp_path, "wave", "close", target, "w1")
    report = json.loads(label(tmp_path, "agree", target, "--json", "--resamples", 0))
    frozen = json.loads(REFERENCES.read_text(encoding="utf-8"))["kinds-2023-kind"]["irrCAC"]
    for family, theirs in (("fleiss", "fleiss"), ("gwet", "ac1"), ("alpha", "alpha-nominal")):
        assert coefficient(report, family, "kind") == pytest.approx(frozen[theirs], abs=1e-9)
    n_different = sum(one != other for one, other in ratings)
    done = opsatlas("label", "adjudicate", target, "--by", "lea", "--list")
    assert len(done.out.splitlines()) == n_different


def test_sets_are_listed(workspace: Path) -> None:
    """An empty workspace says how to begin; a set is a line with its coders."""
    assert "There are no labels yet" in label(workspace, "list")
    coded_set(workspace, "kinds")
    assert "1 closed ada, ben" in label(workspace, "list")
    shutil.rmtree(workspace / "labels")
    assert json.loads(label(workspace, "list", "--json")) == []


CODERS = ("Ann Lee", "zoë@example.org")


def coded_with_none(workspace: Path, n: int) -> Path:
    """Let two people code, whose codebook has two kinds and a word for the others; return it."""
    book = write_book(workspace.parent / "two.toml", ("serving", "tracking"))
    text = book.read_text(encoding="utf-8").replace("version = 1", 'version = 1\nnone = ["other"]')
    book.write_text(text, encoding="utf-8")
    label(workspace, "sample", "k", "--codebook", book, "--size", n)
    for coder in CODERS:
        code_all(workspace, "k", coder, lambda title: kind_of(title))
    label(workspace, "wave", "close", "k", "w1")
    return book


def kind_of(title: str) -> str:
    """Return the kind that was planted, if the codebook has it."""
    return planted(title) if planted(title) in ("serving", "tracking") else "other"


def test_none_and_people_of_any_name_go_through_every_figure(
    workspace: Path, tmp_path: Path
) -> None:
    """Coded by line, exported, imported, agreed on, and a class of its own in validation."""
    book = coded_with_none(workspace, 12)
    said = codings(workspace, "k")
    assert {who for _, who in said} == set(CODERS)
    assert [] in [each["kind"] for each in said.values()]
    label(workspace, "export", "k", tmp_path / "x.zip")
    label(workspace, "sample", "again", "--codebook", book, "--size", 12)
    told = label(workspace, "import", "again", tmp_path / "x.zip")
    assert f"by {CODERS[0]}, {CODERS[1]}: 24 decisions" in told
    assert codings(workspace, "again") == said
    report = json.loads(label(workspace, "agree", "k", "--json", "--resamples", 0))
    assert NONE in report["confusions"][0]["codes"]
    values = json.loads(label(workspace, "validate", "k", "--no-classify", "--json"))
    assert values["purity"]["n_labelled"] == 12
    assert NONE in json.dumps(values["crosswalk"])


def test_a_project_that_nobody_coded_is_there_to_be_coded(workspace: Path, tmp_path: Path) -> None:
    """Its documents and codebook make a set; its codebook alone can be saved as a file."""
    text = PROJECT.replace("{path}", "one.txt").replace("<CodeRef", "<NoCode")
    text = text.replace("<Coding", "<!-- <Coding").replace("</Coding>", "</Coding> -->")
    path = project(tmp_path, **{"project.qde": text, "sources/one.txt": "Jobs cost."})
    said = label(workspace, "import", "talks", path)
    assert "Nothing is coded in the file; its codebook and 1 document are here" in said
    script = lines({"item": "Talk", "variable": "code", "codes": ["cost"]})
    label(workspace, "annotate", "talks", "--coder", "ann", "--stdin", stdin=script)
    assert "Nothing is coded in the file" in refusal(workspace, "import", "talks", path)
    saved = tmp_path / "talks.toml"
    assert "is written: 'talks'" in label(workspace, "codebook", "save", path, saved)
    assert [code.name for code in read_codebook_file(saved).codes] == ["Cost"]
    assert "can be used" in label(workspace, "codebook", "check", path)


def test_a_codebook_alone_is_imported_as_one(workspace: Path, tmp_path: Path) -> None:
    """Another program's tags become a file to sample with; ours come back as they were."""
    path = tmp_path / "tags.qdc"
    path.write_text(TAGS, encoding="utf-8")
    said = label(workspace, "import", "tags", path)
    written = workspace / "labels" / "tags.toml"
    assert f"--codebook {written}" in said
    label(workspace, "sample", "tags", "--codebook", written, "--size", 5)
    label(workspace, "sample", "same", "--codebook", path, "--size", 5)
    assert "label codebook update" in refusal(workspace, "import", "tags", path)
    assert "is there already" in refusal(workspace, "codebook", "save", path, written)
    assert "as .toml or .qdc" in refusal(workspace, "codebook", "save", path, tmp_path / "x.csv")
    path.write_text(TAGS.replace("#tag", "tagged"), encoding="utf-8")
    label(workspace, "codebook", "update", "tags", path, "--because", "another name")
    label(workspace, "codebook", "save", "tags", tmp_path / "own.qdc")
    own = read_codebook_file(tmp_path / "own.qdc")
    assert [code.name for code in own.codes][-1] == "tagged"


def test_what_says_nothing_is_not_there_already(workspace: Path, tmp_path: Path) -> None:
    """A control that is not understood is named, and no set is made of a file that says nothing."""
    rated = {"from_name": "kind", "type": "rating", "value": {"rating": 3}}
    annotations = [{"completed_by": 1, "result": [rated]}]
    path, book = tmp_path / "x.json", write_book(tmp_path / "b.toml")
    tasks = [{"data": {"full_name": "acme/serving-0"}, "annotations": annotations}]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    said = refusal(workspace, "import", "k", path, "--codebook", book)
    assert "the control 'kind' (rating), which is not understood: 1" in said
    assert not (workspace / "labels" / "k.sqlite").exists()


def test_an_export_is_called_as_what_it_holds(workspace: Path, tmp_path: Path) -> None:
    """A ZIP is no .jsonl: of one coder doccano gets lines, of two another name is asked for."""
    coded_with_none(workspace, 4)
    path = tmp_path / "x.jsonl"
    said = refusal(workspace, "export", "k", path, "--format", "doccano")
    assert "x.zip" in said and not path.exists()
    composed = CODERS[1], "zoe\u0308@example.org"
    label(workspace, "export", "k", tmp_path / "zoe.csv", "--coder", composed[1])
    assert composed[0] in (tmp_path / "zoe.csv").read_text(encoding="utf-8")
    label(workspace, "export", "k", path, "--format", "doccano", "--coder", CODERS[0])
    assert len(path.read_text(encoding="utf-8").splitlines()) == 4
    label(workspace, "export", "k", tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.namelist() == ["Ann Lee.jsonl", "zoë@example.org.jsonl"]
    assert "ends in .csv" in refusal(
        workspace, "export", "k", tmp_path / "x.txt", "--format", "csv"
    )

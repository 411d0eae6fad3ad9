"""People decide at the command line: what is kept, shown, lost and refused."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from command_line import opsatlas
from small_study import SNAPSHOT, write_study
from warm import Done, warm_opsatlas

from artifacts.progress import SilentProgress
from opsatlas.cli.audits import walk
from opsatlas.cli.decisions import OpenTaxonomy
from opsatlas.cli.session import open_study
from taxonomy.decisions.audits import read_verdicts, waiting

NAME = f"{SNAPSHOT}.tools"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which a small study was run; tests must leave it as it is."""
    folder = tmp_path_factory.mktemp("decide")
    done = warm_opsatlas().run("run", write_study(folder), "-w", folder / "ws")
    assert done.code == 0, done.err
    return folder / "ws"


@pytest.fixture
def ws(built: Path, tmp_path: Path) -> Path:
    """Return a workspace of one's own."""
    shutil.copytree(built, tmp_path / "ws")
    return tmp_path / "ws"


def overrides(ws: Path) -> Path:
    """Return where the decisions are."""
    return ws / "taxonomies" / f"{NAME}.overrides.toml"


def do(ws: Path, *arguments: object) -> Done:
    """Carry out one `opsatlas taxonomy` command, which must succeed."""
    done = opsatlas("taxonomy", *arguments, "-w", ws)
    assert done.code == 0, done.err
    return done


def build(ws: Path) -> Done:
    """Build the taxonomy, in a process that has the libraries for it."""
    done = warm_opsatlas().run("taxonomy", "build", "-w", ws)
    assert done.code == 0, done.err
    return done


def refusal(ws: Path, *arguments: object) -> str:
    """Return the one error of a command that ends with 2 and changes nothing."""
    before = overrides(ws).read_bytes() if overrides(ws).exists() else None
    done = opsatlas("taxonomy", *arguments, "-w", ws)
    assert done.code == 2, done.out + done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert done.err.count("error: ") == 1
    assert before == (overrides(ws).read_bytes() if overrides(ws).exists() else None)
    return done.err


def shown(ws: Path, *arguments: object) -> dict[str, Any]:
    """Return what `taxonomy show --json` prints."""
    values: dict[str, Any] = json.loads(do(ws, "show", "--json", *arguments).out)
    return values


def node(values: dict[str, Any], layer: str, number: int) -> dict[str, Any]:
    """Return one node of what is shown."""
    found: dict[str, Any] = next(each for each in values[layer] if each["number"] == number)
    return found


def test_decisions_are_shown_listed_and_taken_back(ws: Path) -> None:
    """A name and a note with who, when and why; undone, the taxonomy is as it was, the log not."""
    before = shown(ws)
    said = do(ws, "rename", "0", "Serving [models]", "--by", "Ada", "--because", "it is").out
    assert '0 "Serving [models]" was ' in said
    assert "undo 1" in said
    do(ws, "note", "serving [MODELS]", "look again", "--by", "Bob")
    values = shown(ws)
    assert node(values, "topics", 0)["named_by"] == "person"
    assert node(values, "topics", 0)["notes"] == ["look again"]
    tree = do(ws, "show", "--how-sure").out
    assert re.search(r" 0 .*Serving \[models\] +a person", tree)
    assert "Decisions by people: 2, of which lost: 0." in do(ws, "show").out
    assert "Note: look again" in do(ws, "show", "0").out
    entries = tomllib.loads(overrides(ws).read_text(encoding="utf-8"))["decisions"]
    assert [(e["id"], e["action"], e["by"]) for e in entries] == [
        (1, "rename", "Ada"),
        (2, "note", "Bob"),
    ]
    assert entries[0]["because"] == "it is"
    assert entries[0]["anchors"] == [sorted(d["key"] for d in shown(ws, "0")["documents"])]
    assert "Undone: 1" in do(ws, "undo", "1").out
    do(ws, "undo")
    assert shown(ws) == {**before, "decisions": 2}
    listed = do(ws, "decisions").out
    assert listed.count("undone") == 4
    assert "There is no decision to undo" in refusal(ws, "undo")
    assert "undone already" in refusal(ws, "undo", "1")


def test_nodes_are_merged_split_moved_and_hidden(ws: Path) -> None:
    """Numbers stay with what they name, parts get new ones, and what people made says so."""
    before = shown(ws)
    last = before["topics"][-1]["number"]
    do(ws, "merge", "0", "1", "--name", "Both")
    merged = node(values := shown(ws), "topics", 0)
    assert merged["size"] == before["topics"][0]["size"] + before["topics"][1]["size"]
    assert (merged["name"], merged["stability"]) == ("Both", None)
    assert [t["number"] for t in values["topics"]] == [
        t["number"] for t in before["topics"] if t["number"] != 1
    ]
    said = do(ws, "split", "0", "--into", "2", "--name", "Half").out
    assert f'{last + 1} "Half" is new' in said
    parts = [node(shown(ws), "topics", last + n) for n in (1, 2)]
    truth = [{d["key"] for d in before["documents"] if d["topic"] == number} for number in (0, 1)]
    found = [{d["key"] for d in shown(ws, str(p["number"]))["documents"]} for p in parts]
    assert sorted(map(sorted, found)) == sorted(map(sorted, truth))
    assert all(part["keywords"] and part["exemplars"] for part in parts)
    title = node_documents(ws, last + 1)[0]["title"]
    do(ws, "move", title.upper(), "--to", "2")
    assert "by a person" in do(ws, "show", "2").out
    do(ws, "move", title, "--to", "-1")
    assert title in do(ws, "show", "-1").out
    do(ws, "move", "2", "--to", "new", "--name", "Elsewhere")
    category = next(c for c in shown(ws)["categories"] if c["name"] == "Elsewhere")
    assert node(shown(ws), "topics", 2)["category"] == category["number"]
    do(ws, "hide", f"c{category['number']}")
    assert node(shown(ws), "topics", 2)["hidden"]
    assert "hidden with its category" in refusal(ws, "unhide", "2")
    do(ws, "unhide", "elsewhere")
    assert not node(shown(ws), "topics", 2)["hidden"]
    assert len(shown(ws)["documents"]) == len(before["documents"])


def node_documents(ws: Path, number: int) -> list[dict[str, Any]]:
    """Return the documents of a topic."""
    documents: list[dict[str, Any]] = shown(ws, str(number))["documents"]
    return documents


def test_parts_can_be_said(ws: Path, tmp_path: Path) -> None:
    """Documents by name or from a file make a part; of a category, topics do."""
    documents = node_documents(ws, 0)
    rest = len(documents) - 3
    names = tmp_path / "part.txt"
    names.write_text(f"{documents[1]['key']}\n\n{documents[2]['title']}\n", encoding="utf-8")
    said = do(ws, "split", "0", "--documents", documents[0]["title"], "--keys", names).out
    assert f"with {rest} documents" in said
    assert "with 2 documents" in said
    assert "with 1 document." in said
    values = shown(ws)
    topics = [t["number"] for t in values["topics"]]
    assert "is not a topic of" in refusal(ws, "split", "c0", "--topics", topics_outside(values)[0])
    do(ws, "merge", *(f"c{c['number']}" for c in values["categories"]))
    do(ws, "split", "c0", "--topics", topics[0], "--topics", topics[1], "--name", "The rest")
    values = shown(ws)
    assert len(values["categories"]) == 2
    assert values["categories"][0]["name"] == "The rest"


def topics_outside(values: dict[str, Any]) -> list[int]:
    """Return the topics that are not in the first category."""
    return [t["number"] for t in values["topics"] if t["category"] != 0]


def test_decisions_survive_the_taxonomy(ws: Path) -> None:
    """The folder deleted and built again with another seed: names hold, and the page says them."""
    do(ws, "rename", "0", "Kept by people")
    members = {d["key"] for d in node_documents(ws, 0)}
    page = ws / "reports" / "atlas" / "index.html"
    assert "Kept by people" not in page.read_text(encoding="utf-8")
    assert warm_opsatlas().run("run", "-w", ws).code == 0
    assert "Kept by people" in page.read_text(encoding="utf-8")
    shutil.rmtree(ws / "taxonomies" / NAME)
    study = ws / "study.toml"
    study.write_text(study.read_text(encoding="utf-8").replace("seed = 0", "seed = 5"))
    done = build(ws)
    assert "lost" not in done.err
    named = next(t for t in shown(ws)["topics"] if t["name"] == "Kept by people")
    assert {d["key"] for d in node_documents(ws, named["number"])} == members


def test_what_is_lost_is_told(ws: Path) -> None:
    """Entries about documents that are gone are told after a build, listed, and kept."""
    do(ws, "rename", "0", "Lost name")
    do(ws, "move", node_documents(ws, 0)[0]["key"], "--to", "1")
    path = overrides(ws)
    text = path.read_text(encoding="utf-8")
    gone = re.sub(r'"name:acme/(\w+)-(\d+)"', r'"name:gone/\1-\2"', text)
    path.write_text(gone, encoding="utf-8")
    done = build(ws)
    assert "Of 2 that people made" in done.err
    assert "2 decisions are lost" in done.err
    assert 'rename "' in done.err
    assert "Lost name" not in done.out
    listed = do(ws, "decisions").out
    assert listed.count("lost") >= 2
    assert "no longer among the documents" in listed
    found = json.loads(do(ws, "decisions", "--json").out)
    assert [each["state"] for each in found] == ["lost", "lost"]
    assert path.read_text(encoding="utf-8") == gone


REFUSED = [
    (("rename", "99", "x"), "There is no topic 99"),
    (("rename", "c99", "x"), "There is no category c99"),
    (("rename", "0", " "), "name"),
    (("rename", "0", "two\nlines"), "one line of plain text"),
    (("merge", "0"), "two nodes"),
    (("merge", "0", "c0"), "cannot be taken together"),
    (("split", "0"), "How is it to be split"),
    (("split", "0", "--into", "900"), "cannot be parted"),
    (("split", "0", "--into", "1"), "cannot be parted"),
    (("move", "no/body", "--to", "1"), "There is no document 'no/body'"),
    (("move", "0", "--to", "new"), "needs a name"),
    (("unhide", "0"), "is not hidden"),
    (("undo", "7"), "There is no decision 7"),
    (("audit", "0", "--reject"), "needs a reason"),
    (("audit",), "Which topic"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED, ids=lambda each: " ".join(each)[:24])
def test_what_cannot_be_is_refused(built: Path, arguments: tuple[str, ...], said: str) -> None:
    """Unknown nodes and documents, empty names, and things that make no sense."""
    assert said in refusal(built, *arguments)


def test_names_that_are_taken_or_ambiguous_are_refused(ws: Path) -> None:
    """No two nodes of a layer share a name; one of both layers must be said by number."""
    do(ws, "rename", "0", "One")
    assert "The name is taken" in refusal(ws, "rename", "1", "oNE")
    do(ws, "rename", "c0", "One")
    said = refusal(ws, "hide", "one")
    assert 'may be 0 "One" or c0 "One"' in said


BROKEN = [
    ("version = 1", "version = 99", "version 99"),
    (f'taxonomy = "{NAME}"', 'taxonomy = "2020-01-01.old.tools"', "2020-01-01.old.tools"),
    ('action = "rename"', 'action = "paint"', "There is no action 'paint'"),
    ('action = "rename"', 'action = "rename"\ncolour = 1', "colour"),
    ('name = "One"', 'name = "One', "line 15"),
    ("id = 1", "id = 0", "id"),
]


@pytest.mark.parametrize(("before", "after", "said"), BROKEN, ids=[b[1] for b in BROKEN])
def test_a_file_that_cannot_be_used_is_left_alone(
    ws: Path, before: str, after: str, said: str
) -> None:
    """Another taxonomy's, a newer one, no TOML, unknown actions and keys: told with the line."""
    do(ws, "rename", "0", "One")
    text = overrides(ws).read_text(encoding="utf-8")
    assert before in text
    overrides(ws).write_text(text.replace(before, after), encoding="utf-8")
    for command in (("show",), ("rename", "1", "Two"), ("build",)):
        error = refusal(ws, *command)
        assert said in error
        assert "overrides.toml" in error


def test_people_deciding_at_once_all_get_their_way(ws: Path) -> None:
    """Processes that add entries at the same time lose none."""
    server = warm_opsatlas()
    running = [server.start("taxonomy", "note", "0", f"n{n}", "-w", ws) for n in range(5)]
    assert [each.wait().code for each in running] == [0] * 5
    assert sorted(node(shown(ws), "topics", 0)["notes"]) == [f"n{n}" for n in range(5)]


def test_verdicts_are_recorded_and_grow_stale(ws: Path) -> None:
    """Who looked at what, when, and how far it is still the same."""
    seen = do(ws, "audit", "0").out
    for part in ("most typical", "least firmly in it", "next to it", "acme/"):
        assert part in seen
    do(ws, "audit", "0", "--accept", "--by", "Ada")
    do(ws, "audit", "1", "--reject", "--because", "mixed", "--by", "Bob")
    do(ws, "move", node_documents(ws, 0)[0]["key"], "--to", "1")
    listed = do(ws, "audit", "--list").out
    assert "changed: 9" in listed
    assert "rejected: mixed" in listed
    do(ws, "split", "0", "--into", "2")
    do(ws, "merge", "1", "2", "3")
    assert "stale" in do(ws, "audit", "--list").out


def test_a_person_is_asked_for_what_nobody_has_looked_at(ws: Path) -> None:
    """Accept, reject with a reason, skip and stop; unclear answers are asked again."""
    pipeline = open_study(None, ws, progress=SilentProgress())
    taxonomy = OpenTaxonomy(pipeline, "tools", pipeline.built_taxonomy("tools"))
    topics = waiting(taxonomy.decided(), [])
    answers = iter(["what?", "a", "fine", "r", "", "r", "mixed", "s", "q"])
    walk(taxonomy, topics, lambda _: next(answers), by="Ada")
    assert list(answers) == []
    verdicts = read_verdicts(taxonomy.folder)
    assert [(v.number, v.verdict, v.because) for v in verdicts] == [
        (topics[0].number, "accepted", "fine"),
        (topics[1].number, "rejected", "mixed"),
    ]
    left = waiting(taxonomy.decided(), verdicts)
    assert [topic.number for topic in left] == [topic.number for topic in topics[2:]]

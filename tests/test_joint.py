"""The joint view: one model of both snapshots, held against the separate ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from lineages import comparison, everybody, lineage

from artifacts.manifest import Manifest, changed_files, hash_files, joint_hash
from artifacts.tables import table_from_rows, write_table
from artifacts.words import NOISE
from embeddings.build import FILE, KIND, read_texts
from embeddings.documents import TEXTS
from taxonomy.lineage.joint import Joint, read_joint, union, union_step
from taxonomy.lineage.values import Lineage, Move


def texts(**said: str) -> pa.Table:
    """Return a table of texts, one of each key."""
    rows = [{"key": key, "title": key, "text": text, "flags": []} for key, text in said.items()]
    return table_from_rows(rows, TEXTS)


def move(earlier: str | None, later: str | None) -> Move:
    """Return a document that is in no node."""
    return Move(
        key_earlier=earlier,
        key_later=later,
        earlier=NOISE,
        later=NOISE,
        stay="unplaced",
        is_redescribed=False,
    )


MOVES = (move("old-name", "new-name"), move("gone", None), move(None, "fresh"))
BEFORE = texts(**{"old-name": "as it was", "gone": "no more", "unused": "in no taxonomy"})
AFTER = texts(**{"fresh": "quite new", "new-name": "as it is"})


def test_what_both_have_is_in_the_union_once_with_its_later_text() -> None:
    """A renamed document counts once, one that left stays, one outside the taxonomies does not."""
    found = union(BEFORE, AFTER, moves=MOVES)
    assert found.schema == TEXTS
    assert dict(zip(found["key"].to_pylist(), found["text"].to_pylist(), strict=True)) == {
        "fresh": "quite new",
        "new-name": "as it is",
        "gone": "no more",
    }


def written(folder: Path, table: pa.Table) -> Path:
    """Write an artifact of texts."""
    folder.mkdir()
    write_table(folder / FILE, table)
    files = hash_files(folder)
    made = Manifest(kind=KIND, name=folder.name, files=files, content_hash=joint_hash(files))
    made.write(folder)
    return folder


def test_the_union_is_an_artifact(tmp_path: Path) -> None:
    """Its manifest counts who was dropped and why, and its key follows the texts and documents."""
    before, after = written(tmp_path / "a", BEFORE), written(tmp_path / "b", AFTER)
    made = union_step(before, after, moves=MOVES).build(tmp_path / "joint")
    assert changed_files(tmp_path / "joint", made) == []
    assert made.key == union_step(before, after, moves=MOVES).key
    assert made.key != union_step(before, after, moves=MOVES[:2]).key
    counts = made.counts["documents"]
    assert (counts.read, counts.kept) == (4, 3)
    assert [(each.count, each.reason[:17]) for each in counts.dropped] == [(1, "in both snapshots")]
    assert read_texts(tmp_path / "joint").num_rows == 3


SIDES = comparison().sides
LINEAGE = lineage(SIDES[0].name, SIDES[1].name)


def held(joint: dict[str, int], found: Lineage = LINEAGE) -> Joint:
    """Hold a joint model against the comparison by hand."""
    names = {number: f"joint {number}" for number in sorted(set(joint.values()) - {NOISE})}
    before, after = (side.node_of for side in SIDES)
    return read_joint(found, names, joint, earlier=before, later=after, nowhere=0.25)


def test_a_joint_model_like_the_later_one_agrees_where_nothing_split() -> None:
    """Documents sorted as later: births agree, and a split is seen as both its parts are."""
    later = SIDES[1].node_of
    joint = {key: later.get(key, NOISE) for side in SIDES for key in side.node_of}
    found = held(joint)
    by_number = {node.number: node for node in found.nodes}
    born = by_number[4]
    assert (born.reading, born.later, born.earlier) == ("born", 4, None)
    assert (born.size_earlier, born.size_later) == (0, 12)
    assert born.disagreement == ""
    serving = by_number[0]
    assert (serving.reading, serving.earlier, serving.later) == ("goes on", 0, 0)
    assert (serving.size_earlier, serving.size_later) == (17, 23)
    kinds = [event.kind for event in found.unseen]
    assert "born" not in kinds and "split" not in kinds
    assert "died" in kinds  # nobody is where the dead topic was


def test_a_joint_model_without_the_new_topic_says_so() -> None:
    """Where the joint model mixes old and new, every event is among what it does not show."""
    joint = dict.fromkeys((key for side in SIDES for key in side.node_of), 0)
    found = held(joint)
    assert [node.disagreement for node in found.nodes] == ["nothing separate is like it"]
    assert [event.kind for event in found.unseen] == ["born", "died", "split", "merged"]
    assert found.unplaced == (0, 0)


def test_a_birth_that_only_one_view_sees_is_a_disagreement() -> None:
    """A joint node that is new, whose counterpart's birth is noise, and the reverse, are told."""
    later = SIDES[1].node_of
    joint = {key: later.get(key, NOISE) for side in SIDES for key in side.node_of}
    calm = tuple(replace(event, verdict="noise") for event in LINEAGE.events)
    quiet = {node.number: node for node in held(joint, replace(LINEAGE, events=calm)).nodes}
    assert quiet[4].disagreement == "the separate view does not call it born"
    assert held(joint, replace(LINEAGE, events=calm)).unseen == ()
    loud = tuple(
        replace(event, later=(0,)) if event.kind == "born" else event for event in LINEAGE.events
    )
    told = {node.number: node for node in held(joint, replace(LINEAGE, events=loud)).nodes}
    assert told[0].disagreement == "the separate view calls it born"


@given(st.lists(st.integers(-1, 4), min_size=len(everybody()), max_size=len(everybody())))
def test_sizes_of_the_joint_view_add_up(numbers: list[int]) -> None:
    """Whatever the joint model is, each snapshot's documents are in its nodes or unplaced."""
    joint = {f"name:acme/tool-{place}": number for place, number in enumerate(numbers)}
    joint[f"name:acme/tool-{len(numbers) - 1}"] = 0
    found = held(joint)
    for place, side in enumerate(SIDES):
        sizes = [(n.size_earlier, n.size_later)[place] for n in found.nodes]
        assert sum(sizes) + found.unplaced[place] == len(side.node_of)
    totals = [node.size_earlier + node.size_later for node in found.nodes]
    assert totals == sorted(totals, reverse=True)

"""The taxonomy in the hand: made in two lines, opened from a folder, read once, never changed."""

from __future__ import annotations

import doctest
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from unittest.mock import patch

import numpy as np
import pytest
from deciding_people import AT
from deciding_people import taxonomy as by_hand
from planted import planted_texts
from small_study import SNAPSHOT, write_study

from artifacts import tables
from artifacts.errors import ArtifactError, InputError, TooFewDocumentsError
from artifacts.manifest import hash_files
from artifacts.progress import SilentProgress
from artifacts.words import LAYERS, NOISE
from embeddings import encoder
from embeddings.encoder import HashedWords
from opsatlas.cli.session import open_study
from opsatlas.steps import make_snapshots, make_taxonomy, make_texts, run
from opsatlas.topics import topics_parts
from taxonomy import build, ensemble, origin
from taxonomy import taxonomy as module
from taxonomy.decisions import deciding
from taxonomy.decisions.deciding import Signature, record
from taxonomy.engine import find_topics
from taxonomy.names.proposals import Proposals, anchored, read_proposals, switch, write_proposals
from taxonomy.nodes import Topic
from taxonomy.settings import TopicSettings
from taxonomy.taxonomy import Taxonomy

SETTINGS = TopicSettings(runs=8, epochs=50, min_topic_size=5, neighbours=10)
SIGNED = Signature(by="Ada", at=AT)
TEXTS, _ = planted_texts(12)
TITLES = [f"acme/tool-{number}" for number in range(len(TEXTS))]


@pytest.fixture(scope="module")
def built() -> Taxonomy:
    """Return a taxonomy of 48 texts of four themes, in memory."""
    return Taxonomy.build(TEXTS, titles=TITLES, encoder=HashedWords(), settings=SETTINGS)


@pytest.fixture(scope="module")
def folder(built: Taxonomy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that it was saved to."""
    where = tmp_path_factory.mktemp("saved") / "taxonomies" / "mine"
    built.save(where)
    return where


def test_a_taxonomy_in_memory_takes_two_lines(built: Taxonomy) -> None:
    """Topics, categories and documents are data frames, by number and by key."""
    assert list(built.topics.columns)[:4] == ["name", "category", "size", "stability"]
    assert built.topics["size"].sum() == (built.documents["topic"] != NOISE).sum()
    assert set(built.topics["category"]) == set(built.categories.index)
    assert built.documents.index.tolist() == [str(number) for number in range(len(TEXTS))]
    assert built.documents["title"].tolist() == TITLES
    assert built.documents["strength"].between(0, 1).all()
    assert built.documents[["x", "y"]].notna().all(axis=None)
    assert repr(built).startswith("<Taxonomy of 48 documents: 4 topics in ")


def test_the_example_in_the_docstring_runs() -> None:
    """What the class says of itself is so."""
    failed, attempted = doctest.testmod(module)
    assert failed == 0 < attempted


def test_members_are_told_of_a_node_or_by_what_it_is_called(built: Taxonomy) -> None:
    """By the node itself, its address or its name; a category holds what its topics hold."""
    topic = built.topic_nodes[0]
    keys = built.documents.index[built.documents["topic"] == topic.number].tolist()
    named = replace(built, topic_nodes=(replace(topic, name="Mine"), *built.topic_nodes[1:]))
    assert built.members(topic) == built.members("0") == named.members("mine") == keys
    category = built.category_nodes[0]
    inside = [key for t in built.topics_in(category.number) for key in built.members(t)]
    assert sorted(built.members(f"c{category.number}")) == sorted(inside)
    for layer in LAYERS:
        assert built.members_of(layer) == {n.number: built.members(n) for n in built.nodes(layer)}
    with pytest.raises(InputError, match="There is no topic 99"):
        built.members("99")


def test_both_layers_place_every_document(built: Taxonomy) -> None:
    """A document's category is that of its topic; who is in none is in none of both."""
    topics, categories = built.node_of("topics"), built.node_of("categories")
    assert topics == dict(built.topic_of)
    assert categories == {k: built.category_of.get(t, NOISE) for k, t in topics.items()}
    assert built.node("topics", 0) is built.topic_nodes[0]
    assert built.node("topics", NOISE) is None


def test_what_people_hid_is_not_visible() -> None:
    """A hidden topic goes with its documents, its category shrinks; one without topics goes."""
    whole = by_hand([["a", "b"], ["c", "d", "e"], ["f"]], [0, 0, 1], ["u", "v"])
    hidden = replace(whole.topic_nodes[0], hidden=True)
    gone = replace(whole.category_nodes[1], hidden=True)
    changed = replace(
        whole,
        topic_nodes=(hidden, *whole.topic_nodes[1:]),
        category_nodes=(whole.category_nodes[0], gone),
    )
    seen = changed.visible()
    assert [topic.number for topic in seen.topic_nodes] == [1]
    assert [(c.number, c.size) for c in seen.category_nodes] == [(0, 3)]
    assert set(seen.topic_of) == {"c", "d", "e", "u", "v"}
    assert set(seen.nearest_of.values()) == {1, NOISE}
    assert set(seen.category_nodes[0].exemplars) <= {"c", "d", "e"}
    assert changed.node_of("topics", hidden=False)["a"] == NOISE
    assert changed.node_of("topics")["a"] == 0
    assert len(changed.topic_nodes) == 3


def test_visible_nodes_come_largest_first() -> None:
    """Equals come by their number; nothing else changes where nobody hid anything."""
    whole = by_hand([["a"], ["b", "c"], ["d", "e"]], [0, 1, 1], [])
    seen = whole.visible()
    assert [topic.number for topic in seen.topic_nodes] == [1, 2, 0]
    assert [category.number for category in seen.category_nodes] == [1, 0]
    assert sorted(seen.topic_nodes, key=lambda t: t.number) == list(whole.topic_nodes)
    assert (seen.topic_of, seen.nearest_of) == (whole.topic_of, whole.nearest_of)


def test_nodes_are_found_by_what_they_are_about(built: Taxonomy) -> None:
    """A topic's own words find it, and first; a layer or a number of rows can be asked for."""
    for topic in built.topic_nodes:
        found = built.find(" ".join(topic.keywords[:4]), layer="topics")
        assert found.iloc[0]["number"] == topic.number
        assert found["likeness"].is_monotonic_decreasing
    assert set(built.find(TEXTS[0], n=99)["layer"]) == {"topics", "categories"}
    assert len(built.find(TEXTS[0], n=2)) == 2


def test_new_texts_are_placed_or_told_why_not(built: Taxonomy) -> None:
    """A text like a topic's is in it; one of another field, or without words, is in none."""
    topic = built.topic_nodes[0]
    member = TEXTS[int(built.members(topic)[0])]
    places = built.place([member, "zebra giraffe savannah waterhole", ""])
    assert places["topic"].tolist() == [topic.number, NOISE, NOISE]
    assert places["name"][0] == topic.name
    assert places["name"].isna().tolist() == [False, True, True]
    assert places["outcome"].tolist()[0] == "placed"
    assert places["outcome"].tolist()[2] == "wordless"
    assert places["category"].tolist() == [topic.category, NOISE, NOISE]


def test_what_is_saved_is_opened(built: Taxonomy, folder: Path) -> None:
    """Nodes, documents, runs, titles and places are the same from the folder."""
    back = Taxonomy.open(folder, encoder=HashedWords())
    assert back == built
    assert (back.runs == built.runs).all()
    assert back.documents.drop(columns="title", errors="ignore").equals(
        built.documents.drop(columns="title")
    )
    assert back.place(TEXTS[:5]).equals(built.place(TEXTS[:5]))
    assert Taxonomy.open(folder).titles == {}


def test_decisions_are_saved_and_opened_with_it(built: Taxonomy, tmp_path: Path) -> None:
    """What people decided is applied, as it was; without it stands what was found."""
    where, copy = tmp_path / "taxonomies" / "one", tmp_path / "taxonomies" / "two"
    built.save(where)
    record(where, lambda shown, log: deciding.rename(shown, log, SIGNED, "0", "Mine"))
    record(where, lambda shown, log: deciding.hide(shown, log, SIGNED, "1"))
    decided = Taxonomy.open(where)
    assert decided.topics.loc[0, "name"] == "Mine"
    assert [outcome.state for outcome in decided.outcomes] == ["followed", "followed"]
    assert len(decided.visible().topic_nodes) == len(built.topic_nodes) - 1
    assert decided.found == Taxonomy.open(where, decided=False) == built
    decided.save(copy)
    again = Taxonomy.open(copy)
    assert again.topic_nodes == decided.topic_nodes
    assert [each.decision for each in again.outcomes] == [e.decision for e in decided.outcomes]


def test_proposed_names_are_saved_and_opened_with_it(built: Taxonomy, tmp_path: Path) -> None:
    """Shown or kept for later, they are what they were, and a person's name goes before."""
    where, copy = tmp_path / "taxonomies" / "one", tmp_path / "taxonomies" / "two"
    built.save(where)
    proposals = Proposals(
        taxonomy="one",
        shown="service",
        endpoint="http://localhost/v1/chat/completions",
        model="m",
        asked_at=AT,
        proposals=tuple(
            anchored(node, f"Service's {node.layer} {node.number}", built.members(node))
            for layer in LAYERS
            for node in built.nodes(layer)
        ),
    )
    write_proposals(where, proposals)
    record(where, lambda shown, log: deciding.rename(shown, log, SIGNED, "0", "Mine"))
    named = Taxonomy.open(where)
    assert named.topics["name"].tolist()[:2] == ["Mine", "Service's topics 1"]
    named.save(copy)
    again = Taxonomy.open(copy)
    assert again.topic_nodes == named.topic_nodes
    assert again.category_nodes == named.category_nodes
    switch(copy, "documents")
    Taxonomy.open(copy).save(where)
    assert Taxonomy.open(where, decided=False).topic_nodes == built.topic_nodes
    assert read_proposals(where) == proposals.model_copy(update={"shown": "documents"})


def test_a_model_for_bertopic_is_saved_with_it(folder: Path, tmp_path: Path) -> None:
    """It has the topics' names and exemplars, and goes along with every copy."""
    from taxonomy.places.loading import load_bertopic

    saved = Taxonomy.open(folder)
    model = load_bertopic(folder / "model", encoder=HashedWords())
    texts = dict(zip(saved.topic_of, TEXTS, strict=True))
    for topic in saved.topic_nodes:
        assert model.get_representative_docs(topic.number) == [texts[k] for k in topic.exemplars]
        assert model.find_topics(" ".join(topic.keywords[:4]))[0][0] == topic.number
    assert [*saved.topics["name"]] == model.custom_labels_[-len(saved.topics) :]
    saved.save(tmp_path / "taxonomies" / "copy")
    assert hash_files(tmp_path / "taxonomies" / "copy" / "model") == hash_files(folder / "model")


def test_names_may_be_terms_of_a_vocabulary(built: Taxonomy) -> None:
    """A term that a topic's documents say names it as it is written; what nobody says does not."""
    again = Taxonomy.build(
        TEXTS,
        titles=TITLES,
        encoder=HashedWords(),
        settings=SETTINGS,
        vocabulary=["Drift Monitoring", "Quantum pancakes"],
    )
    assert again.topic_of == built.topic_of
    gained = set(again.topics["name"]) - set(built.topics["name"])
    assert gained == {"Drift Monitoring"}


def test_a_folder_is_read_once_until_it_changes(folder: Path) -> None:
    """The same object is handed out; a file that was written anew is read again."""
    first = Taxonomy.open(folder)
    with patch.object(origin, "read_taxonomy", side_effect=AssertionError("read again")):
        assert Taxonomy.open(folder) is first
    path = folder / "map.parquet"
    data = path.read_bytes()
    path.write_bytes(data[:-10])
    try:
        with pytest.raises(ArtifactError):
            Taxonomy.open(folder)
    finally:
        path.write_bytes(data)
    assert Taxonomy.open(folder) == first


def test_a_taxonomy_made_by_hand_says_what_it_lacks() -> None:
    """No runs, no places, no encoder: each is refused in words."""
    made = by_hand([["a", "b"], ["c"]], [0, 0], [])
    for ask in (lambda: made.runs, lambda: made.place(["x"], vectors=np.zeros((1, 2)))):
        with pytest.raises(InputError, match="made by hand"):
            ask()
    with pytest.raises(InputError, match="No encoder is known"):
        made.find("x")
    assert made.documents["strength"].isna().all()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"vectors": np.zeros((5, 8))}, r"an array of shape \(5, 8\) for 48 texts"),
        ({"vectors": np.zeros(48)}, r"an array of shape \(48,\)"),
        ({"vectors": np.full((48, 8), np.nan)}, "numbers that are not finite"),
        ({"keys": ["a"] * 48}, "The key 'a' is there twice"),
        ({"keys": ["a"]}, "There are 48 documents and 1 keys"),
        ({"titles": ["a"]}, "There are 48 documents and 1 titles"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, object], said: str) -> None:
    """Shapes, keys and titles that are not those of the texts are told as such."""
    with pytest.raises(InputError, match=said):
        Taxonomy.build(TEXTS, encoder=HashedWords(), settings=SETTINGS, **given)  # type: ignore[arg-type]


def test_topics_refuse_vectors_of_other_texts() -> None:
    """The message says how many there are of both, and no array library speaks."""
    vectors = HashedWords().encode(TEXTS)
    with pytest.raises(InputError, match=r"There are 48 texts, and vectors of shape \(5, 512\)"):
        find_topics(TEXTS, vectors[:5], SETTINGS)
    with pytest.raises(TooFewDocumentsError):
        Taxonomy.build(TEXTS[:9], encoder=HashedWords())


def test_topics_know_their_layer(built: Taxonomy) -> None:
    """A node says of which layer it is."""
    assert all(isinstance(node, Topic) and node.layer == "topics" for node in built.topic_nodes)
    assert {node.layer for node in built.category_nodes} == {"categories"}


@pytest.fixture
def reads() -> Iterator[Counter[str]]:
    """Return how often each table was read, by the names of its folder and file."""
    found: Counter[str] = Counter()
    read = tables.pq.ParquetFile

    def counted(file: BinaryIO, **options: bool) -> object:
        path = Path(file.name)
        found[f"{path.parent.name}/{path.name}"] += 1
        return read(file, **options)

    with patch.object(tables.pq, "ParquetFile", counted):
        yield found


def test_a_run_reads_a_taxonomy_once_and_loads_one_encoder(
    tmp_path: Path, reads: Counter[str]
) -> None:
    """Whoever holds it in one process: crosswalk and page share what was read and loaded."""
    study = write_study(tmp_path)
    text = study.read_text(encoding="utf-8")
    study.write_text('codebooks = ["mlops-tools"]\n' + text, encoding="utf-8")
    pipeline = open_study(str(study), tmp_path / "ws", progress=SilentProgress())
    encoder._loaded.cache_clear()
    run(pipeline)
    assert encoder._loaded.cache_info().misses == 1
    name = f"{SNAPSHOT}.tools"
    for table in ("assignments", "topics", "categories", "map"):
        assert reads[f"{name}/{table}.parquet"] == 1
    reads.clear()
    run(pipeline)
    assert not any(path.startswith(f"{name}/") for path in reads)
    assert encoder._loaded.cache_info().misses == 1


def test_what_a_later_version_changes_needs_no_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the version rises and runs stay what they were, those of the old taxonomy are used."""
    pipeline = open_study(str(write_study(tmp_path)), tmp_path / "ws", progress=SilentProgress())
    make_snapshots(pipeline)
    before = make_taxonomy(pipeline, "tools")
    monkeypatch.setattr(build, "VERSION", build.VERSION + 1)
    with patch.object(ensemble, "one_run", side_effect=AssertionError("done again")):
        after = make_taxonomy(pipeline, "tools")
        assert (after.key != before.key, after.files) == (True, before.files)
        monkeypatch.setattr(build, "VERSION", build.VERSION + 1)
        monkeypatch.setattr(build, "RUNS_VERSION", build.VERSION)
        with pytest.raises(AssertionError, match="done again"):
            make_taxonomy(pipeline, "tools")


def test_a_large_taxonomy_names_its_runs_in_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of before there were so many is made anew; small ones are as they were."""
    pipeline = open_study(str(write_study(tmp_path)), tmp_path / "ws", progress=SilentProgress())
    make_snapshots(pipeline)
    texts = make_texts(pipeline, "tools")
    parts = replace(topics_parts(pipeline, "tools", texts, only=None), settings=TopicSettings())
    for n_texts, runs, epochs in ((48, None, 100), (2_000, None, 100), (10_000, 80, 50)):
        monkeypatch.setattr(build, "count_texts", lambda _, n_texts=n_texts: n_texts)
        step = build.taxonomy_step(parts, tmp_path / "taxonomy", progress=SilentProgress())
        settings = step.depends_on["settings"]
        assert (settings["runs"], settings["epochs"]) == (runs, epochs)

"""A codebook told to the runs: what it changes, what it leaves alone, and what is said of it."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import opsatlas
from hypothesis import given
from hypothesis import strategies as st
from small_study import KINDS, SNAPSHOT, planted_rows, write_study

from artifacts.errors import ConfigError, InputError
from artifacts.hashing import hash_file
from artifacts.manifest import Manifest
from artifacts.words import NOISE
from configs.codebook import Codebook
from embeddings.encoder import HashedWords
from opsatlas.building import build
from taxonomy.engine import find_topics
from taxonomy.guidance.codes import CodeList, CodeTexts
from taxonomy.guidance.guide import (
    MOST,
    BookReader,
    CodedDocuments,
    Guidance,
    Guide,
    code_by_neighbours,
    weight_of,
)
from taxonomy.settings import TopicSettings
from taxonomy.space import joined_space, neighbour_graph
from taxonomy.taxonomy import Taxonomy
from taxonomy.types import UNSEEN

CAKES = "flour sugar butter oven bake dough cream chocolate frosting vanilla"
FOREIGN = {"cakes": CAKES, "football": "goal pitch referee striker penalty league offside match"}
KNOWN = {kind: words for kind, words in KINDS.items() if kind != "drift"}
FAST = TopicSettings(runs=8)
ENCODER = HashedWords()
CODE_OF = dict(zip("abc", range(3), strict=True)) | {"-": NOISE}
Documents = st.lists(
    st.tuples(st.integers(NOISE, 2), st.floats(0, 1)), min_size=2, max_size=12
)  # a code, and its support
Weights = st.floats(0, 0.9)


def code_texts(name: str, words: str, parent: str | None = None) -> CodeTexts:
    """Return a code that is said in words, and in every four of them that follow."""
    parts = words.split()
    shown = (" ".join(parts[start : start + 4]) for start in range(0, len(parts), 2))
    return CodeTexts(name, name, (words, *shown), parent)


def book_of(kinds: Mapping[str, str]) -> CodeList:
    """Return a codebook with a code for each kind."""
    return CodeList("kinds", "Kinds", 1, tuple(code_texts(*kind) for kind in kinds.items()))


def guide(
    codes: Sequence[int], support: Sequence[float], weight: float, parents: str = "..."
) -> Guide:
    """Return a guide of three codes; ``parents`` are theirs, a point is none."""
    above = {name: code_texts(name, name) for name in parents if name != "."}
    own = tuple(
        code_texts(name, name, None if parent == "." else parent)
        for name, parent in zip("abc", parents, strict=True)
    )
    book = CodeList("three", "Three", 1, own, above)
    return Guide(book, np.array(codes, dtype=np.int32), np.array(support), weight, fit=1.0)


def labels(codes: str) -> np.ndarray:
    """Return letters as labels; a hyphen is in none."""
    return np.array([CODE_OF[code] for code in codes], dtype=np.int32)


def coded(texts: Sequence[str], book: CodeList) -> CodedDocuments:
    """Return documents beside a codebook, among their neighbours."""
    vectors = ENCODER.encode(texts)
    _, view = joined_space(texts, vectors, lexical_weight=0.5, seed=0)
    graph = neighbour_graph(view, neighbours=10, dimensions=5, seed=0)
    return code_by_neighbours(texts, vectors, book, ENCODER.encode, graph.memberships)


def planted(kinds: Mapping[str, str], each: int = 15) -> list[str]:
    """Return documents of each kind, kind after kind."""
    rng = random.Random(5)
    return [" ".join(rng.sample(words.split(), 6)) for words in kinds.values() for _ in range(each)]


@given(Documents, Weights)
def test_two_documents_are_in_as_many_ballots_as_the_lower_support_says(
    documents: list[tuple[int, float]], weight: float
) -> None:
    """Of k ballots, where k is the weight's odds times the runs that saw both; else in none."""
    codes, support = zip(*documents, strict=True)
    runs = np.zeros((40, len(codes)), dtype=np.int32)
    ballots = guide(codes, support, weight).ballots(runs)
    assert len(ballots) == round(weight / (1 - weight) * 40)
    for i, j in np.ndindex(len(codes), len(codes)):
        seen = (ballots[:, i] != UNSEEN) & (ballots[:, j] != UNSEEN)
        expected = 0 if NOISE in (codes[i], codes[j]) else min(support[i], support[j])
        assert abs(seen.sum() - expected * len(ballots)) <= 1
        together = seen & (ballots[:, i] == ballots[:, j])
        assert together.sum() == (seen.sum() if codes[i] == codes[j] else 0)


def test_ballots_count_beside_the_runs_that_saw_both() -> None:
    """Runs that see half of the documents see a quarter of the pairs: so many ballots fewer."""
    half = np.full((80, 20), UNSEEN, dtype=np.int32)
    half[:, :10] = 0
    n_ballots = len(guide([0] * 20, [1.0] * 20, 0.5).ballots(half))
    assert n_ballots == round(80 * (10 * 9) / (20 * 19))


@given(Documents, st.data(), Weights)
def test_a_codebook_never_takes_a_document_from_a_topic(
    documents: list[tuple[int, float]], data: st.DataObject, weight: float
) -> None:
    """What it adds is not negative, at most the odds of its weight, and nothing without a code."""
    codes, support = zip(*documents, strict=True)
    topics = data.draw(
        st.lists(st.integers(NOISE, 2), min_size=len(codes), max_size=len(codes)).filter(max)
    )
    bonus = guide(codes, support, weight).bonus(np.array(topics, dtype=np.int32))
    assert bonus.shape == (len(codes), max(topics) + 1)
    assert bonus.min(initial=0) >= 0
    assert bonus.max(initial=0) <= weight / (1 - weight) + 1e-6
    assert not bonus[np.array(codes) == NOISE].any()


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_the_weight_rises_with_the_fit(one: float, other: float) -> None:
    """It is none below a fit of 0.3, all of it from 0.4 on, and never falls."""
    low, high = sorted((one, other))
    assert 0 <= weight_of(low) <= weight_of(high) <= MOST
    assert weight_of(0.299) == 0 == weight_of(min(low, 0.299))
    assert weight_of(0.4) == MOST == weight_of(max(high, 0.4))


@pytest.mark.parametrize(
    ("of_topic", "code"),
    [
        ("aaaa", "a"),
        ("aab-", "a"),
        ("aa--", "a"),
        ("a---", None),
        ("aabb", "a"),
        ("aabbc", None),
        ("----", None),
    ],
)
def test_a_topic_has_the_code_of_most_of_its_documents(of_topic: str, code: str | None) -> None:
    """If half of them have one at all, and half of these the same; else it is beyond the book."""
    codes = labels(of_topic + "cc")
    topics = np.array([0] * len(of_topic) + [NOISE, NOISE], dtype=np.int32)
    [found] = guide(codes, [1.0] * len(codes), 0.5).codes_of(topics)
    assert (found and found.id) == code


def test_topics_have_the_parents_of_their_codes() -> None:
    """A code without a broader one has none, nor has a topic that is beyond the codebook."""
    topics = np.repeat(np.arange(4, dtype=np.int32), 2)
    found = guide(labels("aabbcc--"), [1.0] * 8, 0.5, parents="xx.").parents_of(topics)
    assert [parent and parent.id for parent in found] == ["x", "x", None, None]


def test_documents_have_the_code_of_their_neighbourhood() -> None:
    """Of two groups each has its own; where all neighbours agree the support is 1."""
    two = {kind: KINDS[kind] for kind in ("serving", "tracking")}
    found = coded(planted(two), book_of(two))
    assert found.codes.tolist() == [0] * 15 + [1] * 15
    assert found.support.min() > 0.9


def test_documents_like_nothing_in_the_book_stay_with_the_runs() -> None:
    """Below the floor they have no code, no support, no ballot, and nothing is added to them."""
    texts = planted({"serving": KINDS["serving"], "tracking": KINDS["tracking"], "cakes": CAKES})
    two = {kind: KINDS[kind] for kind in ("serving", "tracking")}
    topics = np.repeat(np.arange(3, dtype=np.int32), 15)
    found = coded(texts, book_of(two)).guide(topics, weight=0.5)
    assert set(found.codes[30:].tolist()) == {NOISE}
    assert not found.support[30:].any()
    assert (found.ballots(np.zeros((10, 45), dtype=np.int32))[:, 30:] == UNSEEN).all()
    assert not found.bonus(topics)[30:].any()
    assert found.codes_of(topics)[2] is None


def test_a_random_book_leaves_topics_as_they_were() -> None:
    """Codes that have words of all kinds alike say nothing: no weight, the topics of the runs."""
    kinds = [words.split() for words in KINDS.values()]
    dealt = {f"code{n}": " ".join(word for kind in kinds for word in kind[n::4]) for n in range(4)}
    texts = [row["description"] for row in planted_rows()]
    vectors = ENCODER.encode(texts)
    found = find_topics(texts, vectors, FAST, guide_by=BookReader(book_of(dealt), ENCODER.encode))
    assert found.guide is not None
    assert (found.guide.weight, found.unguided) == (0, None)
    alone = find_topics(texts, vectors, FAST)
    assert (found.consensus.topics == alone.consensus.topics).all()


def test_why_topics_are_unguided_is_told_as_it_is() -> None:
    """A codebook that does not fit, and one that a person gave no weight."""
    assert "does not fit" in Guidance("geo", "Maps", 1, 0.0, 0.14).told
    assert "was given no weight" in Guidance("kinds", "Kinds", 1, 0.0, 0.9).told


def value_of(kinds: Mapping[str, str], **head: object) -> Codebook:
    """Return a codebook as a value."""
    codes = [{"id": kind, "name": kind, "definition": words} for kind, words in kinds.items()]
    about = {"name": "kinds", "title": "Kinds", "version": 1} | head
    return Codebook.model_validate({"codebook": about, "codes": codes})


def write_book(path: Path, kinds: Mapping[str, str], more: str = "", layer: str = "tools") -> Path:
    """Write a codebook with a code for each kind, and examples."""
    text = f'[codebook]\nname = "{path.stem}"\ntitle = "Kinds"\nversion = 1\nlayer = "{layer}"\n'
    text += more
    for code in book_of(kinds).codes:
        shown = json.dumps(code.texts[1:])
        text += f'\n[[codes]]\nid = "{code.id}"\nname = "{code.name}"\n'
        text += f'definition = "It is for {code.id}."\nexamples = {shown}\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_notebook_gives_a_book_by_value_or_path(tmp_path: Path) -> None:
    """Both guide, by definitions alone as well; the codes stand in the data frames."""
    texts = planted(KINDS)
    given = {"encoder": "hashed-words", "settings": {"runs": 8}, "progress": False}
    for book in (value_of(KNOWN), write_book(tmp_path / "kinds.toml", KNOWN)):
        guided = build(texts, guide=book, **given)  # type: ignore[arg-type]
        assert guided.unguided is not None
        assert {*guided.topics["code"]} == {*KNOWN, None}
        assert {*guided.categories["code"], *guided.unguided.topics["code"]} == {None}
        assert "Guided by the codebook kinds" in guided._repr_html_()


def test_what_the_runs_find_alone_is_whole_and_kept_with_the_guided(tmp_path: Path) -> None:
    """Opened again it is the same, with memberships of its own; it is saved with the other one."""
    texts = planted(KINDS)
    made = Taxonomy.build(texts, encoder=ENCODER, settings=FAST, guide=book_of(KNOWN))
    made.save(tmp_path / "saved")
    opened = Taxonomy.open(tmp_path / "saved")
    assert made.unguided is not None
    assert opened.unguided is not None
    assert opened.unguided.topics.equals(made.unguided.topics)
    assert opened.unguided.found.topic_nodes == opened.unguided.topic_nodes
    assert opened.unguided.memberships.equals(made.unguided.memberships)
    assert opened.unguided.unguided is None
    with pytest.raises(InputError, match="kept in the guided taxonomy"):
        opened.unguided.save(tmp_path / "alone")


@pytest.mark.parametrize(
    ("book", "kind", "said"),
    [
        ("mlops-tols", InputError, "There is no codebook 'mlops-tols'"),
        ("repository-kinds", InputError, "has several variables: kind, category"),
        (3, InputError, "A guide of type int is no codebook"),
        (value_of(KINDS).model_copy(update={"codes": ()}), InputError, "has no codes"),
        (
            value_of(KINDS).model_copy(
                update={"codes": tuple(
                    code.model_copy(update={"parent": "elsewhere/all"})
                    for code in value_of(KINDS).codes
                )}
            ),
            InputError,
            "names parents in one that is not shipped",
        ),
        ("broken.toml", ConfigError, "codebook"),
    ],
    ids=["unknown", "several variables", "no book", "no codes", "parents", "broken"],
)  # fmt: skip
def test_a_book_that_cannot_guide_is_refused(
    book: Any, kind: type[Exception], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with one message that says why, before anything is encoded."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.toml").write_text("[codebook]\nname = 3\n", encoding="utf-8")
    with pytest.raises(kind, match=said):
        build(planted(KINDS), guide=book)


GOLD = 'gold = ["gold.csv"]\n'


def study(folder: Path, *, guide: str = "known.toml", more: str = "", **given: Any) -> Path:
    """Write a study that a codebook beside it guides, and a list to judge by."""
    write_book(folder / "known.toml", KNOWN)
    rows = [f"{row['full_name']},{row['full_name'][5:9]}" for row in planted_rows()[:40]]
    (folder / "gold.csv").write_text("\n".join(["full_name,category", *rows]), encoding="utf-8")
    return write_study(folder, more=f'guide = "{guide}"\n{GOLD}{more}', **given)


def shown(workspace: Path, *arguments: object) -> str:
    """Run a command on a workspace, which must succeed; return what it printed."""
    done = opsatlas(*arguments, "-w", workspace)
    assert done.code == 0, done.err
    return done.out if "--json" in arguments else " ".join(done.out.split())


def refused(*arguments: object) -> str:
    """Run a command that must be refused; return its one error, on one line."""
    done = opsatlas(*arguments)
    assert (done.code, done.err.count("error: ")) == (2, 1), done.out + done.err
    return " ".join(done.err.split())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace whose tools are guided by a codebook that knows three of four kinds."""
    folder = tmp_path_factory.mktemp("guided")
    shown(folder / "ws", "run", study(folder))
    return folder / "ws"


def test_a_guided_taxonomy_says_by_what_and_shows_codes(workspace: Path) -> None:
    """In the tree, in the flat table, of one topic, and as JSON; what is beyond is marked."""
    for how in ((), ("--flat",)):
        assert "Guided by the codebook known: " in shown(workspace, "taxonomy", "show", *how)
        said = shown(workspace, "taxonomy", "show", *how, "--how-sure")
        assert "Guided by the codebook known, version 1, with weight 0.50" in said
        assert "beyond the codebook" in said.lower()
    data = json.loads(shown(workspace, "taxonomy", "show", "--json"))
    assert {topic["code"] for topic in data["topics"]} == {*KNOWN, None}
    assert (data["guidance"]["book"], data["guidance"]["weight"]) == ("known", 0.5)
    assert "guided by known" in shown(workspace, "status")
    one = next(topic for topic in data["topics"] if topic["code"] == "serving")
    assert "Code: serving" in shown(workspace, "taxonomy", "show", one["number"])


def test_what_the_runs_find_alone_is_shown(workspace: Path) -> None:
    """The tree, the flat table and one node of it, without codes, and without the codebook."""
    for how in ((), ("--flat",), ("0",), ("0", "--flat"), ("-1",)):
        done = opsatlas("taxonomy", "show", "--unguided", *how, "-w", workspace)
        nothing = how == ("-1",) and "No document is unplaced" in done.err
        assert done.code == 0 or nothing, done.err
        assert "codebook" not in done.out
    data = json.loads(shown(workspace, "taxonomy", "show", "--unguided", "--json"))
    assert {topic["code"] for topic in data["topics"]} == {None}
    assert data["guidance"] is None


def test_both_are_judged(workspace: Path) -> None:
    """List by list, with one sentence on what a gain means; so in the exported table."""
    said = shown(workspace, "taxonomy", "evaluate")
    assert "gold, unguided" in said
    assert "agreement with the scheme of the codebook" in said
    data = json.loads(shown(workspace, "taxonomy", "evaluate", "--json"))
    assert [each["name"] for each in data["unguided"]] == ["gold"]
    assert data["mean_ami_unguided"] == data["unguided"][0]["ami"]["value"]
    assert len(data["notes"]) == 1
    shown(workspace, "export", "evaluation", "taxonomy", "--format", "csv")
    folder = workspace / "reports" / "export"
    assert "tools,unguided,gold" in (folder / "evaluation.csv").read_text(encoding="utf-8")
    assert ",serving," in (folder / "taxonomy-tools.csv").read_text(encoding="utf-8")


def test_the_page_shows_both(workspace: Path) -> None:
    """By what the topics are guided, what is beyond it, and what the runs find alone, folded."""
    page = (workspace / "reports" / "atlas" / "index.html").read_text(encoding="utf-8")
    assert "Guided by the codebook known, version 1, with weight 0.50" in page
    assert 'class="beyond">beyond the codebook</span>' in page
    assert '<details class="unguided"><summary>What the same runs find without' in page
    assert "agreement with the scheme of the codebook" in page


def test_the_fit_is_measured_beside_the_unguided_topics(workspace: Path) -> None:
    """So it is the fit that the weight is from; beside guided topics it would be circular."""
    guidance = json.loads(shown(workspace, "taxonomy", "show", "--json"))["guidance"]
    data = json.loads(shown(workspace, "codebook", "fit", "known.toml", "--json"))
    assert data["fit"] / data["most"] == pytest.approx(guidance["fit"])
    assert any("show --unguided" in note for note in data["notes"])


def test_what_people_made_is_not_called_beyond_the_codebook(
    workspace: Path, tmp_path: Path
) -> None:
    """Of a topic that was joined no codebook was asked: it has no code, and none is missed."""
    folder = study(tmp_path).parent
    shown(folder / "ws", "run", folder / "study.toml")
    data = json.loads(shown(workspace, "taxonomy", "show", "--json"))
    known = [topic["number"] for topic in data["topics"] if topic["code"]][:2]
    joined = opsatlas("taxonomy", "merge", *known, "--name", "Both", "-w", folder / "ws")
    assert joined.code == 0, joined.err
    data = json.loads(shown(folder / "ws", "taxonomy", "show", "--json"))
    both = next(str(topic["number"]) for topic in data["topics"] if topic["name"] == "Both")
    told = opsatlas("taxonomy", "show", "--how-sure", "-w", folder / "ws").out
    [line] = [line for line in told.splitlines() if line.startswith("Beyond the codebook")]
    assert both not in line.rstrip(".").split(": ")[1].split(", ")


def test_a_guide_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    """It is said wherever the taxonomy is shown, and there is nothing beside it."""
    write_book(tmp_path / "foreign.toml", FOREIGN)
    workspace = tmp_path / "ws"
    shown(workspace, "run", study(tmp_path, guide="foreign.toml"))
    unfit = "The codebook foreign does not fit the documents"
    assert unfit in shown(workspace, "taxonomy", "show")
    assert "unguided" not in shown(workspace, "taxonomy", "evaluate")
    assert unfit in (workspace / "reports" / "atlas" / "index.html").read_text(encoding="utf-8")
    assert unfit in refused("taxonomy", "show", "--unguided", "-w", workspace)


def test_guided_and_unguided_are_not_compared(tmp_path: Path) -> None:
    """Where the guide fits one of two snapshots alone, what differs may be the codebook."""
    rows = [
        {"full_name": f"acme/{number}", "description": text}
        for number, text in enumerate(planted(FOREIGN, each=30))
    ]
    lines = [json.dumps(row) + "\n" for row in rows]
    (tmp_path / "later.jsonl").write_text("".join(lines), encoding="utf-8")
    later = SNAPSHOT.replace("2024", "2025")
    source = f'kind = "repositories"\nfiles = ["later.jsonl"]\nsnapshot = "{later}"\n'
    path = study(tmp_path, more=f"[[sources]]\n{source}")
    shown(tmp_path / "ws", "run", path)
    said = refused("compare", SNAPSHOT, later, "-w", tmp_path / "ws")
    assert "is guided by known, version 1" in said
    assert "guided by none: what differs may be the codebook" in said


def test_a_list_does_not_judge_the_book_that_was_made_from_it(tmp_path: Path) -> None:
    """Neither a command nor the page nor an export: nothing is made of what proves nothing."""
    path = study(tmp_path)
    gold = tmp_path / "gold.csv"
    source = f'[source]\nlist = "gold.csv"\nsha256 = "{hash_file(gold)}"\n'
    why = "The codebook 'known' was made from this list"
    write_book(tmp_path / "known.toml", KNOWN, more=source)
    workspace = tmp_path / "ws"
    assert why in refused("run", path, "-w", workspace)
    path.write_text(path.read_text(encoding="utf-8").replace(GOLD, ""), encoding="utf-8")
    shown(workspace, "run", path)
    assert why in refused("taxonomy", "evaluate", "--gold", gold, "-w", workspace)
    path.write_text(path.read_text(encoding="utf-8") + GOLD, encoding="utf-8")
    opsatlas("run", path, "-w", workspace)  # refused, but the study is remembered
    for asked in (("run",), ("taxonomy", "evaluate"), ("export", "evaluation")):
        assert why in refused(*asked, "-w", workspace)


@pytest.mark.parametrize(
    ("guide", "said"),
    [
        ("lost", "There is no codebook 'lost'"),
        ("others.toml", "The codebook 'others' is for themes, not for tools"),
        ("repository-kinds", "has several variables"),
    ],
)
def test_a_guide_of_no_use_is_refused_before_any_work(
    guide: str, said: str, tmp_path: Path
) -> None:
    """One that is not there, one for another corpus, one that asks several questions."""
    write_book(tmp_path / "others.toml", KNOWN, layer="themes")
    path = study(tmp_path, guide=guide)
    assert said in refused("run", path, "-w", tmp_path / "ws")
    assert not (tmp_path / "ws" / "snapshots").exists()


def test_codes_may_be_read_by_another_encoder(tmp_path: Path) -> None:
    """Then its vectors are kept beside those of the topics, and the guide is made anew."""
    workspace = tmp_path / "ws"
    shown(workspace, "run", study(tmp_path))
    before = Manifest.read(workspace / "taxonomies" / f"{SNAPSHOT}.tools")
    codes = '\n[codes]\nmodel = "all-MiniLM-L6-v2"\n'
    shown(workspace, "run", study(tmp_path, more=codes))
    after = Manifest.read(workspace / "taxonomies" / f"{SNAPSHOT}.tools")
    assert before.model == after.model
    assert before.key != after.key
    kept = [path.name for path in (workspace / "vectors").iterdir() if path.is_dir()]
    assert len(kept) == 2

"""People's decisions: what every sequence of them keeps to, with rebuilds in between."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations, product
from pathlib import Path

import pytest
from deciding_people import ACTIONS, AT, decide, random_taxonomy, rebuilt, renumbered, structure
from deciding_people import taxonomy as planted
from hypothesis import given
from hypothesis import strategies as st

from artifacts.errors import InputError
from artifacts.words import LAYERS, NOISE, Layer
from taxonomy.decisions import deciding
from taxonomy.decisions.deciding import Signature, added
from taxonomy.decisions.decision_file import as_toml, overrides_path
from taxonomy.decisions.decisions import (
    AnyDecision,
    Hide,
    Log,
    Merge,
    MoveDocuments,
    MoveTopics,
    Note,
    Part,
    Rename,
    Split,
    Unhide,
)
from taxonomy.decisions.draft import FOLLOWED, jaccard
from taxonomy.decisions.overrides import DecisionOutcome, replay
from taxonomy.taxonomy import Taxonomy

NAME = "2024-01-01.tools.tools"
SIGN = Signature(by="Ada", at=AT)
STEPS = st.lists(st.sampled_from([*ACTIONS, "rebuild", "renumber"]), min_size=1, max_size=12)
SEEDS = st.integers(0, 10**6)


def history(seed: int, steps: list[str]) -> tuple[Taxonomy, Log]:
    """Return the last taxonomy found and the log, after these steps at random."""
    rng = random.Random(seed)
    found, log = random_taxonomy(rng, rng.randint(8, 24)), Log(taxonomy=NAME)
    for step in steps:
        if step == "rebuild":
            found = rebuilt(rng, found)
        elif step == "renumber":
            found = renumbered(rng, found)
        else:
            log = decide(rng, step, found, log)
    return found, log


def check_whole(found: Taxonomy, shown: Taxonomy) -> None:
    """Every document is in one topic or unplaced, every topic in a category, nothing is empty."""
    assert list(shown.topic_of) == list(found.topic_of)
    topics = {topic.number: topic for topic in shown.topic_nodes}
    categories = {category.number: category for category in shown.category_nodes}
    assert len(topics) == len(shown.topic_nodes)
    assert set(shown.topic_of.values()) <= {*topics, NOISE}
    assert set(shown.nearest_of.values()) <= {*topics, NOISE}
    assert {topic.category for topic in shown.topic_nodes} == set(categories)
    for layer in ("topics", "categories"):
        members = shown.members_of(layer)
        nodes = shown.nodes(layer)
        assert all(node.size == len(members[node.number]) > 0 for node in nodes)
        assert all(set(node.exemplars) <= set(members[node.number]) for node in nodes)
        assert all(len(node.keywords) == len(node.weights) for node in nodes)
        names = [node.name.casefold() for node in nodes]
        assert len(set(names)) == len(names)
        assert [node.number for node in nodes] == sorted(node.number for node in nodes)


@given(SEEDS, STEPS)
def test_documents_are_conserved_whatever_is_decided(seed: int, steps: list[str]) -> None:
    """After any sequence of decisions and rebuilds the taxonomy is whole, its names distinct."""
    found, log = history(seed, steps)
    check_whole(found, replay(found, log))


@given(SEEDS, STEPS)
def test_a_replay_gives_the_same_again(seed: int, steps: list[str]) -> None:
    """The same file over the same taxonomy gives the same taxonomy and the same outcomes."""
    found, log = history(seed, steps)
    assert replay(found, log) == replay(found, log)


@given(SEEDS, STEPS)
def test_an_unrelated_rebuild_changes_nothing(seed: int, steps: list[str]) -> None:
    """Under other numbers the same documents are together, by the same names and notes."""
    found, log = history(seed, steps)
    other = renumbered(random.Random(seed + 1), found)
    one, two = replay(found, log), replay(other, log)
    assert structure(one) == structure(two)
    assert [each.state for each in one.outcomes] == [each.state for each in two.outcomes]


@given(SEEDS, STEPS)
def test_every_decision_has_effect_or_is_listed_as_lost(seed: int, steps: list[str]) -> None:
    """One outcome an entry; followed: what it asks for holds; else there is a reason."""
    found, log = history(seed, steps)
    decided = replay(found, log)
    assert [each.decision for each in decided.outcomes] == list(log.decisions)
    assert len({each.id for each in log.decisions}) == len(log.decisions)
    for number, outcome in enumerate(decided.outcomes):
        assert (outcome.state in ("partly", "lost")) == bool(outcome.losses)
        assert (outcome in decided.lost) == bool(outcome.losses)
        assert (outcome.state == "undone") == (outcome.decision.undone is not None)
        if outcome.state == "followed":
            until = log.model_copy(update={"decisions": log.decisions[: number + 1]})
            before = until.model_copy(update={"decisions": log.decisions[:number]})
            check_holds(replay(found, before), replay(found, until), outcome)
        gone = {key for key in mentioned(outcome.decision) if key not in found.topic_of}
        assert outcome.state == "undone" or gone <= set(outcome.gone) | taken_as_gone(outcome)


def taken_as_gone(outcome: DecisionOutcome) -> set[str]:
    """Return the keys of an entry that is lost before its own are looked at: a name is taken."""
    return set(mentioned(outcome.decision)) if outcome.state == "lost" else set()


def mentioned(decision: AnyDecision) -> list[str]:
    """Return all keys that an entry names its nodes and documents by."""
    keys = [key for anchor in decision.anchors for key in anchor]
    if isinstance(decision, MoveTopics):
        keys += decision.to
    if isinstance(decision, MoveDocuments):
        keys += decision.documents
    return keys


def check_holds(before: Taxonomy, after: Taxonomy, outcome: DecisionOutcome) -> None:
    """Check that what a followed entry asks for holds right after it."""
    decision = outcome.decision
    layer = decision.layer
    members = after.members_of(layer)
    meant = [
        node
        for anchor in decision.anchors
        for node in after.nodes(layer)
        if jaccard(anchor, members[node.number]) >= FOLLOWED
    ]
    match decision:
        case Rename():
            named = next(node for node in after.nodes(layer) if node.name == decision.name)
            assert named in meant
            assert named.named_by == "person"
        case Hide() | Unhide():
            assert any(node.hidden == isinstance(decision, Hide) for node in meant)
        case Note():
            assert any(decision.text in node.notes for node in meant)
        case MoveDocuments():
            targets = {after.topic_of[key] for key in decision.documents}
            assert len(targets) == 1
            assert (targets == {NOISE}) == (not decision.anchors)
            assert set(decision.documents) <= after.moved
        case MoveTopics():
            held = [set(keys) for keys in after.members_of("categories").values()]
            topics = [set(keys) for keys in before.members_of("topics").values()]
            for anchor in decision.anchors:
                topic = max(topics, key=lambda keys: jaccard(anchor, keys))
                assert any(topic <= keys for keys in held)
        case Merge():
            joined = [like(before, layer, anchor) for anchor in decision.anchors]
            assert any(set().union(*joined) <= set(keys) for keys in members.values())
            assert sum(map(bool, joined)) >= 2 or "joined them already" in outcome.notices[0]
        case Split():
            old, new = places(before, layer), places(after, layer)
            pairs = [
                (one, other)
                for first, second in combinations(decision.parts, 2)
                for one, other in product(first.documents, second.documents)
                if {one, other} <= new.keys()
            ]
            assert any(new[one] != new[other] for one, other in pairs)
            parted = any(old.get(a) == old.get(b) and new[a] != new[b] for a, b in pairs)
            assert parted or "parted them already" in outcome.notices[0]


def like(shown: Taxonomy, layer: Layer, anchor: Sequence[str]) -> set[str]:
    """Return the documents of the node that an anchor means, none where it means none."""
    nodes = shown.members_of(layer).values()
    meant = [set(keys) for keys in nodes if jaccard(anchor, keys) >= FOLLOWED]
    return min(meant, key=min, default=set())


def places(shown: Taxonomy, layer: Layer) -> dict[str, int]:
    """Return the node of each document that is in one."""
    return {key: number for number, keys in shown.members_of(layer).items() for key in keys}


@given(SEEDS, STEPS)
def test_nothing_that_was_followed_vanishes_in_silence(seed: int, steps: list[str]) -> None:
    """A note or name by a person is shown in the end, or a later entry tells what became of it."""
    found, log = history(seed, steps)
    decided = replay(found, log)
    nodes = [node for layer in LAYERS for node in decided.nodes(layer)]
    for number, outcome in enumerate(decided.outcomes):
        later = decided.outcomes[number + 1 :]
        told = " ".join(notice for each in later for notice in each.notices)
        match outcome.decision:
            case Note(text=text) if outcome.state == "followed":
                assert text in told or any(text in node.notes for node in nodes)
            case Rename(name=name) if outcome.state == "followed":
                again = any(renames(each) for each in later)
                assert f'"{name}"' in told or again or name in {node.name for node in nodes}


def renames(outcome: DecisionOutcome) -> bool:
    """Tell whether an entry that has effect gives a name by itself."""
    decision = outcome.decision
    has_name = isinstance(decision, Rename | Merge) and decision.name is not None
    return has_name and outcome.state in ("followed", "partly")


@given(SEEDS, STEPS)
def test_what_is_written_is_read(seed: int, steps: list[str]) -> None:
    """The file says what the log says, in the same bytes when written again."""
    _, log = history(seed, steps)
    folder = Path("/nowhere") / NAME
    assert read_back(as_toml(log), folder) == log


def read_back(text: str, folder: Path) -> Log:
    """Return the log that a text holds."""
    import tomllib

    from taxonomy.decisions.decision_file import checked_log

    return checked_log(tomllib.loads(text), text, overrides_path(folder))


@given(SEEDS, STEPS)
def test_what_a_person_writes_into_the_file_stays(seed: int, steps: list[str]) -> None:
    """Comments, order of keys and forms of values outlive every entry added and undone."""
    rng = random.Random(seed)
    found, log = random_taxonomy(rng, 12), Log(taxonomy=NAME)
    text, comments = as_toml(log), []
    for step in steps:
        log = decide(rng, step, found, log) if step in ACTIONS else log
        text = as_toml(log, text)
        assert read_back(text, Path(NAME)) == log
        assert [line for line in text.splitlines() if line.startswith("# comment")] == comments
        lines = text.split("\n")
        places = [n for n, line in enumerate(lines) if not line]
        lines.insert(rng.choice(places), f"# comment {len(comments)}")
        comments = [line for line in lines if line.startswith("# comment")]
        text = "\n".join(lines).replace('layer = "topics"', "layer  =  'topics' # mine")


COMMENTED = """\
# Ours.
taxonomy = '{name}'   # before the version
version = 1

# Why the first.
[[decisions]]
layer = "topics"
id = 1 # counted
by = "Ada"
at = 2026-01-02T03:04:05Z
action = "hide"
anchors = [["a", "b"]] # both
# Ends the first.

# Why the second.
[[decisions]]
id = 2
layer = "topics"
by = "Ada"
at = 2026-01-02T03:04:05Z
action = "note"
text = "seen"
anchors = [["c"]]
"""


def test_an_entry_is_undone_in_its_place() -> None:
    """One line more in the entry, and nothing else: not even a comment is after another line."""
    text = COMMENTED.format(name=NAME)
    log = read_back(text, Path(NAME))
    assert as_toml(log, text) == text
    undone, _ = log.undoing(1, by="Bob", at=AT)
    line = 'undone = {by = "Bob", at = 2026-01-02T03:04:05Z}\n'
    both = '"b"]] # both\n'
    assert as_toml(undone, text) == text.replace(both, both + line)
    assert as_toml(undone, as_toml(undone, text)) == as_toml(undone, text)
    second, _ = undone.undoing(2, by="Bob", at=AT)
    assert as_toml(second, as_toml(undone, text)) == text.replace(both, both + line) + line


def test_entries_in_another_form_are_written_anew() -> None:
    """A list of entries on one line is read, and becomes tables when one is added."""
    entry = '{id = 1, action = "hide", layer = "topics", by = "A", at = 2026-01-02T03:04:05Z, '
    text = f'version = 1\ntaxonomy = "{NAME}"\ndecisions = [{entry}anchors = [["a"]]}}]\n'
    log = read_back(text, Path(NAME))
    undone, _ = log.undoing(1, by="B", at=AT)
    assert as_toml(undone, text) == as_toml(undone)
    assert read_back(as_toml(undone, text), Path(NAME)) == undone


@given(st.text(min_size=1, max_size=30))
def test_any_name_survives_the_file_or_is_refused(text: str) -> None:
    """Quotes, brackets, emoji and newlines come back as they went in, or never go in."""
    found = planted([["a", "b"], ["c"]], [0, 0], [])
    log = Log(taxonomy=NAME)
    try:
        log, done = added(found, log, lambda *state: deciding.rename(*state, SIGN, "0", text))
    except InputError:
        return
    assert read_back(as_toml(log), Path(NAME)) == log
    assert done.after.topic_nodes[0].name == text.strip()
    assert done.after.topic_nodes[0].name.isprintable() or not text.isascii()


def test_what_is_left_keeps_its_number() -> None:
    """Merged keeps the largest part's number, parts get new ones, all others stay."""
    found = planted([["a"], ["b", "c", "d"], ["e", "f"]], [0, 0, 1], ["g"])
    log = Log(taxonomy=NAME)
    log, done = added(found, log, lambda *state: deciding.merge(*state, SIGN, ["0", "1"], None))
    assert [topic.number for topic in done.after.topic_nodes] == [1, 2]
    assert done.after.topic_nodes[0].stability is None
    parts = [
        Part(name="x", named_by="documents", documents=("b", "c")),
        Part(name="y", named_by="documents", documents=("a", "d")),
    ]
    whole = done.after.topic_nodes[0]
    _, done = added(found, log, lambda *state: deciding.split(*state, SIGN, whole, parts))
    assert [topic.number for topic in done.after.topic_nodes] == [2, 3, 4]
    assert done.after.topic_of["g"] == NOISE


def test_a_merge_is_told_by_the_words_of_its_parts() -> None:
    """Weights count by size, exemplars come in turn, the larger part's first."""
    found = planted([["a", "b"], ["c", "d", "e", "f"]], [0, 1], [])
    _, done = added(
        found, Log(taxonomy=NAME), lambda *state: deciding.merge(*state, SIGN, ["0", "1"], None)
    )
    (topic,) = done.after.topic_nodes
    assert topic.keywords == ("c", "a", "d")
    assert topic.weights == pytest.approx((4 / 6, 2 / 6, 2 / 6))
    assert topic.exemplars == ("c", "a", "d")
    (category,) = done.after.category_nodes
    assert (category.number, category.size, category.stability) == (1, 6, None)


def test_stability_stays_while_nine_in_ten_documents_do() -> None:
    """A document more among many leaves the figure; among few it takes it away."""
    found = planted([[f"m{n:02}" for n in range(20)], ["x", "y"]], [0, 1], ["u", "v"])
    log = Log(taxonomy=NAME)
    for key, topic in (("u", "0"), ("v", "1")):
        move = lambda *state, k=key, t=topic: deciding.move_documents(*state, SIGN, [k], t)  # noqa: E731
        log, done = added(found, log, move)
    assert [topic.stability for topic in done.after.topic_nodes] == [0.9, None]


def test_a_rebuild_that_does_what_a_person_did_is_no_loss() -> None:
    """Topics that are joined, or parted, without us count as joined, or parted."""
    apart = planted([["a", "b"], ["c", "d"], ["e"]], [0, 0, 1], [])
    joined = planted([["a", "b", "c", "d"], ["e"]], [0, 1], [])
    log, _ = added(
        apart, Log(taxonomy=NAME), lambda *state: deciding.merge(*state, SIGN, ["0", "1"], "Both")
    )
    (outcome,) = replay(joined, log).outcomes
    assert (outcome.state, outcome.notices) == ("followed", ("a rebuild has joined them already",))
    assert replay(joined, log).topic_nodes[0].name == "Both"
    parts = [
        Part(name="One", named_by="person", documents=("a", "b")),
        Part(name="Two", named_by="person", documents=("c", "d")),
    ]
    log, _ = added(
        joined,
        Log(taxonomy=NAME),
        lambda *state: deciding.split(*state, SIGN, joined.topic_nodes[0], parts),
    )
    decided = replay(apart, log)
    assert decided.outcomes[0].state == "followed"
    assert [topic.name for topic in decided.topic_nodes] == ["One", "Two", "about e"]


def test_what_is_lost_says_what_comes_nearest() -> None:
    """Below half of the documents in common the entry is lost, and names the best candidate."""
    found = planted([["a", "b", "c"], ["d"]], [0, 1], [])
    log, _ = added(
        found, Log(taxonomy=NAME), lambda *state: deciding.rename(*state, SIGN, "0", "Mine")
    )
    now = planted([["a", "x", "y", "z"], ["d"]], [0, 1], ["b"])
    decided = replay(now, log)
    (lost,) = decided.lost
    assert lost.gone == ("c",)
    assert str(lost.losses[0]) == (
        'no topic is like "about a" any more (most like it: 0 "about a", Jaccard 0.17)'
    )
    assert decided.topic_nodes == now.topic_nodes


def test_documents_by_a_name_that_two_have_are_refused() -> None:
    """The keys to choose from are named; keys and other names lead to one document."""
    found = planted([["a", "b"]], [0], [])
    names = {"same": {"a", "b"}, "a": {"a"}, "gone": {"x"}}
    assert deciding.find_documents(found, names, ["A ", "a"]) == ["a"]
    with pytest.raises(InputError, match="may be any of 2 documents") as refused:
        deciding.find_documents(found, names, ["Same"])
    assert "a, b" in str(refused.value)
    with pytest.raises(InputError, match="no document 'gone'"):
        deciding.find_documents(found, names, ["gone"])


def test_documents_new_since_a_split_go_with_the_largest_part() -> None:
    """Who came later is in a part, who left is not, and that is told."""
    found = planted([["a", "b", "c", "d"], ["e"]], [0, 1], [])
    parts = [
        Part(name="x", named_by="documents", documents=("a", "b", "c")),
        Part(name="y", named_by="documents", documents=("d",)),
    ]
    log, _ = added(
        found,
        Log(taxonomy=NAME),
        lambda *state: deciding.split(*state, SIGN, found.topic_nodes[0], parts),
    )
    now = planted([["a", "b", "d", "new"], ["e", "c"]], [0, 1], [])
    decided = replay(now, log)
    members = decided.members_of("topics")
    assert sorted(map(sorted, members.values())) == [["a", "b", "new"], ["c", "e"], ["d"]]
    told = "1 documents that were not there then are with the largest part"
    assert decided.outcomes[0].notices == (told,)


def test_what_people_said_of_a_node_goes_where_its_documents_go() -> None:
    """Notes follow into a merge or move; a name or a hiding that ends with it is told."""
    found = planted([["a"], ["b", "c"], ["d", "e"]], [0, 0, 1], [])
    log = Log(taxonomy=NAME)
    for make in (
        lambda *state: deciding.note(*state, SIGN, "0", "of a"),
        lambda *state: deciding.rename(*state, SIGN, "0", "A"),
        lambda *state: deciding.hide(*state, SIGN, "2"),
        lambda *state: deciding.rename(*state, SIGN, "1", "B"),
        lambda *state: deciding.note(*state, SIGN, "2", "of d"),
        lambda *state: deciding.note(*state, SIGN, "c1", "of the category"),
        lambda *state: deciding.move_documents(*state, SIGN, ["a"], "1"),
        lambda *state: deciding.merge(*state, SIGN, ["1", "2"], "All"),
    ):
        log, done = added(found, log, make)
    assert done.after.topic_nodes[0].notes == ("of a", "of d")
    moved, merged = done.after.outcomes[-2:]
    assert moved.notices == ('0 "A" has nothing left and is gone; its notes are with 1 "B"',)
    assert merged.notices == (
        'no longer hidden: 2 "about d"',
        'c1 "about d" has nothing left and is gone; its notes are with c0 "about a"',
    )
    assert done.after.category_nodes[0].notes == ("of the category",)
    assert not done.after.topic_nodes[0].hidden
    both_hidden = Log(taxonomy=NAME)
    for make in (
        lambda *state: deciding.hide(*state, SIGN, "0"),
        lambda *state: deciding.hide(*state, SIGN, "1"),
        lambda *state: deciding.merge(*state, SIGN, ["0", "1"], None),
    ):
        both_hidden, done = added(found, both_hidden, make)
    assert done.after.topic_nodes[0].hidden


def test_a_name_that_gives_way_is_told() -> None:
    """A merge keeps a person's name before words; of two such names, the smaller part's is told."""
    found = planted([["a"], ["b", "c"], ["d", "e", "f"]], [0, 0, 1], [])
    log = Log(taxonomy=NAME)
    for node, name in (("0", "A"), ("1", "B")):
        rename = lambda *state, n=node, m=name: deciding.rename(*state, SIGN, n, m)  # noqa: E731
        log, _ = added(found, log, rename)
    _, done = added(found, log, lambda *state: deciding.merge(*state, SIGN, ["0", "1", "2"], None))
    (topic,) = done.after.topic_nodes
    assert (topic.number, topic.name) == (2, "B")
    assert done.outcome.notices == ('a name that a person gave is given up: "A"',)


def test_a_moved_document_that_is_gone_is_listed_as_lost() -> None:
    """The others are moved all the same."""
    found = planted([["a", "b"], ["c", "d"]], [0, 0], ["e", "f"])
    log, _ = added(
        found,
        Log(taxonomy=NAME),
        lambda *state: deciding.move_documents(*state, SIGN, ["e", "f"], "1"),
    )
    now = planted([["a", "b"], ["c", "d"]], [0, 0], ["f"])
    decided = replay(now, log)
    (outcome,) = decided.outcomes
    assert (outcome.state, outcome.gone) == ("partly", ("e",))
    assert str(outcome.losses[0]) == "not there any more: e"
    assert decided.topic_of["f"] == 1
    assert decided.moved == {"f"}


def test_two_equal_halves_are_told_apart_by_their_keys() -> None:
    """A decision about a node that fell into halves goes with the first key, not number."""
    found = planted([["a", "b", "c", "d"], ["e"]], [0, 1], [])
    log, _ = added(
        found, Log(taxonomy=NAME), lambda *state: deciding.rename(*state, SIGN, "0", "Mine")
    )
    for halves in ([["a", "b"], ["c", "d"], ["e"]], [["c", "d"], ["a", "b"], ["e"]]):
        decided = replay(planted(halves, [0, 0, 1], []), log)
        named = next(topic for topic in decided.topic_nodes if topic.name == "Mine")
        assert decided.members_of("topics")[named.number] == ["a", "b"]

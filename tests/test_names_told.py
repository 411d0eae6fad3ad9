"""Names by codes, purposes before technologies, wishes, and the sentence that describes a node."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from test_naming import AGENTS, SEARCHES, STORES, said_by, words_of

from artifacts.errors import ArtifactError
from embeddings.encoder import HashedWords
from taxonomy.names.candidates import MOST_WORDS, content_words
from taxonomy.names.codes import NodeCode, NodeCodes
from taxonomy.names.describing import MOST_WORDS as MOST_WORDS_TOLD
from taxonomy.names.naming import FILE, SHARED_BY, Names, name_layers, read_names, write_names
from taxonomy.names.vocabulary import listed_words

SERVING = NodeCode("serving", "Model serving", "Packages models and answers requests with them.")
STORING = NodeCode("store", "Feature store", "Keeps features that models are trained with.")

GPUS = [
    f"{name} answers requests by GPU inference, {how}"
    for name, how in (
        ("Alpha", "with batching of requests."),
        ("Beta", "and batching."),
        ("Gamma", "for large models."),
        ("Delta", "with batching on Kubernetes."),
    )
]
ENDPOINTS = [
    f"{name} puts models behind REST endpoints, {how}"
    for name, how in (
        ("Epsilon", "with canary releases."),
        ("Zeta", "and canary releases."),
        ("Eta", "on Kubernetes."),
        ("Theta", "with autoscaling."),
    )
]
TEXTS = [*GPUS, *ENDPOINTS, *STORES]
TITLES = [f"o{n}/tool{n}" for n in range(len(TEXTS))]
TOPICS = [0] * 4 + [1] * 4 + [2] * 4


def named(
    texts: Sequence[str],
    topics: Sequence[int],
    categories: Sequence[int],
    codes: NodeCodes | None = None,
    titles: Sequence[str] | None = None,
) -> Names:
    """Name both layers, the first members being the exemplars."""
    layers = {"topics": np.array(topics, np.int32), "categories": np.array(categories, np.int32)}
    return name_layers(
        texts,
        HashedWords().encode(texts),
        layers["topics"],
        layers["categories"],
        titles=titles or [f"o{n}/tool{n}" for n in range(len(texts))],
        encode=HashedWords().encode,
        codes=codes,
        exemplars={
            "topics": [np.flatnonzero(layers["topics"] == n).tolist() for n in set(topics)],
            "categories": [
                np.flatnonzero(layers["categories"] == n).tolist() for n in set(categories)
            ],
        },
    )


def test_a_code_names_its_node_and_what_tells_it_apart_is_added() -> None:
    """One node of a code has its name; several have it with what each says and the others not."""
    codes = NodeCodes((SERVING, SERVING, STORING), (None, None))
    found = named(TEXTS, TOPICS, [0] * 8 + [1] * 4, codes)
    one, other, store = (each.name for each in found.topics)
    assert store == "Feature store"
    assert one.startswith("Model serving: ") and other.startswith("Model serving: ")
    for name, members, rest in ((one, GPUS, ENDPOINTS), (other, ENDPOINTS, GPUS)):
        added = words_of(name.partition(": ")[2])
        assert all(said_by(word, members) >= SHARED_BY for word in added)
        assert all(said_by(word, members) > said_by(word, rest) for word in added)
    assert [each.code for each in found.topics] == ["serving", "serving", "store"]
    assert all(each.meets_share for each in found.topics)
    assert all(len(content_words(each.name)) <= MOST_WORDS for each in found.topics)


def test_nodes_of_one_code_that_say_the_same_still_have_two_names() -> None:
    """Where nothing tells them apart, no name is given twice."""
    texts = [*STORES, *STORES]
    found = named(texts, [0] * 4 + [1] * 4, [0] * 8, NodeCodes((STORING, STORING), (None,)))
    one, other = (each.name for each in found.topics)
    assert one != other
    assert one.startswith("Feature store") and other.startswith("Feature store")


def test_a_category_of_one_topic_has_its_name_and_one_of_several_another() -> None:
    """Also where the code of a topic is called like that of its category of several."""
    codes = NodeCodes((SERVING, None, STORING), (SERVING, None))
    found = named(TEXTS, TOPICS, [0] * 8 + [1] * 4, codes)
    several, single = found.categories
    assert single == found.topics[2]
    assert several.name == "Model serving"
    assert found.topics[0].name.startswith("Model serving: ")
    without = named(TEXTS, TOPICS, [0] * 8 + [1] * 4)
    assert without.categories[0].name not in {each.name for each in without.topics}
    assert without.categories[1] == without.topics[2]


def test_purposes_come_before_technologies() -> None:
    """What tools stand on names them only where they say nothing of what they are for."""
    texts = [f"{text} It runs on Kubernetes, with PyTorch." for text in SEARCHES] + AGENTS
    found = named([*texts, *["Runs on Kubernetes."] * 4], TOPICS, [0] * 12)
    assert "hyperparameter search" in found.topics[0].name.lower()
    assert not {"kubernetes", "pytorch"} & set(found.topics[0].name.lower().split())
    assert "Kubernetes" in found.topics[2].name


def test_listed_words_are_few_plain_and_each_there_once() -> None:
    """The lists are short, in lower case, and no word is a technology and a form."""
    lists = listed_words()
    assert set(lists) == {"technologies", "forms", "wishes"}
    assert all(
        word == word.lower() and " " not in word for words in lists.values() for word in words
    )
    assert not lists["technologies"] & lists["forms"]


REQUESTS = [
    "Asks to compare runs side by side.",
    "Wants a page for comparing many runs.",
    "The runs of two projects should be compared.",
    "Runs have too few columns.",
]
OTHERS = [
    "Add support for Azure storage.",
    "Azure storage is not supported; asks for it.",
    "Support for Azure storage of artefacts.",
    "Azure storage needs a key.",
]


def test_themes_read_as_wishes() -> None:
    """A verb that members say with the noun opens the name; without one it is a noun."""
    texts = [*REQUESTS, *OTHERS, *["The docs of credentials are thin."] * 3, "🎉"]
    titles = [f"one/Tool: #{n}" for n in range(12)]
    found = named(texts, TOPICS, [0] * 12, titles=titles)
    assert found.topics[0].name == "Compare runs"
    assert found.topics[1].name == "Support Azure storage"
    assert found.topics[0].meets_share
    assert (
        found.topics[0].description == "Asks to compare runs, such as Tool #0, Tool #1 and Tool #2."
    )
    assert found.topics[2].name in {"Docs", "Credentials"}
    assert found.topics[2].description.startswith('Requests that say "')


def test_a_description_is_one_sentence_of_what_members_say() -> None:
    """Of a code's definition, phrases that a fifth say, and exemplars without their owners."""
    codes = NodeCodes((SERVING, None, STORING), (None, None))
    found = named(TEXTS, TOPICS, [0] * 8 + [1] * 4, codes)
    for each in (*found.topics, *found.categories):
        assert each.description.count(".") == 1 and each.description.endswith(".")
        assert len(each.description.split()) <= MOST_WORDS_TOLD
        assert "/" not in each.description
    told = found.topics[0].description
    assert told.startswith("Packages models and answers requests with them; here mostly ")
    assert told.endswith(", as in tool0 and tool1.")
    here = told.partition("here mostly ")[2].partition(", as in")[0]
    assert all(said_by(word, GPUS) >= SHARED_BY for word in words_of(here))
    assert found.topics[1].description.startswith('Tools that say "')
    assert "tool4" in found.topics[1].description


def test_of_a_long_definition_the_first_sentence_is_told() -> None:
    """Whatever people write into a codebook, one sentence of at most so many words comes of it."""
    wordy = NodeCode("a", "Model serving", "Serves models. With much else.\nAnd more.")
    endless = NodeCode("b", "Feature store", " ".join(["keeps"] * 50))
    told = [
        each.description
        for each in named(
            TEXTS, TOPICS, [0] * 12, NodeCodes((wordy, None, endless), (None,))
        ).topics
    ]
    assert told[0].startswith("Serves models; here mostly ")
    assert "much else" not in told[0]
    assert all(len(each.split()) <= MOST_WORDS_TOLD for each in told)


def test_names_are_read_back_and_those_of_an_earlier_version_are_refused(tmp_path: Path) -> None:
    """The error says what to do."""
    names = named(TEXTS, TOPICS, [0] * 12, NodeCodes((SERVING, None, None), (None,)))
    write_names(tmp_path, names)
    assert read_names(tmp_path) == names
    values = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    for row in values["topics"]:
        del row["description"], row["code"]
    (tmp_path / FILE).write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(ArtifactError, match="earlier version"):
        read_names(tmp_path)

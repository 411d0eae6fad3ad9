"""Names from documents: distinct, said by their documents, spelled as they are, or flagged."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import planted_requests, planted_texts

from artifacts.words import NOISE
from embeddings.encoder import HashedWords
from taxonomy.names.candidates import JOINING
from taxonomy.names.naming import SHARED_BY, Names, NodeName, name_layers, name_nodes
from taxonomy.names.phrases import stem
from taxonomy.names.texts import Texts
from taxonomy.names.vocabulary import generic_verbs, wording_of

WORDS = "model models store stores feature API vector vectors search drift LLM in the and, . of to"


def name(
    texts: Sequence[str],
    nodes: Sequence[int],
    *,
    titles: Sequence[str] | None = None,
    vocabulary: Sequence[str] = (),
) -> list[NodeName]:
    """Name one layer, with the encoder that needs no model."""
    labels = np.array(nodes, dtype=np.int32)
    cut = Texts(texts)
    owners = titles or [f"owner{number}/x{number}" for number in range(len(texts))]
    return name_nodes(
        cut,
        HashedWords().encode(texts),
        labels,
        encode=HashedWords().encode,
        wording=wording_of(cut, labels, titles=owners, vocabulary=vocabulary),
    )


def words_of(heading: str) -> list[str]:
    """Return the words of a name that must be said."""
    return [word for word in re.findall(r"\w+", heading) if word.lower() not in JOINING]


def said_by(word: str, texts: Sequence[str]) -> float:
    """Return the share of texts with a word, in one number or the other; counted anew."""
    forms = re.compile(rf"\b{re.escape(word.lower().rstrip('s'))}s?\b")
    return sum(bool(forms.search(text.lower())) for text in texts) / len(texts)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(-1, 4), st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=12)
        ),
        min_size=1,
        max_size=40,
    )
)
def test_names_are_distinct_and_said_or_flagged(rows: list[tuple[int, list[str]]]) -> None:
    """Whatever is said where: no name twice, and no word too rare without a flag."""
    numbers = sorted({node for node, _ in rows if node != NOISE})
    nodes = [numbers.index(node) if node != NOISE else NOISE for node, _ in rows]
    texts = [" ".join(words) for _, words in rows]
    names = name(texts, nodes)
    assert len(names) == len(numbers)
    assert len({" ".join(sorted(map(stem, words_of(n.name)))) for n in names}) == len(names)
    for node, each in enumerate(names):
        members = [text for text, of in zip(texts, nodes, strict=True) if of == node]
        shares = [said_by(word, members) for word in words_of(each.name)]
        if each.meets_share:
            assert shares and min(shares) >= SHARED_BY
            assert [share for _, share in each.shares] == pytest.approx(shares)
            assert len(shares) <= 5
        assert each.name not in each.alternatives
    assert names == name(texts, nodes)


def test_each_planted_topic_is_named_by_its_own_words() -> None:
    """A name is made of words of its topic, and reads as a heading."""
    texts, kinds = planted_texts(12)
    names = name(texts, kinds.tolist())
    for node, each in enumerate(names):
        members = [text for text, kind in zip(texts, kinds, strict=True) if kind == node]
        assert each.meets_share
        assert each.name[0].isupper()
        assert all(said_by(word, members) >= SHARED_BY for word in words_of(each.name))


STORES = [
    "Acme is a feature store that keeps feature values for training, online and offline.",
    "A feature store for teams, with point-in-time joins and a registry.",
    "It materialises features into feature stores, and serves them online.",
    "One more feature store: definitions, values, and a registry of features.",
]
AGENTS = [
    "A framework for LLM agents that call tools and other LLM agents.",
    "Traces of LLM agents are recorded, with the tools they call.",
    "LLM agents are built from prompts and tools.",
    "With it an LLM plans, and LLM agents act.",
]
SEARCHES = [
    "Tunes with PyTorch: hyperparameter search over random trials.",
    "A hyperparameter search for PyTorch and others, trials in parallel.",
    "The hyperparameter search stops bad trials early.",
    "For hyperparameter search, trials are drawn at random.",
]


def test_names_keep_the_spelling_of_the_documents() -> None:
    """Acronyms and known names keep their capitals, other words lose those of a sentence."""
    names = name(STORES + AGENTS + SEARCHES, [0] * 4 + [1] * 4 + [2] * 4)
    assert names[0].name in {"Feature stores", "Feature store"}
    assert names[1].name.startswith("LLM agents")
    assert names[2].name.startswith("Hyperparameter search")
    assert Texts([*STORES, *AGENTS, *SEARCHES]).spelling("pytorch") == "PyTorch"


def test_a_term_of_a_codebook_is_taken_where_the_documents_say_it() -> None:
    """The codebook's wording is used, as it stands there, if its words are said."""
    texts = [
        text.replace("hyperparameter search", "search of hyperparameters") for text in SEARCHES
    ]
    nodes = [0] * 4 + [1] * 4
    said = name(texts + AGENTS, nodes, vocabulary=["Hyperparameter search", "Model serving"])
    assert "Hyperparameter search" in (said[0].name, *said[0].alternatives)
    assert "Model serving" not in (said[0].name, *said[0].alternatives)


def test_words_run_together_are_in_no_name() -> None:
    """`machinelearning` is left out where the documents write it apart as well."""
    texts = ["machinelearning, machine learning for boats"] * 5 + ["drift alerts of sensors"] * 5
    names = name(texts, [0] * 5 + [1] * 5)
    for each in names:
        assert not any("machinelearning" in n.lower() for n in (each.name, *each.alternatives))


def test_a_product_is_avoided_where_a_kind_can_be_named() -> None:
    """A word that names a tool, or that one owner says alone, gives way to what others say too."""
    texts = [f"{text} Zapfel keeps a feature store." for text in STORES] + AGENTS
    titles = [f"zapfel/z{n}" for n in range(4)] + [f"o{n}/agents{n}" for n in range(4)]
    texts += ["A feature store of another owner, unplaced."] * 4
    names = name(
        texts, [0] * 4 + [1] * 4 + [NOISE] * 4, titles=titles + [f"p{n}/q" for n in range(4)]
    )
    assert "zapfel" not in names[0].name.lower()
    assert "feature store" in names[0].name.lower()


def test_verbs_that_every_request_is_told_with_are_in_no_name() -> None:
    """What stands as a verb all over the corpus is found by its neighbours, not by a list."""
    texts, topics = planted_requests()
    labels = np.array(topics, dtype=np.int32)
    verbs = {"want", "propose", "ask"}
    assert verbs <= generic_verbs(Texts(texts), labels)
    said = [word for each in name(texts, topics) for word in words_of(each.name)]
    assert said
    assert verbs.isdisjoint(stem(word) for word in said)


def test_a_node_without_words_says_so() -> None:
    """Emoji name nothing: the node is flagged, and still told from its siblings."""
    names = name(["🙂 🙂", "🚀", *STORES], [0, 1, 2, 2, 2, 2])
    assert [each.meets_share for each in names] == [False, False, True]
    assert names[0].name != names[1].name
    assert all(each.name.startswith("(no words)") for each in names[:2])


def test_a_node_whose_words_are_all_rare_is_flagged() -> None:
    """Ten documents that share no word get a name, and the flag that it holds for few."""
    letters = "bcdfghjklm"
    texts = [f"the {letter}unique{letter}" for letter in letters] + STORES
    names = name(texts, [0] * 10 + [1] * 4)
    assert not names[0].meets_share
    assert dict(names[0].shares) and max(dict(names[0].shares).values()) < SHARED_BY


def test_a_category_of_several_topics_has_another_name_than_they() -> None:
    """One of a single topic is the same group of documents, and has its name."""
    texts = STORES + AGENTS + SEARCHES
    topics = np.array([0] * 4 + [1] * 4 + [2] * 4, dtype=np.int32)
    found: Names = name_layers(
        texts,
        HashedWords().encode(texts),
        topics,
        np.array([0] * 8 + [1] * 4, dtype=np.int32),
        titles=[f"o{n}/p{n}" for n in range(12)],
        encode=HashedWords().encode,
    )
    assert found.categories[0].name not in {n.name for n in found.topics}
    assert found.categories[1].name == found.topics[2].name
    assert found.short() == []


@pytest.mark.parametrize(
    ("some", "same"),
    [
        ("stores", "store"),
        ("registries", "registry"),
        ("LLMs", "llm"),
        ("GPUs", "gpu"),
        ("gpus", "GPU"),
        ("batches", "batch"),
        ("analysis", "analysis"),
    ],
)
def test_a_plural_is_the_same_word(some: str, same: str) -> None:
    """Nothing else is: a verb and its noun are two words."""
    assert stem(some) == stem(same)
    assert stem("serving") != stem("serve")

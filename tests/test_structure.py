"""Noise is told from structure: random words or vectors have none, families have, on any seed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from planted import planted_texts
from small_study import SNAPSHOT, write_study
from warm import warm_opsatlas

from artifacts.arrays import Floats, unit_rows
from artifacts.manifest import Manifest
from artifacts.words import NOISE
from embeddings.encoder import HashedWords
from opsatlas import build
from taxonomy.settings import TopicSettings
from taxonomy.structure import Structure, _documents_with, _traded, find_structure
from taxonomy.structure import structure_of as structure_of_stored
from taxonomy.taxonomy import Taxonomy

LETTERS = [*"bdfgklmnprst"]
SYLLABLES = [first + vowel for first in LETTERS for vowel in "aeiou"]


def structure_of(texts: list[str], seed: int = 0) -> Structure | None:
    """Compare texts with noise, words having hashed vectors."""
    encode = HashedWords().encode
    return find_structure(texts, encode(texts), encode, seed=seed)


def random_texts(n_docs: int, n_words: int, length: int, seed: int) -> list[str]:
    """Return texts of words that are drawn at random; every text has a number of its own."""
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(SYLLABLES, 3)) for _ in range(n_words)]
    lengths = rng.integers(max(2, length // 2), 3 * length // 2 + 1, n_docs)
    return [
        " ".join([f"w{number}", *rng.choice(words, min(n, n_words), replace=False)])
        for number, n in enumerate(lengths.tolist())
    ]


def dealt_anew(texts: list[str], seed: int) -> list[str]:
    """Return texts with all their words shuffled between them."""
    words = np.random.default_rng(seed).permutation(" ".join(texts).split())
    ends = np.cumsum([len(text.split()) for text in texts])[:-1]
    return [" ".join(part) for part in np.split(words, ends)]


def test_random_words_are_noise() -> None:
    """Few or many documents, long or short, of few words or many; also real ones dealt anew.

    By definition a hundredth of them are not called so: of 14 collections, one may be not.
    """
    shapes = [(30, 400, 15), (80, 1500, 14), (80, 150, 8), (40, 2000, 40), (150, 90, 6)]
    collections = [random_texts(*shape, seed) for shape in shapes for seed in range(2)]
    collections += [dealt_anew(planted_texts(n)[0], seed=n) for n in (5, 8, 15, 40)]
    found = [structure_of(texts, seed) for seed, texts in enumerate(collections)]
    noise = [each.is_noise and bool(each.told) for each in found if each is not None]
    assert len(noise) == 14
    assert noise.count(False) <= 1


def test_families_are_structure() -> None:
    """Three families, of four documents each and more, on any seed."""
    for seed, n_each in enumerate((4, 5, 8, 15, 40)):
        texts, _ = planted_texts(n_each, themes=3, seed=seed)
        found = structure_of(texts, seed)
        assert found is not None
        assert not found.is_noise
        assert found.told == ""
        assert found.nearness > found.by_chance


def test_words_that_are_written_together_are_one() -> None:
    """Two words with a stroke between, or a clause without spaces, go together by spelling."""
    rng = np.random.default_rng(0)
    parts = [f"{'bcdf'[n % 4]}{chr(97 + n)}one/{chr(97 + n)}two" for n in range(20)] + [
        "机器学习平台"
    ]
    texts = [" ".join(rng.choice(parts, 5, replace=False)) for _ in range(60)]
    found = structure_of(texts)
    assert found is not None
    assert found.is_noise


def test_repeated_documents_are_structure_and_documents_all_alike_are_not() -> None:
    """What is said in three ways falls apart in three; what is said in one has nothing to part."""
    three = structure_of(["model serving gateway", "experiment log", "drift alert monitor"] * 12)
    one = structure_of(["model serving gateway"] * 12)
    assert three is not None
    assert not three.is_noise
    assert one is not None
    assert one.is_noise


def test_words_of_like_meaning_are_structure() -> None:
    """Families whose documents share no word are told by the vectors of their words."""
    kinds = "qrs"
    texts = [
        " ".join(f"{kinds[n % 3]}{chr(97 + n // 3)}{end}" for end in "klmn") for n in range(36)
    ]
    vectors = np.repeat(np.eye(3, 8)[None], 12, axis=0).reshape(36, 8).astype(np.float32)
    asked: list[str] = []

    def encode(words: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(words)
        near = np.array([np.eye(3, 8)[kinds.index(word[0])] for word in words])
        noise = np.random.default_rng(0).normal(scale=0.2, size=near.shape)
        return (near + noise).astype(np.float32)

    found = find_structure(texts, vectors, encode, seed=0)
    assert len(set(asked)) == len(asked) == 36 * 4
    assert found is not None
    assert not found.is_noise


def test_words_that_tell_at_once_are_not_encoded() -> None:
    """Where words alone show structure, nothing is asked of the encoder."""

    def encode(words: Sequence[str]) -> NDArray[np.float32]:
        raise AssertionError(words)

    texts, _ = planted_texts(15)
    found = find_structure(texts, HashedWords().encode(texts), encode, seed=0)
    assert found is not None
    assert not found.is_noise


def test_what_cannot_be_told_is_not_told() -> None:
    """Texts without words, and those whose words nothing parts, are neither noise nor structure."""
    assert structure_of(["🚀🔥", "📦", "the of and 12"] * 10) is None
    rng = np.random.default_rng(0)
    thai = ["".join(rng.permutation(["โมเดล", "คำขอ", "กราฟ", "ข้อมูล"])) for _ in range(30)]
    assert structure_of(thai) is None


def test_the_same_seed_gives_the_same_figures() -> None:
    """Found again: equal to the last digit."""
    texts = random_texts(40, 300, 10, 0)
    assert structure_of(texts, 3) == structure_of(texts, 3)


def test_trades_keep_what_they_must_and_change_the_rest() -> None:
    """A document keeps its number of words, a word its number of documents; none is there twice."""
    rng = np.random.default_rng(0)
    said = sp.csr_matrix(rng.random((25, 60)) < 0.3)
    documents, words = (each.astype(np.int64) for each in said.nonzero())
    traded = _traded(documents, words, said.shape, rng, 10)
    after = np.zeros(said.shape, dtype=int)
    np.add.at(after, (traded, words), 1)
    assert after.max() == 1
    assert (after.sum(axis=0) == said.sum(axis=0).A1).all()
    assert (after.sum(axis=1) == said.sum(axis=1).A1).all()
    moved = (after != said.toarray()).mean()
    assert moved > 0.25  # of 0.42 where every place is drawn anew


def test_trades_reach_every_arrangement_equally() -> None:
    """Of three documents of one word each, all six arrangements are as frequent."""
    rng = np.random.default_rng(0)
    documents = words = np.arange(3)
    seen = [tuple(_traded(documents, words, (3, 3), rng, 6).tolist()) for _ in range(1200)]
    counts = [seen.count(each) for each in set(seen)]
    assert len(counts) == 6
    assert min(counts) > 150


def test_only_as_many_documents_are_looked_at_as_have_so_many_words() -> None:
    """The first documents whose different words are together no more than the bound."""
    said = sp.csr_matrix([[1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 1, 1]])
    assert [_documents_with(said, n) for n in (3, 4, 5)] == [2, 2, 3]


def test_a_taxonomy_of_noise_says_so_everywhere(tmp_path: Path) -> None:
    """It is built; manifest, terminal and page say what it is; none of its topics is stable."""
    rows = [
        {"full_name": f"acme/w{number}", "description": text}
        for number, text in enumerate(random_texts(30, 400, 12, 1))
    ]
    path, workspace = write_study(tmp_path, rows, runs=4), tmp_path / "ws"
    ran = warm_opsatlas().run("run", path, "-w", workspace)
    assert ran.code == 0, ran.err
    assert "No more structure than in noise" in " ".join(ran.err.split())
    folder = workspace / "taxonomies" / f"{SNAPSHOT}.tools"
    manifest = Manifest.read(folder)
    assert manifest.notes[0].startswith("No more structure than in noise: ")
    assert manifest.facts["structure_p"] > 0.01
    found = json.loads((folder / "stability.json").read_text())["structure"]
    assert found["p"] == manifest.facts["structure_p"]
    gain = found["nearness"] - found["by_chance"]
    assert manifest.facts["structure_nearness_gain"] == gain
    assert manifest.facts["structure_agreement"] == found["agreement"]
    assert found["agreement"] > 0.1  # vectors of random words are as the words are
    shown = Taxonomy.open(folder)
    assert set(shown.topic_of.values()) > {NOISE}
    assert not any(node.is_stable for node in (*shown.topic_nodes, *shown.category_nodes))
    table = warm_opsatlas().run("taxonomy", "show", "-w", workspace)
    assert "No more structure than in noise" in table.out
    page = (workspace / "reports" / "atlas" / "index.html").read_text(encoding="utf-8")
    assert page.index("No more structure than in noise") < page.index("Skip to the content") + 2000
    assert '"standing": "stable"' not in page


def random_vectors(n_docs: int, n_dims: int, seed: int) -> Floats:
    """Return n_docs × n_dims Gaussian vectors of unit length."""
    return unit_rows(np.random.default_rng(seed).normal(size=(n_docs, n_dims)).astype(np.float32))


def test_vectors_that_are_drawn_at_random_are_noise_whatever_the_texts() -> None:
    """Texts of planted families with Gaussian vectors, and with their own in another order.

    Of many or few dimensions; of 15 collections, one may by chance be called structured.
    """
    encode = HashedWords().encode
    found = []
    for seed, n_each in enumerate((4, 8, 15, 25, 40)):
        texts, _ = planted_texts(n_each, seed=seed)
        shuffled = np.random.default_rng(seed).permutation(encode(texts))
        drawn = [random_vectors(len(texts), n_dims, seed) for n_dims in (3, 384)]
        found += [find_structure(texts, each, encode, seed=seed) for each in (*drawn, shuffled)]
    noise = [each for each in found if each is not None and each.is_noise]
    assert len(noise) >= 14
    assert all("nearer by their vectors" in each.told for each in noise)


def test_vectors_that_know_the_texts_agree_with_their_words() -> None:
    """Vectors of the families, of any model, are near where words are shared; some noise aside."""
    for n_each in (4, 15):
        texts, truth = planted_texts(n_each)
        of_families = np.eye(4, 64, dtype=np.float32)[truth]
        noisy = unit_rows(of_families + random_vectors(len(texts), 64, 0))
        for vectors in (HashedWords().encode(texts), of_families, noisy):
            found = find_structure(texts, vectors, HashedWords().encode, seed=0)
            assert found is not None
            assert not found.is_noise
            assert found.agreement is not None
            assert found.agreement > 0.2


def test_vectors_all_alike_are_noise() -> None:
    """Whatever the texts: where vectors tell no document from another, they say nothing."""
    texts, _ = planted_texts(10)
    vectors = np.ones((len(texts), 5), dtype=np.float32)
    found = find_structure(texts, vectors, HashedWords().encode, seed=0)
    assert found is not None
    assert (found.is_noise, found.agreement, found.agreement_p) == (True, 0.0, 1.0)


def test_a_taxonomy_of_random_vectors_says_so_and_calls_nothing_stable() -> None:
    """Texts of families with vectors that somebody drew at random."""
    texts, _ = planted_texts(20)
    settings = TopicSettings(runs=4)
    vectors = random_vectors(len(texts), 512, 0)
    shown = build(texts, vectors=vectors, encoder="hashed-words", settings=settings)
    assert shown.structure is not None
    assert shown.structure.is_noise
    assert "No more structure than in noise: documents that" in shown._repr_html_()
    nodes = (*shown.topic_nodes, *shown.category_nodes)
    assert all(node.of_noise and not node.is_stable for node in nodes)


def test_a_taxonomy_stored_before_vectors_were_compared_is_read() -> None:
    """It has no agreement; the p-value was that of its words."""
    found = structure_of_stored({"structure": {"nearness": 0.3, "by_chance": 0.1, "p": 0.001}})
    assert found is not None
    assert not found.is_noise
    assert found.agreement is None

"""Ensembles of the benchmarks: made once at many sizes, they are those that the product makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.data import Corpus
from benchmarks.ecosystems import read_texts
from benchmarks.sets import Joining, cut_runs
from configs import package_path
from configs.codebook import parents_of, read_codebook
from embeddings.encoder import HashedWords
from taxonomy.engine import find_topics
from taxonomy.guidance.codes import CodeList
from taxonomy.guidance.guide import BookReader
from taxonomy.settings import TopicSettings
from taxonomy.types import count_nodes

N_DOCS, N_RUNS, SMALLEST = 60, 6, 4


def test_kept_runs_answer_as_the_product_does(tmp_path: Path) -> None:
    """At a size of theirs, alone and guided; the second time from the folder that keeps them."""
    texts = read_texts(None)[:N_DOCS]
    encode = HashedWords().encode
    vectors = encode(texts)
    corpus = Corpus("tools", list(map(str, range(N_DOCS))), texts, {})
    path = package_path("codebooks/mlops-tools-fine.toml")
    book = read_codebook(path)
    codes = CodeList.of(book, parents_of(book, path))
    settings = TopicSettings(runs=N_RUNS, guide_weight=0.5)
    made, kept = (cut_runs(corpus, vectors, settings, tmp_path) for _ in range(2))
    assert len(list(tmp_path.iterdir())) == 1
    sized = settings.model_copy(update={"min_topic_size": SMALLEST})
    guided = find_topics(texts, vectors, sized, guide_by=BookReader(codes, encode))
    assert guided.unguided is not None
    for cuts in (made, kept):
        joining = Joining(cuts.ensemble(SMALLEST))
        for guide, theirs in ((guided.guide, guided), (None, guided.unguided)):
            ours = joining.answer(guide)
            assert np.array_equal(ours.topics, theirs.consensus.topics)
            assert count_nodes(ours.categories) == len(theirs.category_descriptions)
            assert ours.halves_ami == theirs.stability.halves_ami

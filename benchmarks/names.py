"""Do the names say what their nodes hold? Held-out members must lead back to the right name.

For every node, members are held out; the whole layer is named without them. Then the encoder sees
the mean vector of the held-out members and five names of the layer, the right one and four drawn
with a seed, and takes the nearest. By chance it is right in a fifth of the cases.

Five members are held out where the node keeps five; of smaller nodes fewer, at least one, and
never so many that fewer than four stay. The labels that the first three keywords make, joined by
commas, are judged in the same way, on the same cases.

And do people recognise the names? A topic's name must lead to what curated lists call its tools
(`benchmarks.recognition`).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Floats
from artifacts.words import NOISE
from benchmarks import data
from benchmarks.common import arguments, publish, table
from benchmarks.data import Corpus
from benchmarks.ours import SEEDS_APART, encode_cached, load_encoder
from benchmarks.recognition import (
    AMONG,
    codes_alone,
    most_words,
    node_codes,
    of_two_codes,
    recognition,
)
from configs import codebook_names, package_path
from configs.codebook import read_codebook
from embeddings.encoder import HashedWords
from embeddings.settings import HASHED_WORDS
from opsatlas.study import read_study
from taxonomy.describe import describe_topics
from taxonomy.engine import find_topics
from taxonomy.names.codes import NodeCodes
from taxonomy.names.naming import Encode, name_layers, name_nodes
from taxonomy.names.texts import Texts
from taxonomy.names.vocabulary import wording_of
from taxonomy.settings import TopicSettings

HELD_OUT = 5
KEPT = 5
CHOICES = 5
DRAWS = 10
RESAMPLES = 2000
WORDS_IN_LABEL = 3
METHODS = ("names", "first three keywords")

Labels = NDArray[np.int32]


@dataclass(frozen=True)
class Mapped:
    """A corpus with its topics and categories; ``titles`` are OWNER/NAME."""

    corpus: Corpus
    titles: list[str]
    vectors: Floats
    layers: dict[str, Labels]
    stop_words: frozenset[str]


@dataclass(frozen=True)
class Case:
    """One choice: of which node, whether all five were held out, and who was right."""

    node: int
    full: bool
    right: tuple[bool, ...]


def mapped(corpus: Corpus, cache: Path, stop_words: frozenset[str] = frozenset()) -> Mapped:
    """Derive the topics and categories of a corpus with the defaults."""
    vectors = encode_cached(corpus.texts, cache)
    found = find_topics(corpus.texts, vectors, TopicSettings())
    layers = {"topics": found.consensus.topics, "categories": found.categories}
    return Mapped(corpus, [_title(key) for key in corpus.keys], vectors, layers, stop_words)


def _title(key: str) -> str:
    if "://" not in key:
        return key
    parts = key.split("/")
    return f"{parts[3]}/{parts[4]}: #{parts[-1]}"


def cases(found: Mapped, layer: str, encode: Encode, draw: int) -> list[Case]:
    """Hold members out of every node of a layer, name it without them, and let the encoder choose.

    Parameters
    ----------
    draw
        Seed of who is held out and which names stand beside the right one.
    """
    rng = np.random.default_rng([SEEDS_APART, draw])
    labels = found.layers[layer]
    members = [np.flatnonzero(labels == node) for node in range(labels.max() + 1)]
    held = [rng.permutation(each)[: _held_out(len(each))] for each in members]
    rest = np.setdiff1d(np.arange(len(labels)), np.concatenate(held))
    by_method = [maker(found, layer, rest, encode) for maker in (_names, _keywords)]
    vectors = [encode(names) for names in by_method]
    made = []
    for node, documents in enumerate(held):
        mean = found.vectors[documents].mean(axis=0)
        others = np.delete(np.arange(len(members)), node)
        shown = np.append(rng.permutation(others)[: CHOICES - 1], node)
        right = tuple(bool(shown[np.argmax(each[shown] @ mean)] == node) for each in vectors)
        made.append(Case(node, len(documents) == HELD_OUT, right))
    return made


def _held_out(size: int) -> int:
    return min(HELD_OUT, max(1, size - KEPT))


def _names(found: Mapped, layer: str, rest: NDArray[np.int_], encode: Encode) -> list[str]:
    texts = Texts([found.corpus.texts[document] for document in rest])
    wording = wording_of(
        texts,
        found.layers["topics"][rest],
        titles=[found.titles[document] for document in rest],
        vocabulary=code_names(),
        stop_words=found.stop_words,
    )
    labels = found.layers[layer][rest]
    named = name_nodes(texts, found.vectors[rest], labels, encode=encode, wording=wording)
    return [each.name for each in named]


def _keywords(found: Mapped, layer: str, rest: NDArray[np.int_], encode: Encode) -> list[str]:
    described = describe_topics(
        [found.corpus.texts[document] for document in rest],
        found.vectors[rest],
        found.layers[layer][rest],
        np.ones(len(rest)),
        n_keywords=WORDS_IN_LABEL,
        n_exemplars=1,
        stop_words=found.stop_words,
    )
    return [", ".join(each.keywords) for each in described]


def code_names() -> list[str]:
    """Return the names of all codes of the codebooks that are shipped."""
    books = [read_codebook(package_path(f"codebooks/{name}.toml")) for name in codebook_names()]
    return [code.name for book in books for code in book.codes]


def remembering(encode: Callable[[Sequence[str]], Floats]) -> Encode:
    """Return an encoder that encodes each text once."""
    known: dict[str, Floats] = {}

    def encode_new(texts: Sequence[str]) -> Floats:
        new = sorted(set(texts) - known.keys())
        if new:
            known.update(zip(new, encode(new), strict=True))
        return np.stack([known[text] for text in texts])

    return encode_new


def accuracy(made: Sequence[Case], method: int) -> dict[str, float]:
    """Return how often the choice was right, with a 95 % interval: nodes resampled, draws kept."""
    nodes = sorted({case.node for case in made})
    right = {node: [case.right[method] for case in made if case.node == node] for node in nodes}
    sums = np.array([sum(right[node]) for node in nodes])
    counts = np.array([len(right[node]) for node in nodes])
    picks = np.random.default_rng(0).integers(len(nodes), size=(RESAMPLES, len(nodes)))
    resampled = sums[picks].sum(axis=1) / counts[picks].sum(axis=1)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return {
        "accuracy": float(sums.sum() / counts.sum()),
        "low": float(low),
        "high": float(high),
        "nodes": len(nodes),
        "cases": int(counts.sum()),
    }


def recognised(
    found: Mapped, encoders: dict[str, Encode], topics: str
) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """Judge the names of fixed topics by the corpus's lists: as figures, and as rows of a table.

    Names are made without codes, with those of the fine book, and, to compare with, are the names
    of these codes alone.

    Parameters
    ----------
    topics
        What the topics are called in the table.
    """
    texts, labels = found.corpus.texts, found.layers["topics"]
    encode = encoders["default"]
    codes = node_codes(texts, found.vectors, found.layers, encode)
    made = {
        "without codes": _named(found, encode, None),
        "with codes": _named(found, encode, codes),
        "codes alone": codes_alone(texts, found.vectors, labels, encode),
    }
    figures, rows = [], []
    for method, names in made.items():
        about = {"topics": topics, "names": method}
        shape = {"most_words": most_words(names), "of_two_codes": of_two_codes(names, code_names())}
        for encoder, judge in encoders.items():
            judged = {
                name: vars(recognition(names, labels, found.corpus.keys, gold, judge))
                for name, gold in found.corpus.gold.items()
            }
            shares = [key for key in next(iter(judged.values())) if key != "n_topics"]
            mean = {key: float(np.mean([each[key] for each in judged.values()])) for key in shares}
            for name, figure in {**judged, "mean": mean}.items():
                row = {**about, "encoder": encoder, "list": name}
                figures.append({**row, **figure, **shape})
                rows.append([*row.values(), *(figure[key] for key in shares), *shape.values()])
    return figures, rows


def _named(found: Mapped, encode: Encode, codes: NodeCodes | None) -> list[str]:
    names = name_layers(
        found.corpus.texts,
        found.vectors,
        found.layers["topics"],
        found.layers["categories"],
        titles=found.titles,
        encode=encode,
        vocabulary=code_names(),
        stop_words=found.stop_words,
        codes=codes,
    )
    return [each.name for each in names.topics]


def with_topics(found: Mapped, path: Path) -> Mapped:
    """Return a corpus with other topics, of a JSON object key → number; each is its category."""
    given = json.loads(path.read_text(encoding="utf-8"))
    topics = np.array([given.get(key, NOISE) for key in found.corpus.keys], dtype=np.int32)
    return replace(found, layers={"topics": topics, "categories": topics})


def framework_words() -> frozenset[str]:
    """Return the frameworks' own names, which the themes' names leave out."""
    from artifacts.progress import SilentProgress
    from opsatlas.pipeline import Pipeline

    path = package_path("mlops.toml")
    return Pipeline(Path(), read_study(path), path, SilentProgress()).stop_words("themes")


def main() -> None:
    """Run the benchmark."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--draws", type=int, default=DRAWS, help="times that members are held out")
    parser.add_argument(
        "--topics", type=Path, help="JSON: other topics of the tools to name, by their full names"
    )
    options = parser.parse_args()
    encode = remembering(load_encoder().encode)
    rows, figures = [], []
    with tempfile.TemporaryDirectory() as cache:
        corpora = [
            mapped(data.tools_2026(options.data), Path(cache)),
            mapped(data.requests(options.data), Path(cache), framework_words()),
            mapped(data.repositories_2023(options.data), Path(cache)),
        ]
    for found in corpora:
        for layer in found.layers:
            made = [c for draw in range(options.draws) for c in cases(found, layer, encode, draw)]
            for part, chosen in (("all", made), ("five held out", [c for c in made if c.full])):
                for method, name in enumerate(METHODS):
                    figure = accuracy(chosen, method)
                    about = {"corpus": found.corpus.name, "layer": layer, "part": part}
                    figures.append({**about, "method": name, **figure})
                    rows.append([*about.values(), name, *figure.values()])
    encoders = {"default": encode, HASHED_WORDS: remembering(HashedWords().encode)}
    judged, lines = recognised(corpora[0], encoders, "unguided")
    if options.topics:
        more = recognised(with_topics(corpora[0], options.topics), encoders, "given")
        judged, lines = judged + more[0], lines + more[1]
    columns = ["corpus", "layer", "nodes", "label", "right", "from", "to", "nodes", "cases"]
    title = f"Held-out members lead to the right name of {CHOICES} (chance 0.2)"
    heads = ["topics", "names", "encoder", "list", "first", f"among {AMONG}", "first by tools"]
    heads += [f"among {AMONG} by tools", "most words", "of two codes"]
    tables = [table(title, columns, rows), table("Names lead to lists' categories", heads, lines)]
    publish("names", {"figures": figures, "recognition": judged}, tables, options.out)


if __name__ == "__main__":
    main()

"""Does the search find what people look for? Judged by queries whose right answers people told.

Two lists of queries over the 357 tools of 2026: 35 of the data, and 30 that are shipped beside this
file; each is one judge's, so small differences mean little. Three figures: at how many queries a
right tool is among the first five; which share of the tools that must be there is among them; and
how many of the first ten, or of as many as are right, are right.

Beside ours stand what the page had before (all words as parts of the texts, in the order of the
data), BM25, and all-MiniLM-L6-v2, which encodes the query, as no page can. Of ours each part is
left out once. The three numbers that are most felt are chosen anew on four fifths of the queries
and judged on the fifth that is left. At last, how large and how quick it is in a browser.
"""

from __future__ import annotations

import json
import math
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np

import opsatlas
from artifacts.progress import SilentProgress
from benchmarks.common import arguments, publish, table, timed
from configs import package_path
from embeddings.build import read_documents
from embeddings.encoder import HashedWords, plan_encoder
from insights.search.index import Postings, Searchable, SearchIndex, Weights
from insights.search.indexing import build_index
from insights.search.words import tokens
from mining.snapshots import load_table
from opsatlas.pipeline import Pipeline
from opsatlas.searching import built_search
from taxonomy.taxonomy import Taxonomy

OWN_QUERIES = Path(__file__).parent / "search_queries.jsonl"
TESTS = Path(__file__).resolve().parent.parent / "tests"
FIRST, FIRST_TEN, FOLDS = 5, 10, 5
GRID: Final = {
    "meaning": (0.08, 0.12, 0.16, 0.2),
    "feedback": (0.1, 0.17, 0.25),
    "cover": (0.3, 0.5, 0.8),
}
K1, B = 1.2, 0.75
MANY, N_TYPED = 10_000, 60

Rank = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class Query:
    """What somebody may ask, and the names of the tools that answer."""

    query: str
    kind: str
    right: tuple[str, ...]
    must: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """How well one query is answered: each figure in [0, 1]."""

    found: float
    must: float
    precision: float


def read_queries(path: Path) -> list[Query]:
    """Return the queries of a file."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        Query(row["query"], row["kind"], tuple(row["right"]), tuple(row["must"])) for row in rows
    ]


def judge(order: Sequence[str], query: Query) -> Judged:
    """Judge the names of tools, best first."""
    first, n = order[:FIRST], min(FIRST_TEN, len(query.right))
    return Judged(
        float(any(name in query.right for name in first)),
        sum(name in query.must for name in first) / len(query.must),
        sum(name in query.right for name in order[:n]) / n,
    )


def judged(rank: Rank, names: Sequence[str], queries: Sequence[Query]) -> list[Judged]:
    """Judge a ranking by each query."""
    return [judge([names[place] for place in rank(each.query)], each) for each in queries]


def row(found: Sequence[Judged]) -> list[Any]:
    """Return the three figures of a table."""
    n_found = sum(each.found for each in found)
    return [f"{n_found:.0f} of {len(found)}", mean(found, "must"), mean(found, "precision")]


def mean(found: Sequence[Judged], figure: str) -> float:
    """Return the mean of one figure."""
    return float(np.mean([getattr(each, figure) for each in found]))


def by_substring(texts: Sequence[str]) -> Rank:
    """Rank as the page did before: those with all words as parts, in the order of the data."""
    small = [text.lower() for text in texts]
    return lambda query: [
        place for place, text in enumerate(small) if all(w in text for w in query.lower().split())
    ]


def by_bm25(texts: Sequence[str]) -> Rank:
    """Rank by BM25 (Robertson and Zaragoza 2009), words as they are."""
    counts = [Counter(tokens(text)) for text in texts]
    n, usual = len(counts), np.mean([each.total() for each in counts])
    standing = Counter(word for each in counts for word in each)

    def score(query: str, each: Counter[str]) -> float:
        found = 0.0
        for word in tokens(query):
            rarity = math.log1p((n - standing[word] + 0.5) / (standing[word] + 0.5))
            length = 1 - B + B * each.total() / usual
            found += rarity * each[word] * (K1 + 1) / (each[word] + K1 * length)
        return found

    def rank(query: str) -> list[int]:
        scores = np.array([score(query, each) for each in counts])
        return [int(p) for p in np.argsort(-scores, kind="stable") if scores[p] > 0]

    return rank


def by_encoder(pipeline: Pipeline, texts: Sequence[str]) -> Rank:
    """Rank by the cosine of the encoder's vectors of query and document."""
    encoder = plan_encoder(pipeline.vectors(), n_texts=len(texts)).load()
    vectors = encoder.encode(texts)
    return lambda query: np.argsort(-(vectors @ encoder.encode([query])[0]), kind="stable").tolist()


def by_index(index: SearchIndex, **changed: Any) -> Rank:
    """Rank by our search, with some weights changed."""
    weights = replace(index.weights, **changed)
    return lambda query: [hit.place for hit in index.search(query, None, weights=weights)]


def parts_left_out(index: SearchIndex) -> dict[str, Rank]:
    """Return our search without each of its parts."""
    nothing = Postings(
        np.zeros_like(index.grouped.starts), index.grouped.places[:0], index.grouped.counts[:0]
    )
    return {
        "without meaning": by_index(index, meaning=0, unlisted=0, feedback=0),
        "without feedback": by_index(index, feedback=0),
        "without shared words, nearly": by_index(index, meaning=100, feedback=100, apart=1),
        "without names of topics and codes": by_index(replace(index, grouped=nothing)),
        "without abbreviations": by_index(replace(index, abbreviations={})),
        "without what frameworks are used for": by_index(replace(index, told={})),
        "without typing errors": by_index(index, respelt=0),
        "without pairs of words": by_index(index, near=0),
        "without the share of words covered": by_index(index, cover=0),
    }


def chosen(index: SearchIndex, names: Sequence[str], queries: Sequence[Query]) -> list[Judged]:
    """Judge each fold of the queries by the weights that are best on the others."""
    settings = [dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())]
    every = [judged(by_index(index, **each), names, queries) for each in settings]
    order = list(range(len(queries)))
    random.Random(0).shuffle(order)
    held: dict[int, Judged] = {}
    for fold in range(FOLDS):
        out = set(order[fold::FOLDS])
        worth = [
            sum(
                each.found + each.must + each.precision
                for place, each in enumerate(found)
                if place not in out
            )
            for found in every
        ]
        best = every[int(np.argmax(worth))]
        held |= {place: best[place] for place in out}
    return [held[place] for place in range(len(queries))]


def made_up(n: int) -> SearchIndex:
    """Return an index of so many made-up tools, with descriptions as long as the real ones."""
    path = package_path("snapshots/tools-2026.jsonl")
    tools = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    words = [word for tool in tools for word in tool["description"].split()]
    rng = random.Random(n)
    documents = [
        Searchable(
            key=str(place),
            name=f"owner{rng.randrange(n)}/{rng.choice(words)}-{rng.choice(words)}{place}",
            description=" ".join(rng.choices(words, k=rng.randrange(30, 60))),
        )
        for place in range(n)
    ]
    encoder = HashedWords()
    vectors = encoder.encode([document.description for document in documents])
    return build_index(documents, vectors=vectors, encode=encoder.encode)


def in_browser(values: Mapping[str, Any], queries: Sequence[str]) -> dict[str, float]:
    """Return how long the page's search takes to read an index, and to answer a query."""
    sys.path.insert(0, str(TESTS))
    from chromium import Chromium, find_chromium

    program = find_chromium()
    if program is None:
        sys.exit("There is no Chromium on PATH to search with: install one.")
    assets = TESTS.parent / "reports" / "assets"
    script = "".join(
        (assets / name).read_text(encoding="utf-8") for name in ("search-words.js", "search.js")
    )
    with tempfile.TemporaryDirectory() as folder, Chromium(program) as chromium:
        page = Path(folder) / "page.html"
        data = json.dumps(values).replace("<", "\\u003c")
        page.write_text(
            f"<meta charset=utf-8><script>{script}</script><script>const VALUES = {data};</script>",
            encoding="utf-8",
        )
        chromium.open(page.as_uri(), width=800)
        return dict(
            chromium.evaluate(
                f"""(() => {{
  const start = performance.now(), search = new Search(VALUES), read = performance.now();
  const took = {json.dumps(list(queries))}.map((query) => {{
    const before = performance.now();
    search.find(query);
    search.didYouMean(query);
    return performance.now() - before;
  }}).sort((a, b) => a - b);
  return {{ "reading, ms": read - start, "a query, median ms": took[took.length >> 1],
    "a query, worst ms": took.at(-1) }};
}})()"""
            )
        )


def sizes(index: SearchIndex, queries: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return how large and how quick the index is, of the real tools and of many made-up ones."""
    found = {}
    for each in (index, made_up(MANY)):
        rng = random.Random(0)
        typed = [*queries, *(" ".join(rng.sample(each.words, 2)) for _ in range(N_TYPED))]
        values = each.as_values()
        found[f"{len(each.keys):,} tools"] = {
            "kB": len(json.dumps(values, ensure_ascii=False).encode()) / 1000,
            **in_browser(values, typed),
        }
    return found


def tools_of(pipeline: Pipeline, keys: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the names of tools, what the page's old filter looked into, and their texts."""
    rows = load_table(pipeline.snapshot_folder("tools"), "repositories").to_pylist()
    by_key = {each["repo_key"]: each for each in rows}
    shown = Taxonomy.open(pipeline.built_taxonomy("tools"))
    old = []
    for key in keys:
        topic = shown.node("topics", shown.topic_of[key])
        category = shown.node("categories", shown.category_of[topic.number]) if topic else None
        names = [node.name for node in (topic, category) if node is not None]
        old.append(" ".join([by_key[key]["full_name"], by_key[key]["description"], *names]))
    texts = read_documents(pipeline.texts_folder("tools"))
    return [by_key[key]["full_name"] for key in keys], old, [texts[key] for key in keys]


def main() -> None:
    """Run the benchmark."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--workspace", type=Path, help="of `opsatlas run mlops`; else it is run")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = args.workspace or Path(folder)
        if args.workspace is None:
            opsatlas.run("mlops", workspace, progress=False)
        pipeline = Pipeline.remembered(workspace, SilentProgress())
        index = built_search(pipeline)
        lists = {
            "data": read_queries(args.data / "search-queries" / "queries.jsonl"),
            "own": read_queries(OWN_QUERIES),
        }
        names, old, texts = tools_of(pipeline, index.keys)
        ranks: dict[str, Rank] = {
            "ours": by_index(index),
            "words as parts, unranked": by_substring(old),
            "BM25": by_bm25([f"{a} {b}" for a, b in zip(names, texts, strict=True)]),
            "MiniLM encoding the query": by_encoder(pipeline, texts),
        }
        ranks |= parts_left_out(index)
        found = {
            each: {name: judged(rank, names, queries) for name, queries in lists.items()}
            for each, rank in ranks.items()
        }
        found["ours, chosen by 5 folds"] = {
            name: chosen(index, names, queries) for name, queries in lists.items()
        }
        _, took = timed(lambda: [index.search(each.query) for each in lists["data"]])
        size = sizes(index, [each.query for queries in lists.values() for each in queries])
    _publish(found, lists, size, took / len(lists["data"]), index.weights, args.out)


def _of_kind(found: Sequence[Judged], queries: Sequence[Query], kind: str) -> str:
    """Return the three figures of the queries of one kind."""
    those = [each for each, query in zip(found, queries, strict=True) if query.kind == kind]
    return " ".join(f"{mean(those, figure):.2f}" for figure in ("found", "must", "precision"))


def _publish(
    found: Mapping[str, Mapping[str, list[Judged]]],
    lists: Mapping[str, list[Query]],
    size: Mapping[str, Mapping[str, float]],
    took_s: float,
    weights: Weights,
    out: Path | None,
) -> None:
    heading = ["", *(f"{name}: {each}" for name in lists for each in ("found", "must", "precise"))]
    rows = [[name, *row(each["data"]), *row(each["own"])] for name, each in found.items()]
    kinds = list(dict.fromkeys(query.kind for query in lists["data"]))
    compared = [name for name in found if not name.startswith("without")]
    by_kind = [
        [
            kind,
            sum(query.kind == kind for query in lists["data"]),
            *(_of_kind(found[name]["data"], lists["data"], kind) for name in compared),
        ]
        for kind in kinds
    ]
    measures = list(next(iter(size.values())))
    in_size = [[each, *(figures[each] for figures in size.values())] for each in measures]
    figures = {
        "searches": {
            name: {key: row(value) for key, value in each.items()} for name, each in found.items()
        },
        "sizes": size,
        "python_s": took_s,
        "weights": vars(weights),
    }
    tables = [
        table("The search, by 35 queries of the data and 30 of one's own", heading, rows),
        table("By kind of query, data: found, must, precise", ["kind", "n", *compared], by_kind),
        table(f"In a browser (Python: {took_s * 1000:.1f} ms a query)", ["", *size], in_size),
    ]
    publish("search", figures, tables, out)


if __name__ == "__main__":
    main()

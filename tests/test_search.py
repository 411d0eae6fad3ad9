"""The search: what is found, in which order, and that the page's language finds the same."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import Chromium, find_chromium
from command_line import opsatlas
from hypothesis import given
from hypothesis import strategies as st
from label_studies import study_workspace
from small_study import N_DOCUMENTS, SNAPSHOT

import opsatlas as library
from artifacts.errors import ConfigError, InputError
from configs import package_path
from configs.search_words import read_search_words
from embeddings.encoder import HashedWords
from insights.search.index import Searchable, SearchGroup, SearchIndex, Weights
from insights.search.indexing import build_index
from insights.search.words import distance, name_words, pieces, stem, tokens

PROGRAM = find_chromium()
ASSETS = package_path("../reports/assets").resolve()
SCRIPTS = [ASSETS / name for name in ("search-words.js", "search.js")]
WORDS_ALONE = Weights(meaning=0, unlisted=0, feedback=0)
HOSTILE = (
    *("", " ", "?", "🙂", ".*[(\\", "a b c", "\ud800 drift", "<b>drift</b>", "C++ C# .NET F#"),
    *("naïve café", "模型部署", "İstanbul", "ΣΑΣ", "ｆｕｌｌ ｗｉｄｔｈ", "x" * 10_000),
    *("alternatives to", "like", "similar to nothing at all", "alternative " * 40),
    *("__proto__ constructor", "-1", "0", "\u202edrift", "\x00\x1b[31mdrift"),
)


@cache
def tools() -> list[dict[str, Any]]:
    """Return the tools that are shipped."""
    text = package_path("snapshots/tools-2026.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def made() -> SearchIndex:
    """Return the index of the tools that are shipped, by an encoder without a model."""
    encoder, words = HashedWords(), read_search_words(package_path("search/mlops.toml"))
    documents = [
        Searchable(
            key=tool["full_name"],
            name=tool["full_name"],
            former_names=tuple(tool.get("former_names") or ()),
            description=tool["description"],
            groups=(0,) if "feature store" in tool["description"].lower() else (),
        )
        for tool in tools()
    ]
    return build_index(
        documents,
        [SearchGroup("Feature store", ("features for training and serving",))],
        texts=["models on mobile phones", "phones and tablets", "tablets in production"],
        told={"mlflow": "Experiment tracking. Logging runs: parameters, metrics, tags."},
        abbreviations=words.abbreviations,
        vectors=encoder.encode([tool["description"] for tool in tools()]),
        encode=encoder.encode,
    )


@cache
def index() -> SearchIndex:
    """Return the index, made once."""
    return made()


def found(query: str, n: int = 5) -> list[str]:
    """Return the names of the first tools, without their owners."""
    return [hit.key.split("/")[1] for hit in index().search(query, n)]


def small(*descriptions: str, **more: Any) -> SearchIndex:
    """Return the index of a few documents, called t0, t1, ..., by words alone."""
    documents = [
        Searchable(key=f"t{place}", name=f"t{place}", description=text)
        for place, text in enumerate(descriptions)
    ]
    return build_index(documents, **more)


# Shared words, by hand.


def test_a_word_counts_as_bm25f_says() -> None:
    """Descriptions of mean length: 1 / (1.2 + 1) of 255; twice: 2 / 3.2; in a name: 3 / 4.2."""
    first = Searchable(key="a", name="x/y", description="drift alpha beta gamma")
    second = Searchable(key="b", name="x/z", description="drift drift delta omega")
    third = Searchable(key="c", name="x/drift", description="kappa lambda sigma theta")
    scores = {
        hit.key: hit.score
        for hit in build_index([first, second, third]).search("drift", weights=WORDS_ALONE)
    }
    assert scores["a"] == round(255 / 2.2) / 255
    assert scores["b"] == round(255 * 2 / 3.2) / 255
    # Who is called as the query is comes first.
    assert scores["c"] == round(255 * 3 / 4.2) / 255 + Weights().named


def test_rare_words_count_more_and_all_words_more_than_one_often() -> None:
    """Of two words in one document each, the rarer wins; who has both wins over both."""
    made = small("model drift", "model model model", "drift", "model", "model zoo")
    assert made.search("drift model")[0].key == "t0"
    assert [hit.key for hit in made.search("drift zoo model")][:2] in (["t0", "t4"], ["t4", "t0"])
    rarity = {stem: int(made.rarity[number]) for stem, number in made.stem_numbers.items()}
    assert rarity["zoo"] > rarity["drift"] > rarity["model"]


def test_long_descriptions_count_their_words_less() -> None:
    """The same word in a longer text says less of what it is about."""
    made = small("drift alpha", "drift " + " ".join(f"word{n}" for n in range(30)))
    assert [hit.key for hit in made.search("drift", weights=WORDS_ALONE)] == ["t0", "t1"]


# Words and their forms.


@pytest.mark.parametrize(
    "forms",
    [
        ("orchestrate", "orchestrator", "orchestration", "orchestrators"),
        ("optimisation", "optimization", "optimiser", "optimizing"),
        ("labelling", "labeling", "labels", "labelled"),
        ("catalogue", "catalog", "catalogues"),
        ("explain", "explainable", "explainability"),
        ("annotate", "annotation", "annotator"),
        ("behaviour", "behavior", "behaviours"),
        ("gpus", "gpu"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    """Also where Britain and America spell it in two ways."""
    assert len({stem(form) for form in forms}) == 1


def test_words_of_other_scripts_are_words_too() -> None:
    """Accents and widths are folded, Han characters stand in pairs, languages keep their names."""
    assert tokens("Naïve ＦＵＬＬ-width C++") == ["naive", "full", "width", "cpp"]
    assert tokens("模型部署") == ["模型", "型部", "部署"]
    assert name_words("text-generation-inference")[-1] == "tgi"
    assert name_words("BentoML") == ["bento", "ml", "bentoml"]


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [("store", "stroe", 1), ("optuna", "optna", 1), ("abc", "abc", 0), ("abcd", "badc", 2)],
)
def test_neighbours_in_the_wrong_order_are_one_error(one: str, other: str, errors: int) -> None:
    """As one too many, one too few, one wrong."""
    assert distance(one, other, 2) == distance(other, one, 2) == errors


# What people look for.


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("optuna", "optuna"),
        ("KServe", "kserve"),
        ("kfserving", "kserve"),  # a former name
        ("vdp", "instill-core"),
        ("tgi", "text-generation-inference"),  # initials
        ("bento ml", "BentoML"),
        ("great expectations", "great_expectations"),
        ("pytorch/serve", "serve"),
        ("dmlc xgboost", "xgboost"),
    ],
)
def test_names_come_first(query: str, first: str) -> None:
    """In whatever way they are written."""
    assert found(query, 1) == [first]


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("feature stores", "feature store"),
        ("feature-store", "feature store"),
        ("featurestore", "feature store"),
        ("what is there for a feature store?", "feature store"),
        ("FEATURE  STORE", "feature store"),
        ("feature store optimisation", "feature store optimization"),
        ("rl", "reinforcement learning"),
    ],
)
def test_the_same_question_in_other_words(query: str, same: str) -> None:
    """Most of the first five stay, whatever form the words have."""
    assert len(set(found(query)) & set(found(same))) >= 4


def test_a_word_that_is_not_written_out_is_gone_on_with() -> None:
    """As somebody types."""
    assert "prefect" in found("orchestr", 10)
    assert set(found("featu", 10)) & {"feast", "featureform", "featuretools"}


def test_alternatives_are_like_it_and_not_it() -> None:
    """Of a tool that is there; with a wish beside it; and of one that is told of alone."""
    for query in ("alternatives to optuna", "optuna alternative", "something like Optuna"):
        names = found(query, 10)
        assert "optuna" not in names
        assert set(names) & {"hyperopt", "scikit-optimize", "advisor"}, names
    assert found("like optuna for keras", 2)[0] in {"keras-tuner", "hyperas", "talos"}
    assert set(found("alternatives to mlflow")) & {"aim", "SwanLab", "wandb", "neptune-client"}
    assert "langfuse" in found("langsmith alternative")  # resembles it


def test_what_is_meant_is_said() -> None:
    """Only where a word is mistyped."""
    assert index().did_you_mean("feature stroe") == "feature store"
    assert index().did_you_mean("Optna for keras") == "optuna for keras"
    assert index().did_you_mean("feature store") is None
    assert index().did_you_mean("qqqqqqqqqq") is None
    assert found("feature stroe") == found("feature store")


@given(st.integers(0, 10**9))
def test_one_error_in_a_name_is_no_harm(seed: int) -> None:
    """A tool with a name of its own is among the first five, or the word is another known one."""
    rng = random.Random(seed)
    tool = rng.choice([t for t in tools() if t["full_name"].split("/")[1].isalpha()])
    name = tool["full_name"].split("/")[1].lower()
    if len(name) < 5:
        return
    place = rng.randrange(1, len(name))
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    mistyped = rng.choice(
        [
            name[:place] + letter + name[place:],
            name[:place] + name[place + 1 :],
            name[:place] + letter + name[place + 1 :],
            name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :],
        ]
    )
    meant = index().did_you_mean(mistyped)
    if meant == name or mistyped == name:
        assert tool["full_name"] in [hit.key for hit in index().search(mistyped, 5)]
    elif meant is not None:
        assert distance(mistyped, meant, 1) <= 1
    else:
        assert len(mistyped) < 5 or index().search(mistyped, 1)


@pytest.mark.parametrize("query", HOSTILE)
def test_odd_queries_are_answered(query: str) -> None:
    """With documents or with none, never with an error, and in order."""
    hits = index().search(query, None)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.key for hit in hits}) == len(hits)
    index().did_you_mean(query)


def test_no_documents_or_one_or_no_common_word() -> None:
    """Nothing to find, nothing to compare with, and nothing to learn what words mean from."""
    unlike = {"vectors": np.eye(2, dtype=np.float32), "encode": lambda _: np.ones((0, 2))}
    assert [hit.key for hit in small("drift", "tables", **unlike).search("tables")] == ["t1"]
    assert build_index([]).search("drift") == []
    assert SearchIndex.from_values(build_index([]).as_values(), []).search("drift") == []
    assert [hit.key for hit in small("drift").search("drifts")] == ["t0"]
    assert [hit.key for hit in small("").search("t0")] == ["t0"]


def test_few_documents_are_read_back_whatever_their_words() -> None:
    """Meanings take half a byte a number: an odd number of them is read back as well."""
    said = ["watches models for drift", "serves models", "stores features", "labels images"]
    sizes = set()
    for n in (2, 3, 4):
        vectors = HashedWords().encode(said[:n])
        index = small(*said[:n], vectors=vectors, encode=HashedWords().encode)
        assert index.meanings.size
        sizes.add(index.meanings.size % 2)
        read = SearchIndex.from_values(index.as_values(), index.keys)
        assert (read.meanings == index.meanings).all()
    assert sizes == {0, 1}


def test_groups_lead_to_their_documents() -> None:
    """By their names, also where no document says so itself."""
    documents = [
        Searchable(key="a", name="a", description="answers requests", groups=(0,)),
        Searchable(key="b", name="b", description="draws plots"),
    ]
    made = build_index(documents, [SearchGroup("Model serving")])
    assert [hit.key for hit in made.search("serving")] == ["a"]


def test_what_was_found_is_told_and_marked() -> None:
    """The words of the document that the query found, in the forms that stand in it."""
    (hit,) = small("Serves many models.", "plots").search("serving a model")
    assert set(hit.matched) == {"serves", "models"}
    assert pieces("Serves many models.", hit.matched) == [
        ("Serves", True),
        (" many ", False),
        ("models", True),
        (".", False),
    ]
    assert "".join(piece for piece, _ in pieces("<b>Serves</b>\x1b", ["b"])) == "<b>Serves</b>\x1b"


# The index itself.


def test_the_same_documents_give_the_same_bytes_within_the_budget() -> None:
    """At most 200 kB for 357 tools; what is read back is what was written."""
    values = json.dumps(index().as_values(), ensure_ascii=False)
    assert values == json.dumps(made().as_values(), ensure_ascii=False)
    assert len(values.encode()) <= 200_000
    read = SearchIndex.from_values(json.loads(values), index().keys)
    for query in ("serve llm", "alternatives to feast", "drfit"):
        assert read.search(query, None) == index().search(query, None)
    assert json.dumps(read.as_values(), ensure_ascii=False) == values


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Return a browser in which the page's search has read the same index."""
    if PROGRAM is None:
        pytest.skip("no Chromium on PATH to search with")
    values = json.dumps(index().as_values()).replace("<", "\\u003c")
    path = tmp_path_factory.mktemp("search") / "page.html"
    script = "".join(each.read_text(encoding="utf-8") for each in SCRIPTS)
    path.write_text(
        f"<meta charset=utf-8><script>{script}</script>"
        f"<script>const search = new Search({values});</script>",
        encoding="utf-8",
    )
    with Chromium(PROGRAM) as chromium:
        chromium.open(path.as_uri(), width=800)
        yield chromium


def asked_of_both() -> list[str]:
    """Return queries of all kinds: people's, odd ones, and some two hundred at random."""
    rng = random.Random(5)
    words = [word for tool in tools() for word in tool["description"].split()]
    names = [tool["full_name"] for tool in tools()]
    queries = [*HOSTILE, "serve llm", "feature stroe", "mlflow alternatives", "langsmith like"]
    queries += [f"{rng.choice(['like', 'alternatives to'])} {rng.choice(names)}" for _ in range(30)]
    for _ in range(170):
        query = " ".join(rng.sample(words, rng.randrange(1, 5)))
        place = rng.randrange(len(query))
        queries.append(
            query[:place] + rng.choice(["", "x", query[place : place + 2]]) + query[place:]
        )
    return queries


def test_the_page_finds_the_same(page: Chromium) -> None:
    """The same documents in the same order, by the same words, with the same advice."""
    queries = asked_of_both()
    answers = page.evaluate(
        f"""{json.dumps(queries)}.map((query) => [
          search.find(query).slice(0, 10).map(({{ index, score, marks }}) => [index, score, marks]),
          search.didYouMean(query), search.find(query).length])"""
    )
    for query, (hits, meant, n) in zip(queries, answers, strict=True):
        ours = index().search(query, None)
        told = [[hit.place, hit.score, list(hit.matched)] for hit in ours[:10]]
        assert (hits, meant, n) == (told, index().did_you_mean(query), len(ours)), query


def test_the_page_marks_the_same(page: Chromium) -> None:
    """Words are marked whole, and nothing is lost of what stands between them."""
    texts = ["Serves many models.", "naïve Serving<script>", "", "模型部署", "a\x00b serve"]
    for text in texts:
        shown = page.evaluate(f"Search.pieces({json.dumps(text)}, ['serves', 'naive', 'serve'])")
        assert [tuple(each) for each in shown] == pieces(text, ["serves", "naive", "serve"])


# As an artifact of a study, and as a command.


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of the small study that was run."""
    folder = study_workspace(tmp_path_factory.mktemp("searched"))
    done = opsatlas("run", "-w", folder)
    assert done.code == 0, done.err
    return folder


def test_a_run_makes_the_tools_searchable(workspace: Path) -> None:
    """In the workspace, the notebook and the command line alike; it is made once."""
    folder = workspace / "insights" / "search" / f"{SNAPSHOT}.tools"
    made_at = (folder / "manifest.json").stat().st_mtime_ns
    assert json.loads((folder / "manifest.json").read_text())["counts"]["documents"]["kept"] == (
        N_DOCUMENTS
    )
    frame = library.open(workspace).search("feature stores", n=3)
    assert list(frame["name"].str.startswith("acme/features")) == [True] * 3
    done = opsatlas("search", "feature stores", "-n", "3", "-w", workspace, "--json")
    answer = json.loads(done.out)
    assert [row["key"] for row in answer["found"]] == list(frame.index)
    assert opsatlas("run", "-w", workspace).code == 0
    assert (folder / "manifest.json").stat().st_mtime_ns == made_at


def test_the_command_says_what_it_is_and_what_was_meant(workspace: Path) -> None:
    """A tool takes two lines; what is not there is said, with exit code 0."""
    done = opsatlas("search", "moniter", "drift", "-n", "1", "-w", workspace)
    meant, name, told = done.out.splitlines()
    assert meant == "Did you mean “monitor drift”?"
    assert name.startswith("acme/drift-")
    assert told.startswith("  ")
    nothing = opsatlas("search", "qqqqqqqqqq", "-w", workspace)
    assert nothing.code == 0
    assert "Nothing is found" in nothing.out


def test_what_cannot_be_searched_is_refused(workspace: Path, tmp_path: Path) -> None:
    """Before the run, with no number of tools or no word, and where the index was changed."""
    with pytest.raises(InputError, match="n is 0"):
        library.open(workspace).search("drift", n=0)
    with pytest.raises(InputError, match="neither a letter nor a digit"):
        library.open(workspace).search(" ?\ud800")
    assert opsatlas("search", "", "-w", workspace).code == 2
    path = workspace / "insights" / "search" / f"{SNAPSHOT}.tools" / "search.json"
    kept = path.read_text(encoding="utf-8")
    path.write_text(kept[:-2], encoding="utf-8")
    done = opsatlas("search", "drift", "-w", workspace)
    path.unlink()
    (path.parent / "manifest.json").rename(tmp_path / "manifest.json")
    missing = opsatlas("search", "drift", "-w", workspace)
    (tmp_path / "manifest.json").rename(path.parent / "manifest.json")
    path.write_text(kept, encoding="utf-8")
    assert (done.code, missing.code) == (2, 2)
    assert "was changed" in done.err
    assert "cannot be searched yet" in missing.err
    assert "opsatlas run" in missing.err


def test_what_is_hidden_since_is_not_found(workspace: Path, tmp_path: Path) -> None:
    """Before the index is made anew as well, and as many others are."""
    own = shutil.copytree(workspace, tmp_path / "ws")
    first = library.open(own).search("feature stores", n=1)
    topics = library.open(own).taxonomy("tools").topics
    (number,) = topics.index[topics["name"] == first["topic"].iloc[0]]
    assert opsatlas("taxonomy", "hide", str(number), "-w", own).code == 0
    after = library.open(own).search("feature stores", n=1)
    assert len(after) == 1
    assert first["topic"].iloc[0] not in set(after["topic"])


def test_words_of_a_field_are_checked(tmp_path: Path) -> None:
    """An abbreviation is one word in small letters, and means something."""
    path = tmp_path / "words.toml"
    path.write_text('[abbreviations]\nrl = "reinforcement learning"\n', encoding="utf-8")
    assert read_search_words(path).abbreviations == {"rl": "reinforcement learning"}
    path.write_text('[abbreviations]\n"R L" = "reinforcement learning"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="R L"):
        read_search_words(path)

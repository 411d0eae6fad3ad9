"""How well a codebook fits: measured beside topics, said in words, with what it leaves out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import opsatlas
from hypothesis import given
from hypothesis import strategies as st
from label_studies import study_workspace
from small_study import KINDS

from artifacts.errors import InputError
from artifacts.hashing import hash_file
from configs.codebook import BookSource, Code, Codebook, CodebookHead
from taxonomy.guidance.fit import best_codes, fit_book, fit_of, most_of, overlaps
from taxonomy.guidance.gold import refuse_own_source
from taxonomy.guidance.scores import UNLIKE, CodeTexts, Coding

Labels = st.lists(st.integers(-1, 4), min_size=2, max_size=40)
HEAD = '[codebook]\nname = "{name}"\ntitle = "Kinds"\nversion = 1\n'
CODE = '\n[[codes]]\nid = "{code}"\nname = "{code}"\ndefinition = "It is for {code}."\n'
FOREIGN = {
    "cakes": "flour sugar butter oven bake dough cream chocolate",
    "football": "goal pitch referee striker penalty league offside match",
}


def labels(values: Sequence[int]) -> np.ndarray:
    """Return labels of documents."""
    return np.array(values, dtype=np.int32)


def write_kinds(
    path: Path, kinds: dict[str, str], *, examples: bool = True, more: str = ""
) -> Path:
    """Write a codebook with a code for each kind."""
    text = HEAD.format(name=path.stem) + more
    for code, words in kinds.items():
        parts = words.split()
        shown = [" ".join(parts[start : start + 4]) for start in range(0, len(parts), 2)]
        text += CODE.format(code=code) + (f"examples = {json.dumps(shown)}\n" if examples else "")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace whose taxonomy is built, of documents of four kinds."""
    return study_workspace(tmp_path_factory.mktemp("fit"))


def told(workspace: Path, book: Path, *options: object) -> tuple[dict[str, Any], str]:
    """Return what is said of a codebook as JSON, and in words."""
    shown = opsatlas("codebook", "fit", book, *options, "-w", workspace)
    assert shown.code == 0, shown.err
    data = opsatlas("codebook", "fit", book, *options, "--json", "-w", workspace)
    return json.loads(data.out), " ".join(shown.out.split())


@given(Labels)
def test_the_same_parts_agree_fully(values: list[int]) -> None:
    """However they are called; and of two parts or more no less can be reached."""
    found = labels(values)
    if len(set(values)) > 1:
        assert fit_of(found, found) == pytest.approx(1)
        assert fit_of(found, -found) == pytest.approx(1)
        assert most_of(found, found) == pytest.approx(1)


@given(Labels, st.randoms(use_true_random=False))
def test_codes_that_tell_less_apart_can_reach_less(values: list[int], random: Any) -> None:
    """Their information is at most the smaller entropy: merged parts stay within the bound."""
    topics = labels(values)
    merged = np.maximum(topics, 2)
    assert 0 <= most_of(merged, topics) <= 1
    if len(set(values)) > 1 and len(set(merged.tolist())) > 1:
        assert fit_of(merged, topics) <= most_of(merged, topics) + 1e-9


def test_no_more_than_chance_is_about_nought() -> None:
    """Codes dealt out at random say nothing of topics."""
    rng = np.random.default_rng(3)
    topics = np.repeat(np.arange(10), 40).astype(np.int32)
    assert abs(fit_of(rng.permutation(topics), topics)) < 0.05


def test_a_document_like_nothing_has_no_best_code() -> None:
    """The others have the one with the highest score."""
    vectors = np.eye(3, dtype=np.float32)
    scores = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    assert best_codes(scores, vectors, vectors[:2]).tolist() == [0, 1, -1]


def test_codes_are_close_that_documents_are_between() -> None:
    """Where three or more are, and they are a quarter of what one of the codes gets."""

    def coding(best: str, second: str, reason: str | None) -> Coding:
        return Coding(None if reason else best, best, second, 0.1, None, 0, 1, reason)

    torn = [coding("a", "b", "between a and b"), coding("b", "a", "between b and a")] * 2
    sure = [coding("a", "c", None)] * 12 + [coding("c", "a", None)] * 2
    foreign = [coding("c", "a", UNLIKE)] * 9
    (pair,) = overlaps([*torn, *sure, *foreign, coding("c", "a", "between c and a")])
    assert (pair.one, pair.other, pair.documents, pair.share) == ("a", "b", 4, 1.0)


def test_a_topic_that_is_of_several_codes_is_covered_by_none() -> None:
    """Each of its documents has a code, but no code has half of them."""
    codes = tuple(CodeTexts(name, name, (name,)) for name in "abc")
    vectors = np.eye(3, dtype=np.float32)[[0, 0, 0, 1, 0, 1, 2]]
    scores = vectors[:, :3].astype(np.float64) * 2
    topics = labels([0, 0, 0, 0, 1, 1, 1])
    fit = fit_book(codes, scores, vectors, np.eye(3, dtype=np.float32), topics)
    assert fit.uncovered == [1]
    assert fit.topics[0].code == "a"
    assert [code.documents for code in fit.codes] == [4, 2, 1]


def test_a_book_of_the_documents_fits_well(workspace: Path) -> None:
    """Each code has its documents, each topic its code, and nothing is proposed."""
    data, words = told(workspace, write_kinds(workspace / "right.toml", KINDS))
    assert data["verdict"] == "well"
    assert [each["documents"] for each in data["codes"]] == [15, 15, 15, 15]
    assert data["proposals"] == []
    assert "The codebook fits well: AMI" in words


def test_a_draft_of_a_list_sorts_documents(workspace: Path) -> None:
    """What headings and entries say is enough to lay it over a taxonomy, and it fits."""
    items = {
        kind: "".join(
            f"- [{kind}{n}](https://a.org/{kind}/{n}) - {' '.join(words.split()[n : n + 5])}\n"
            for n in range(6)
        )
        for kind, words in KINDS.items()
    }
    path = workspace / "list.md"
    text = "".join(f"## {kind.title()}\n\n{entries}\n" for kind, entries in items.items())
    path.write_text(f"# Awesome\n\n{text}", encoding="utf-8")
    out = workspace / "drafted.toml"
    assert opsatlas("codebook", "from-list", path, "--out", out).code == 0
    assert told(workspace, out)[0]["verdict"] == "well"
    sorted_by = opsatlas("taxonomy", "crosswalk", out, "--json", "-w", workspace)
    assert json.loads(sorted_by.out)[0]["documents_by_code"] == dict.fromkeys(KINDS, 15)


def test_a_book_of_another_field_fits_badly(workspace: Path) -> None:
    """It says so, what is unlike it, and proposes the topics as codes."""
    data, words = told(workspace, write_kinds(workspace / "cakes.toml", FOREIGN))
    assert data["verdict"] == "badly"
    assert data["unlike"] == data["documents"] == 60
    assert [each["documents"] for each in data["codes"]] == [0, 0]
    assert sum(each["documents"] for each in data["proposals"]) >= 55
    assert all(each["name"] and each["exemplars"] for each in data["proposals"])
    assert "The codebook fits badly: AMI" in words
    assert "it may be of another field" in words
    assert "60 of 60 documents (100%) have no clear code" in words
    assert "empty" in words


def test_half_a_book_says_which_topics_it_leaves_out(workspace: Path) -> None:
    """What it has no code for is proposed by the name of its topic."""
    half = {kind: KINDS[kind] for kind in ("serving", "drift")}
    data, _ = told(workspace, write_kinds(workspace / "half.toml", half))
    assert data["verdict"] == "in part"
    names = " ".join(each["name"] for each in data["proposals"]).lower()
    assert "feature" in names
    assert "history" in names or "experiments" in names


def test_codes_without_examples_are_named(workspace: Path) -> None:
    """Codes are found by their examples above all; those with codes below them need none."""
    bare = write_kinds(workspace / "bare.toml", KINDS, examples=False)
    data, words = told(workspace, bare)
    assert data["without_examples"] == list(KINDS)
    assert "Without examples, by which codes are found above all: serving, tracking" in words
    bare.write_text(bare.read_text() + 'parent = "serving"\n', encoding="utf-8")
    assert told(workspace, bare)[0]["without_examples"] == ["tracking", "features", "drift"]


def test_codes_that_say_the_same_are_close(workspace: Path) -> None:
    """Both are named, with the share of documents between them."""
    book = write_kinds(workspace / "twins.toml", {**KINDS, "twin": KINDS["serving"]})
    data, words = told(workspace, book)
    assert [(each["one"], each["other"]) for each in data["overlaps"]] == [("serving", "twin")]
    assert "close to twin" in words


@pytest.mark.parametrize(
    ("more", "kinds", "said"),
    [
        ('[[variables]]\nid = "k"\nname = "K"\nopen = true\n', {"drift": "a"}, "has 1 code."),
        ("", {"drift": "a"}, "has fewer than two codes"),
    ],
)
@pytest.mark.parametrize("command", ["codebook fit", "taxonomy crosswalk"])
def test_a_book_of_one_code_sorts_nothing(
    workspace: Path, command: str, more: str, kinds: dict[str, str], said: str
) -> None:
    """It is refused with one message, also where coders may add codes."""
    book = write_kinds(workspace / "one.toml", kinds, more=more)
    done = opsatlas(*command.split(), book, "-w", workspace)
    assert (done.code, done.out, done.err.count("error: ")) == (2, "", 1)
    assert said in done.err


@pytest.mark.parametrize(
    ("parents", "said"),
    [
        ({"serving": "tracking", "tracking": "serving"}, "is its own ancestor"),
        ({"serving": "serving"}, "is its own ancestor"),
        ({"serving": "lost"}, "'lost' is no code of 'parents'"),
        ({"serving": "lost/serving"}, "no codebook 'lost' beside this one"),
    ],
)
def test_parents_that_cannot_be_are_refused(
    workspace: Path, parents: dict[str, str], said: str
) -> None:
    """Circles, and what is not there: where, and what to do."""
    path = workspace / "parents.toml"
    text = HEAD.format(name="parents")
    for code in ("serving", "tracking"):
        parent = f'parent = "{parents[code]}"\n' if code in parents else ""
        text += CODE.format(code=code) + parent
    path.write_text(text, encoding="utf-8")
    done = opsatlas("codebook", "fit", path, "-w", workspace)
    assert (done.code, done.err.count("error: "), "to do: " in done.err) == (2, 1, True)
    assert said in done.err


def test_a_list_does_not_judge_the_book_that_was_made_from_it(tmp_path: Path) -> None:
    """It is known by its bytes, whatever it is called; other lists may judge."""
    own, other = tmp_path / "renamed.md", tmp_path / "other.md"
    own.write_text("# A list\n", encoding="utf-8")
    other.write_text("# Another\n", encoding="utf-8")
    codes = tuple(Code(id=code, name=code, definition=code) for code in ("a", "b"))
    head = CodebookHead(name="made", title="Made", version=1)
    source = BookSource(list="list.md", sha256=hash_file(own))
    book = Codebook(codebook=head, source=source, codes=codes)
    refuse_own_source(book, [other])
    refuse_own_source(Codebook(codebook=head, codes=codes), [own])
    with pytest.raises(InputError, match="'made' was made from this list") as caught:
        refuse_own_source(book, [other, own])
    assert str(own) in str(caught.value)


def test_a_crosswalk_is_not_judged_by_its_own_source(workspace: Path) -> None:
    """The command refuses it before it is read."""
    gold = workspace / "coder.csv"
    gold.write_text("full_name,category\nacme/serving-0,serving\n", encoding="utf-8")
    source = f'[source]\nlist = "coder.csv"\nsha256 = "{hash_file(gold)}"\n'
    book = write_kinds(workspace / "own.toml", KINDS, more=source)
    done = opsatlas("taxonomy", "crosswalk", book, "--gold", gold, "-w", workspace)
    assert (done.code, "was made from this list" in done.err) == (2, True)

"""Labels and the study they are of: samples by its strata, more of them, estimates, validation."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from math import fsum
from pathlib import Path
from typing import Any

import pytest
from label_studies import (
    FRAMEWORKS,
    code_all,
    coded_set,
    codings,
    label,
    lines,
    opsatlas,
    planted,
    study_workspace,
    titles,
    write_book,
)
from shown import shown
from small_study import N_DOCUMENTS

from labels.label_set import LabelSet
from labels.validation.contingency import contingency_table
from labels.validation.purity import purity
from labels.validation.values import labelled
from reports.validation import headline, purity_table

SHARE = 0.5


@pytest.fixture(scope="module", autouse=True)
def _few_resamples() -> Iterator[None]:
    """Take few resamples for the scores of a crosswalk, whose intervals are tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(contingency_table.__kwdefaults__, "resamples", 20)
        yield


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a workspace of the small study."""
    return study_workspace(tmp_path)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return the codebook of the planted kinds."""
    return write_book(tmp_path / "planted.toml")


def waves(workspace: Path, name: str) -> list[dict[str, Any]]:
    """Return the waves of a set of labels as the command tells them."""
    found: list[dict[str, Any]] = json.loads(label(workspace, "wave", "list", name, "--json"))
    return found


def drawn(workspace: Path, *arguments: object) -> dict[str, Any]:
    """Return the sample as the command tells it."""
    found: dict[str, Any] = json.loads(label(workspace, "sample", *arguments, "--json"))
    return found


def sizes(sample: dict[str, Any]) -> dict[str, int]:
    """Return how many documents each stratum gave."""
    return {each["name"]: each["n_drawn"] for each in sample["design"]["strata"]}


def test_a_larger_sample_holds_the_smaller(workspace: Path, book: Path) -> None:
    """More documents come in waves of their own, and are those that one larger draw has."""
    label(workspace, "sample", "k", "--codebook", book, "--size", 12, "--coder", "ada")
    code_all(workspace, "k", "ada")
    first, said = titles(workspace, "k"), codings(workspace, "k")
    label(workspace, "sample", "k", "--size", 20, "--waves", "3")
    assert titles(workspace, "k")[:12] == first
    assert [wave["documents"] for wave in waves(workspace, "k")] == [12, 3, 5]
    assert [wave["coders"][0]["left"] for wave in waves(workspace, "k")] == [0, 3, 5]
    assert codings(workspace, "k") == said
    label(workspace, "sample", "at-once", "--codebook", book, "--size", 20)
    assert set(titles(workspace, "at-once")) == set(titles(workspace, "k"))


def test_a_stratified_sample_keeps_what_it_gave(workspace: Path, book: Path) -> None:
    """Extended by topic, no stratum gives fewer, and nothing that was drawn goes."""
    options = ("--codebook", book, "--stratify", "topic")
    before = drawn(workspace, "k", *options, "--size", 12)
    after = drawn(workspace, "k", "--size", 24)
    assert all(sizes(after)[name] >= n for name, n in sizes(before).items())
    keys = [unit["key"] for unit in after["units"]]
    assert keys[:12] == [unit["key"] for unit in before["units"]]
    assert len(set(keys)) == 24


def test_a_plan_writes_nothing(workspace: Path, book: Path) -> None:
    """The design is shown, neither a set nor a larger sample is made."""
    assert "12 of 60 documents" in label(workspace, "sample", "k", "--size", 12, "--plan")
    assert not (workspace / "labels").exists()
    label(workspace, "sample", "k", "--codebook", book, "--size", 12)
    said = label(workspace, "sample", "k", "--size", 20, "--plan")
    assert "20 of 60" in said and "Next" not in said
    assert len(titles(workspace, "k")) == 12


def test_waves_and_shares_of_coders(workspace: Path, book: Path) -> None:
    """The first coder codes every wave whole, the second the share of all of them together."""
    said = label(
        workspace, "sample", "k", "--codebook", book, "--size", 20, "--waves", "5,5",
        *("--coder", "ada", "--coder", "ben", "--overlap", SHARE),
    )  # fmt: skip
    assert "Next: code: opsatlas label annotate k --coder ada" in said
    found = waves(workspace, "k")
    assert [wave["documents"] for wave in found] == [5, 5, 10]
    of = {
        who: sum(c["documents"] for wave in found for c in wave["coders"] if c["coder"] == who)
        for who in ("ada", "ben")
    }
    assert of == {"ada": 20, "ben": 10}


def test_strata_of_stars_and_of_frameworks(workspace: Path, tmp_path: Path, book: Path) -> None:
    """Tools are drawn by quartiles of their stars, themes by the framework that they are of."""
    stars = drawn(workspace, "k", "--stratify", "stars", "--size", 8, "--plan")
    assert list(sizes(stars).values()) == [2, 2, 2, 2]
    options = ("--of", "themes", "--stratify", "framework", "--allocation", "equal", "--size", 6)
    assert sizes(drawn(workspace, "t", *options, "--plan")) == dict.fromkeys(FRAMEWORKS, 3)
    among = tmp_path / "among.csv"
    among.write_text("key\n" + "".join(f"name:acme/serving-0#{n}\n" for n in range(4)), "utf-8")
    keys = drawn(workspace, "t", "--of", "themes", "--among", among, "--size", 4, "--plan")
    assert keys["population"] == 4


def test_neyman_takes_more_where_more_is_unsure(workspace: Path) -> None:
    """With standard deviations of .5, .5, .3 and .3 in equal strata, 16 become 5, 5, 3 and 3."""
    strata = sizes(drawn(workspace, "k", "--stratify", "stars", "--size", 8, "--plan"))
    shares = (0.5, 0.5, 0.1, 0.1)
    guesses = [("--guess", f"{name}={p}") for name, p in zip(strata, shares, strict=True)]
    options = [part for guess in guesses for part in guess]
    found = drawn(
        workspace, "k", "--stratify", "stars", "--allocation", "neyman", "--size", 16, "--plan",
        *options,
    )  # fmt: skip
    assert list(sizes(found).values()) == [5, 5, 3, 3]


def test_a_guess_may_name_a_topic_by_its_number(workspace: Path) -> None:
    """What stands before the name of a topic or category is enough."""
    strata = sizes(drawn(workspace, "k", "--stratify", "category", "--size", 8, "--plan"))
    options = [part for name in strata for part in ("--guess", f"{name.split(' ')[0]}=0.5")]
    found = drawn(
        workspace, "k", "--stratify", "category", "--allocation", "neyman", "--size", 8, "--plan",
        *options,
    )  # fmt: skip
    assert sum(sizes(found).values()) == 8


def test_estimates_are_weighted_by_the_design(workspace: Path, book: Path) -> None:
    """The share of a code is that of each stratum times the stratum's share of all documents."""
    sample = drawn(
        workspace, "k", "--codebook", book, "--stratify", "topic", "--allocation", "equal",
        *("--size", 16, "--coder", "ada"),
    )  # fmt: skip
    odd = set(titles(workspace, "k")[::3])
    code_all(workspace, "k", "ada", lambda t: "drift" if t in odd else planted(t))
    label(workspace, "wave", "close", "k", "w1")
    said = {key: codes["kind"][0] for (key, _), codes in codings(workspace, "k").items()}
    stratum_of = {unit["key"]: unit["stratum"] for unit in sample["units"]}
    with_drift = Counter(stratum_of[key] for key, code in said.items() if code == "drift")
    strata = sample["design"]["strata"]
    assert len({each["n_population"] / each["n_drawn"] for each in strata}) > 1
    by_hand = fsum(
        with_drift[each["name"]] / each["n_drawn"] * each["n_population"] / N_DOCUMENTS
        for each in strata
    )
    values = json.loads(label(workspace, "validate", "k", "--no-classify", "--json"))
    found = {each["code"]: each["share"] for each in values["population"]["codes"]}
    assert found["drift"]["value"] == pytest.approx(by_hand)
    assert found["drift"]["value"] != pytest.approx(with_drift.total() / len(said), abs=1e-3)
    assert found["drift"]["low"] < by_hand < found["drift"]["high"]


def test_a_taxonomy_is_held_against_labels(workspace: Path) -> None:
    """The report says what is right, offers what it leaves out, and names what to label next."""
    coded_set(workspace, "k", size=30)
    said = label(workspace, "validate", "k", "--coder", "ada", "--no-classify")
    assert "the taxonomy is right about" in said and "Which codes each topic holds" in said
    assert "strata are weighted" in said and "Chosen, not drawn" in said
    said = label(workspace, "validate", "k", "--coder", "ada", "--crosswalk", "--no-classify")
    assert "topic labelled codes" in said and "Which codes" not in said
    values = json.loads(label(workspace, "validate", "k", "--code", "drift", "--json"))
    assert {code for each in values["purity"]["topics"] for code, _ in each["counts"]} <= {
        "drift",
        "(the rest)",
    }
    assert values["classifier"]["scores"]["micro_f1"]["value"] > SHARE
    assert values["placement"]["rows"] == []


def test_categories_are_called_so_everywhere(workspace: Path) -> None:
    """With --layer categories the report speaks of categories and their addresses alone."""
    coded_set(workspace, "k", size=20)
    options = ("validate", "k", "--layer", "categories", "--no-classify", "--crosswalk", "--all")
    said = label(workspace, *options)
    assert "topic" not in said
    assert " c0 " in said and "are in no category" in said


def test_few_topics_are_shown_and_the_others_counted() -> None:
    """Of five topics the worst two are shown, and the command that shows all is named."""
    codes = {f"d{n}": ["a", "b"][n % 2] for n in range(20)}
    found = purity(labelled({f"d{n}": n % 5 for n in range(20)}, codes, names={}))
    said = shown(purity_table(found, "categories", n_worst=2))
    assert "… and 3 more categories: --all." in said
    assert [line.split()[0] for line in said.splitlines() if line.startswith("c")][1:] == [
        "c0",
        "c1",
    ]
    assert "in no category" in headline(found, "categories")


def test_a_document_can_have_several_codes(workspace: Path, tmp_path: Path) -> None:
    """Of such a variable one code is asked about at a time; without it the codes are named."""
    text = write_book(tmp_path / "b.toml").read_text("utf-8").replace("open", "multiple")
    book = tmp_path / "several.toml"
    book.write_text(text, encoding="utf-8")
    label(workspace, "sample", "k", "--codebook", book, "--size", 12, "--coder", "ada")
    several = (
        {"item": title, "variable": "kind", "codes": [planted(title), "drift"][: 1 + n % 2]}
        for n, title in enumerate(titles(workspace, "k"))
    )
    script = lines(*({**each, "codes": sorted(set(each["codes"]))} for each in several))
    label(workspace, "annotate", "k", "--coder", "ada", "--stdin", stdin=script)
    label(workspace, "wave", "close", "k", "w1")
    done = opsatlas("label", "validate", "k", "-w", workspace)
    assert done.code == 2
    assert "--code: serving, tracking, features, drift" in done.err
    values = json.loads(
        label(workspace, "validate", "k", "--code", "drift", "--no-classify", "--json")
    )
    assert values["purity"]["n_labelled"] == 12


def test_a_set_tells_what_was_named_beforehand(workspace: Path) -> None:
    """The coefficient and threshold of the study are in the set as it is made, and stay there."""
    file = coded_set(workspace, "k")
    text = (workspace / "study.toml").read_text("utf-8")
    (workspace / "study.toml").write_text(text.replace("0.6", "0.1"), encoding="utf-8")
    with LabelSet.open(file, read_only=True) as labels:
        assert labels.named is not None
        assert (labels.named.coefficient, labels.named.threshold) == ("cohen", 0.6)
    said = label(workspace, "agree", "k", "--resamples", 20)
    assert "to reach 0.60" in said

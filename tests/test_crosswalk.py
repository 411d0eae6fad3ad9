"""Crosswalks: which code a document or a node has, when it has none, and what coders say of it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from command_line import opsatlas
from hypothesis import given
from hypothesis import strategies as st
from small_study import KINDS, SNAPSHOT, planted_rows, write_study
from typer.testing import CliRunner
from warm import warm_opsatlas

from artifacts.errors import InputError
from artifacts.manifest import Manifest
from configs import package_path
from configs.codebook import read_codebook
from taxonomy.guidance import scores as code_scores
from taxonomy.guidance.codes import CodeList
from taxonomy.guidance.crosswalk import read_crosswalk
from taxonomy.guidance.gold import (
    ABSTAINED,
    NO_CODE,
    CodedRow,
    Coder,
    ceilings,
    judge,
    kappa,
    read_coder,
)
from taxonomy.guidance.scores import CodeTexts, Coding, code_documents, code_node, own_scores

CODES = (
    CodeTexts("serving", "Serving", ("serve models", "inference endpoint")),
    CodeTexts("tracking", "Tracking", ("track experiments", "log metrics")),
    CodeTexts("drift", "Drift", ("monitor drift", "alert quality")),
)
CALLED = {
    "serving": frozenset({"serving"}),
    "deployment": frozenset({"serving"}),
    "tracking": frozenset({"tracking"}),
    "watching": frozenset({"drift", "features"}),
    "other": frozenset[str](),
}


def coded(code: str | None, best: str = "serving") -> Coding:
    """Return the coding of a document, with a code or without."""
    reason = None if code else "between serving and tracking"
    return Coding(code, code or best, None, 1.0, None, int(code is not None), 1, reason)


def coder(*rows: tuple[str, str], name: str = "ann") -> Coder:
    """Return a coder who said this."""
    found = [CodedRow(who, said, line) for line, (who, said) in enumerate(rows, start=2)]
    return Coder(Path(f"{name}.csv"), tuple(found))


def one_hot(places: Sequence[int]) -> np.ndarray:
    """Return vectors that each point along one axis."""
    return np.eye(4, dtype=np.float32)[list(places)]


def test_a_document_has_the_code_that_means_the_same() -> None:
    """Meaning decides where no word is shared, words where the meaning is the same."""
    phrases = one_hot([0, 0, 1, 1, 2, 2])
    by_meaning = own_scores(["a", "b", "c"], one_hot([2, 0, 1]), CODES, phrases)
    assert by_meaning.argmax(axis=1).tolist() == [2, 0, 1]
    texts = ["alert on quality", "log metrics here", "inference endpoint"]
    by_words = own_scores(texts, one_hot([3, 3, 3]), CODES, phrases)
    assert by_words.argmax(axis=1).tolist() == [2, 1, 0]


def test_a_document_between_two_codes_or_unlike_all_has_none() -> None:
    """It abstains, says why, and keeps what would have been the best."""
    scores = np.array([[2.0, 0.0, 1.0], [1.0, 0.9, 0.0], [2.0, 0.0, 1.0]])
    phrases = one_hot([0, 1, 2])
    sure, doubtful, foreign = code_documents(scores, one_hot([0, 0, 3]), phrases, CODES)
    assert (sure.code, sure.second, sure.margin, sure.reason) == ("serving", "drift", 1.0, None)
    assert (doubtful.code, doubtful.best) == (None, "serving")
    assert doubtful.reason == "between serving and tracking"
    assert (foreign.code, foreign.reason) == (None, code_scores.UNLIKE)


def test_a_topic_speaks_for_its_documents() -> None:
    """Scores go towards the mean of the topic, of the unplaced towards that of the nearest."""
    scores = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    topics = np.array([5, 5, 7, -1], dtype=np.int32)
    joined = code_scores.with_topics(scores, topics, np.array([5, 5, 7, 7], dtype=np.int32))
    share = code_scores.TOPIC_WEIGHT
    np.testing.assert_allclose(joined[0], [1 - share / 2, 0.0])
    np.testing.assert_allclose(joined[1], [share / 2, 0.0])
    np.testing.assert_allclose(joined[2], [0.0, 1.0])
    np.testing.assert_allclose(joined[3], [0.0, share])


@given(st.lists(st.sampled_from(["serving", "tracking", "drift", None]), max_size=12))
def test_a_node_has_a_code_only_if_its_documents_agree(codes: list[str | None]) -> None:
    """Half must have a code, half of these the same one, and more than any other."""
    found = code_node([coded(code) for code in codes])
    voted = [code for code in codes if code is not None]
    assert (found.code is None) == (found.reason is not None)
    assert (found.size, found.n_coded) == (len(codes), len(voted))
    if found.code is not None:
        assert 2 * len(voted) >= len(codes)
        assert found.share == voted.count(found.code) / len(voted) >= 0.5
        assert all(voted.count(c) < voted.count(found.code) for c in set(voted) - {found.code})
    elif voted and 2 * len(voted) >= len(codes):
        assert max(voted.count(c) for c in voted) * 2 <= len(voted)


def test_kappa_is_cohens() -> None:
    """The worked example of 50 proposals that two readers accept or refuse gives 0.40."""
    one = np.repeat([1, 1, 0, 0], [20, 5, 10, 15])
    other = np.repeat([1, 0, 1, 0], [20, 5, 10, 15])
    assert kappa(one, other) == pytest.approx(0.4)
    assert kappa(one, one) == pytest.approx(1.0)
    assert kappa(one[:20], one[:20]) is None
    assert kappa(one[:0], one[:0]) is None


def test_a_crosswalk_is_judged_on_what_it_coded() -> None:
    """Abstentions, documents that nobody knows, and what has no code are told apart."""
    documents = {
        "k1": coded("serving"),
        "k2": coded("tracking"),
        "k3": coded(None, best="tracking"),
        "k4": coded("features"),
        "k5": coded("serving"),
        "k6": coded("serving"),
    }
    key_of = {f"a/{key}": key for key in documents}
    rows = (
        ("a/k1", "serving"),
        ("a/k2", "tracking"),
        ("a/k3", "tracking"),
        ("a/k4", "watching"),
        ("a/k5", "deployment"),
        ("a/k6", "other"),
        ("a/lost", "serving"),
    )
    found = judge(documents, key_of, coder(*rows), CALLED)
    assert found.unknown == ("a/lost",)
    assert (found.n_judged, found.n_abstained) == (6, 1)
    assert found.confusion == {
        ("serving", "serving"): 2,
        ("tracking", "tracking"): 1,
        ("tracking", ABSTAINED): 1,
        ("watching", "watching"): 1,
        (NO_CODE, "serving"): 1,
    }
    # By hand: five judged, four right; by chance 2/5·3/5 + 1/5·1/5 + 1/5·1/5 = 8/25.
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx((4 / 5 - 8 / 25) / (1 - 8 / 25))
    assert found.kappa_forced is not None
    assert found.kappa_forced.value > found.kappa.value


def test_coders_are_compared_on_what_both_coded() -> None:
    """Two labels of one code are no disagreement."""
    ann = coder(("a/1", "serving"), ("a/2", "tracking"), ("a/3", "serving"))
    bob = coder(("a/1", "deployment"), ("a/2", "tracking"), ("a/4", "tracking"), name="bob")
    (both,) = ceilings([ann, bob], {}, CALLED)
    assert (both.name, both.n_docs) == ("ann × bob", 2)
    assert both.kappa is not None
    assert both.kappa.value == 1.0


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("a/1", "serving"), ("a/2", "cooking")], "no code 'cooking'"),
        ([("a/1", "serving"), ("a/1", "tracking")], "'a/1' is coded twice"),
    ],
)
def test_what_a_coder_may_not_say_is_named_by_line(rows: list[tuple[str, str]], said: str) -> None:
    """A code that is not in the codebook and two codes of one document: file and line."""
    with pytest.raises(InputError) as raised:
        judge({"k1": coded("serving")}, {"a/1": "k1"}, coder(*rows), CALLED)
    assert said in str(raised.value)
    assert "ann.csv, line 3" in str(raised.value)


def test_all_that_the_codebook_lacks_is_told_at_once() -> None:
    """Each label with its lines, and words that can be written for it; a word for none is known."""
    said = [("a/1", "serving"), ("a/2", "cooking"), ("a/3", "baking"), ("a/4", "cooking")]
    with pytest.raises(InputError) as raised:
        judge({"k1": coded("serving")}, {"a/1": "k1"}, coder(*said), CALLED)
    text = str(raised.value)
    assert "no code 'cooking', and none of these:\n    'baking', line 4" in text
    assert "ann.csv, lines 3, 5" in text
    assert 'none = ["cooking", "baking"]' in text
    book = read_codebook(package_path("codebooks/request-themes.toml"))
    assert book.codes_called()["other"] == frozenset()
    without = book.model_copy(update={"codebook": book.codebook.model_copy(update={"none": ()})})
    assert CodeList.of(book) == CodeList.of(without)  # so that crosswalks stay as they were


def test_a_coder_of_other_documents_is_refused() -> None:
    """Nothing to judge is an error, not a perfect score."""
    with pytest.raises(InputError, match="codes no document"):
        judge({"k1": coded("serving")}, {}, coder(("a/1", "serving")), CALLED)


def test_a_coders_file_is_read(tmp_path: Path) -> None:
    """The column is chosen; rows without a code are left out; a missing column is named."""
    path = tmp_path / "ann.csv"
    path.write_text("full_name,kind,category\nA/B,tool,Serving\nC/D,list,\n", encoding="utf-8")
    assert read_coder(path).rows == (CodedRow("a/b", "serving", 2),)
    assert [row.label for row in read_coder(path, column="kind").rows] == ["tool", "list"]
    with pytest.raises(InputError, match="none of the columns codes"):
        read_coder(path, column="codes")
    path.write_text("full_name,category\nA/B,\n", encoding="utf-8")
    with pytest.raises(InputError, match="No document of the list has a code"):
        read_coder(path)


def test_the_categories_of_coders_are_known_to_the_shipped_codebooks() -> None:
    """Each of the nine is a code of the six, several share one, and `other` is none."""
    six = read_codebook(package_path("codebooks/mlops-tools.toml"))
    fine = read_codebook(package_path("codebooks/mlops-tools-fine.toml"))
    nine = [
        "all-in-one platform",
        "data management & features",
        "data pipeline & orchestration",
        "deployment & serving",
        "infrastructure & compute",
        "model versioning & registry",
        "testing & monitoring",
        "training & experiment tracking",
    ]
    for category in nine:
        (broad,) = six.codes_called()[category]
        finer = fine.codes_called()[category]
        assert {code.parent for code in fine.codes if code.id in finer} == {f"mlops-tools/{broad}"}
    assert six.codes_called()["other"] == fine.codes_called()["other"] == frozenset()


CODEBOOK = """\
[codebook]
name = "kinds"
title = "Kinds"
version = 1
layer = "tools"
none = ["none of these"]
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with a small taxonomy; tests that change it must copy it."""
    folder = tmp_path_factory.mktemp("crosswalk")
    study = write_study(folder)
    text = study.read_text(encoding="utf-8")
    study.write_text(f'codebooks = ["mlops-tools", "request-themes"]\n{text}', encoding="utf-8")
    done = warm_opsatlas().run("run", study, "-w", folder / "ws")
    assert done.code == 0, done.err
    return folder / "ws"


@pytest.fixture
def codebook(tmp_path: Path) -> Path:
    """Return a codebook of the four planted kinds, one of them left out."""
    codes = [
        f'[[codes]]\nid = "{kind}"\nname = "{kind.title()}"\ndefinition = "{words}."\n'
        for kind, words in KINDS.items()
        if kind != "drift"
    ]
    path = tmp_path / "kinds.toml"
    path.write_text("\n".join([CODEBOOK, *codes]), encoding="utf-8")
    return path


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """Return what a coder says of the planted documents: their kind."""
    path = tmp_path / "ann.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["full_name", "category"])
        for row in planted_rows():
            kind = row["full_name"].split("/")[1].split("-")[0]
            rows.writerow([row["full_name"], "none of these" if kind == "drift" else kind])
        rows.writerow(["nobody/knows-it", "serving"])
    return path


def test_a_study_has_a_crosswalk_for_each_codebook_of_its_layer(workspace: Path) -> None:
    """`run` made the one for tools, and left the one for themes."""
    found = sorted(path.name for path in (workspace / "crosswalks").iterdir())
    assert found == [f"{SNAPSHOT}.tools.mlops-tools"]
    made = Manifest.read(workspace / "crosswalks" / found[0])
    assert made.counts["documents"].read == 60
    assert sum(made.facts["documents"].values()) == made.counts["documents"].kept


def test_topics_are_sorted_by_a_codebook(workspace: Path, codebook: Path, tmp_path: Path) -> None:
    """Planted topics get their code; the one that the codebook lacks gets none, with a reason."""
    ws = tmp_path / "ws"
    shutil.copytree(workspace, ws)
    done = opsatlas("taxonomy", "crosswalk", codebook, "--json", "--documents", "-w", ws)
    assert done.code == 0, done.err
    (found,) = json.loads(done.out)
    right = [
        each["code"] == each["title"].split("/")[1].split("-")[0]
        for each in found["documents"]
        if each["code"] is not None
    ]
    assert len(right) >= 30
    assert np.mean(right) >= 0.9
    lost = [each for each in found["documents"] if "drift" in each["title"]]
    assert np.mean([each["code"] is None for each in lost]) >= 0.8
    assert {node["node"][0] for node in found["nodes"]} >= {"c", "0"}
    for node in found["nodes"]:
        assert (node["code"] is None) == (node["reason"] is not None)
    table = opsatlas("taxonomy", "crosswalk", codebook, "-w", ws)
    assert "c0" in table.out
    assert "no code: " in table.out
    assert "without a code" in table.out
    assert table.err == ""  # it was there already


def test_a_crosswalk_is_made_again_only_when_something_changed(
    workspace: Path, codebook: Path, tmp_path: Path
) -> None:
    """The second call leaves it; other words make it anew, and the old ones the same bytes."""
    ws = tmp_path / "ws"
    shutil.copytree(workspace, ws)
    opsatlas("taxonomy", "crosswalk", codebook, "-w", ws)
    folder = ws / "crosswalks" / f"{SNAPSHOT}.tools.kinds"
    first = Manifest.read(folder)
    whole = read_crosswalk(folder)
    assert [code.id for code in whole.codebook.codes] == ["serving", "tracking", "features"]
    assert len(whole.documents) == 60
    opsatlas("taxonomy", "crosswalk", codebook, "-w", ws)
    assert Manifest.read(folder) == first
    text = codebook.read_text(encoding="utf-8")
    codebook.write_text(text.replace("offline online", "online"), encoding="utf-8")
    opsatlas("taxonomy", "crosswalk", codebook, "-w", ws)
    assert Manifest.read(folder).key != first.key
    codebook.write_text(text, encoding="utf-8")
    opsatlas("taxonomy", "crosswalk", codebook, "-w", ws)
    assert Manifest.read(folder).content_hash == first.content_hash


def test_coders_judge_the_codes(
    workspace: Path, codebook: Path, gold: Path, tmp_path: Path
) -> None:
    """κ, the share abstained, who is not known, and who was confused with whom."""
    ws = tmp_path / "ws"
    shutil.copytree(workspace, ws)
    command = ("taxonomy", "crosswalk", codebook, "--gold", gold, "-w", ws)
    done = opsatlas(*command, "--json")
    assert done.code == 0, done.err
    (found,) = json.loads(done.out)
    (ann,) = found["coders"]
    assert ann["n_judged"] == 60
    assert ann["unknown"] == ["nobody/knows-it"]
    assert ann["kappa"]["value"] > 0.7 > ann["kappa_forced"]["value"] > 0.3
    assert ann["abstention"] == ann["n_abstained"] / 60
    done = opsatlas(*command)
    assert "ann codes 1 that the taxonomy lacks: nobody/knows-it" in done.out
    assert ABSTAINED in done.out
    assert NO_CODE in done.out


def test_what_cannot_be_crossed_is_refused(workspace: Path, gold: Path) -> None:
    """An unknown codebook, one of another layer, a code that is not there: exit code 2, and why."""
    for arguments, said in (
        (["recipes"], "There is no codebook 'recipes'"),
        (["request-themes"], "is for themes, not for tools"),
        (["mlops-tools", "--gold", gold], "ann.csv, lines 3, 7"),
        (["lost.toml"], "there is no such file"),
    ):
        done = opsatlas("taxonomy", "crosswalk", *arguments, "-w", workspace)
        assert done.code == 2
        assert done.err.count("error: ") == 1
        assert said in done.err


def test_a_study_without_a_codebook_for_the_layer_says_so(tmp_path: Path) -> None:
    """Without a name and without a codebook in the study there is nothing to do."""
    from opsatlas.cli.main import app

    study = write_study(tmp_path / "ws")
    result = CliRunner().invoke(app, ["taxonomy", "crosswalk", "-w", str(study.parent)])
    assert isinstance(result.exception, InputError)
    assert "names no codebook for tools" in str(result.exception)


def test_the_shipped_codebooks_say_what_to_compare_with() -> None:
    """What is compared is what a code is; when not to use it is for people."""
    for code in CodeList.of(read_codebook(package_path("codebooks/mlops-tools.toml"))).codes:
        assert len(code.texts) >= code_scores.TEXTS_COUNTED + 3
        assert not any("merely" in text for text in code.texts)

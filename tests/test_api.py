"""`import opsatlas`: what a notebook holds goes in, data frames come out, and misuse is told."""

from __future__ import annotations

import ast
import doctest
import re
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from label_sets import close, give, kinds_set
from planted import planted_texts
from sklearn.feature_extraction.text import TfidfVectorizer
from small_study import SNAPSHOT, write_study

import opsatlas
from artifacts.errors import OpsatlasError
from docs.blocks import blocks_of
from embeddings.encoder import HashedWords
from embeddings.given import as_encoder
from labels.agreement import frame as agreeing
from labels.agreement.report import agreement as measured
from opsatlas import building
from taxonomy import build as making
from taxonomy import taxonomy as held
from taxonomy.decisions.deciding import Signature, merge, record
from taxonomy.settings import TopicSettings

TEXTS, _ = planted_texts(12)
SETTINGS = {"runs": 4, "epochs": 20, "min_topic_size": 5, "neighbours": 10}
FRAME = pd.DataFrame(
    {
        "text": TEXTS,
        "key": [f"tool-{number}" for number in range(len(TEXTS))],
        "date": ["2023-12-31T23:30:00-01:00", None, *["2022-05-01"] * (len(TEXTS) - 2)],
    }
)


def build(texts: Any = FRAME, **given: Any) -> opsatlas.Taxonomy:
    """Build quickly, without a model."""
    return opsatlas.build(texts, **{"encoder": "hashed-words", "settings": SETTINGS} | given)


@pytest.fixture(scope="module")
def built() -> opsatlas.Taxonomy:
    """Return a taxonomy of 48 texts of four themes, from a data frame."""
    return build()


def test_exported_members() -> None:
    """What is exported is sorted, typed, there, documented, and what completion offers."""
    names = opsatlas.__all__
    tree = ast.parse(Path(opsatlas.__file__).read_text(encoding="utf-8"))
    imported = [each for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    of_package = [each for each in imported if each.col_offset == 4 and each.module != "typing"]
    typed = {alias.name for each in of_package for alias in each.names}
    assert typed | {"__version__"} == set(names)
    assert names == sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert dir(opsatlas) == sorted(names)
    for name in names:
        member = getattr(opsatlas, name)
        assert isinstance(member, (int, str)) or (member.__doc__ or "").strip(), name
    assert not hasattr(opsatlas, "nothing")


def test_importing_the_package_loads_nothing() -> None:
    """Who asks for the version or an error alone waits for no array library."""
    code = "import opsatlas, sys; opsatlas.__version__, opsatlas.OpsatlasError; "
    code += "print({'numpy', 'pandas', 'pydantic', 'typer'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


@pytest.mark.parametrize("module", [held, building, agreeing])
def test_the_examples_in_the_docstrings_run(module: ModuleType) -> None:
    """What the public API says of itself is so."""
    failed, attempted = doctest.testmod(
        module, extraglobs={"opsatlas": opsatlas}, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert failed == 0 < attempted


def test_a_taxonomy_in_five_lines(tmp_path: Path) -> None:
    """Build, look, find, place, save; what was saved is opened with its encoder."""
    taxonomy = build(TEXTS)
    assert list(taxonomy.topics)[:4] == ["name", "category", "size", "stability"]
    assert taxonomy.find("serving latency")["likeness"].is_monotonic_decreasing
    assert taxonomy.place([TEXTS[0]])["topic"][0] == taxonomy.topic_of["0"]
    taxonomy.save(str(tmp_path / "mine"))
    again = opsatlas.Taxonomy.open(str(tmp_path / "mine"))
    assert again.find("drift monitoring alert").equals(taxonomy.find("drift monitoring alert"))


def test_a_frame_names_its_documents(built: opsatlas.Taxonomy) -> None:
    """By its column `key`, by a column that is named, or by its index."""
    assert built.documents.index.tolist() == FRAME["key"].tolist()
    named = FRAME.rename(columns={"key": "name"}).set_index(pd.Index(range(100, 148)))
    by_index = build(named, titles="name").documents
    assert (by_index.index[0], by_index["title"].iloc[0]) == ("100", "tool-0")
    assert build(FRAME["text"]).documents.index[0] == "0"


class Threefold:
    """Encodes as the words do, with rows that are three long, as lists or as arrays."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def encode(self, texts: list[str]) -> Any:
        """Return n_texts rows."""
        rows = HashedWords().encode(texts).astype(np.float64) * 3
        return rows.tolist() if self.kind is list else rows.astype(self.kind)


@pytest.mark.parametrize("kind", [list, np.float16, np.float64])
def test_anything_that_encodes_is_an_encoder(kind: Any) -> None:
    """An object or a function, lists or arrays of any float type: rows come out at unit length."""
    wanted = HashedWords().encode(TEXTS)
    for given in (Threefold(kind), Threefold(kind).encode):
        rows = as_encoder(given).encode(TEXTS)
        assert rows.dtype == np.float32
        assert rows == pytest.approx(wanted, abs=1e-3)
    assert (as_encoder(HashedWords().encode).encode(TEXTS) == wanted).all()
    by_words = TfidfVectorizer().fit(TEXTS)
    rows = as_encoder(by_words.transform).encode(TEXTS)
    assert rows == pytest.approx(by_words.transform(TEXTS).toarray(), abs=1e-6)


def test_a_taxonomy_by_a_users_own_encoder(built: opsatlas.Taxonomy) -> None:
    """It builds, names, finds and places; vectors may be given with it."""
    own = Threefold(list)
    taxonomy = build(encoder=own, vectors=own.encode(TEXTS))
    assert taxonomy.topics["size"].tolist() == built.topics["size"].tolist()
    words = "drift monitoring alert"
    assert taxonomy.find(words)["number"][0] == built.find(words)["number"][0]


ONES = np.ones((48, 8))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"texts": FRAME, "text": "description"},
            "no column 'description'.*its columns: text, key",
        ),
        ({"texts": FRAME.assign(text=[None, *TEXTS[1:]])}, "A text is missing.*text 0.*leave such"),
        ({"texts": [*TEXTS[:-1], " "]}, "A text is empty.*text 47"),
        ({"texts": [*TEXTS[:-1], 7]}, "A text is of type int.*text 47, counted from 0: 7"),
        ({"texts": "one text"}, "A str is no list of texts"),
        ({"texts": TEXTS[:9]}, "There are 9 documents; topics need at least 10"),
        ({"texts": FRAME.assign(key="same")}, "The key 'same' is there twice"),
        ({"texts": FRAME.assign(key=[None, *TEXTS[1:]])}, "The keys lack a name.*place 0"),
        ({"texts": pd.concat([FRAME["text"]] * 2)}, "The index names.*reset_index"),
        ({"texts": TEXTS, "keys": "name"}, "names a column, and the texts are no DataFrame"),
        ({"titles": ["a"]}, "There are 48 documents and 1 titles"),
        ({"dates": ["2024-01-01"]}, "There are 48 documents and 1 dates"),
        ({"dates": [2024] * 48}, "2024 is no date.*write it as 2024-01-31"),
        ({"settings": {"run": 8}}, "There is no setting 'run'.*did you mean 'runs'"),
        ({"settings": "fast"}, "A str is no settings.*min_topic_size"),
        ({"settings": {"runs": 1}}, "runs: Input should be greater than or equal to 2, not 1"),
        ({"stop_words": "english"}, r"stop_words is one text.*stop_words=\['english'\]"),
        ({"encoder": "no-model"}, "Unknown model 'no-model'"),
        ({"encoder": 7}, "7 is no encoder.*encode"),
        ({"encoder": lambda texts: "x"}, "The encoder gave no matrix of numbers"),
        ({"encoder": lambda texts: ONES[0]}, r"The encoder gave an array of shape \(8,\)"),
        ({"encoder": lambda texts: ONES * np.nan}, "not finite.*text 0"),
        ({"encoder": lambda texts: ONES * 0}, "a vector of zeros.*text 0"),
        ({"vectors": ONES}, "The vectors have 8 dimensions, those of the encoder 512"),
        ({"vectors": ONES[:3]}, r"shape \(3, 8\) for 48 texts"),
    ],
)
def test_what_does_not_fit_is_told(given: dict[str, Any], said: str) -> None:
    """One clear error says what is wrong, where, and what to do; no library speaks."""
    with pytest.raises(OpsatlasError, match=f"(?s){said}"):
        build(**given)


def test_a_taxonomy_says_what_it_cannot_be_asked(built: opsatlas.Taxonomy, tmp_path: Path) -> None:
    """A wrong question, an encoder of other width, or a folder without a taxonomy is told."""
    built.save(tmp_path / "one")
    for ask, said in (
        (lambda: built.find(""), "no text to look for"),
        (lambda: built.find("x", layer="topic"), "no layer 'topic'.*topics, categories"),  # type: ignore[arg-type]
        (lambda: built.find("x", n=-1), "n=-1 is no number of rows"),
        (lambda: built.representative(0, n=0), "n=0 is no number of rows"),
        (lambda: built.place("one text"), r"A str is no list of texts.*one text goes into \[ \]"),
        (lambda: built.place(FRAME), "A DataFrame is no list of texts"),  # type: ignore[arg-type]
        (lambda: built.place(["a text", None]), "A text is of type NoneType.*text 1"),  # type: ignore[list-item]
        (lambda: built.representative(99), "There is no topic 99"),
        (lambda: build(TEXTS).over_time(), "No dates of the documents are known"),
        (lambda: built.over_time(freq="H"), "There is no freq 'H'"),  # type: ignore[arg-type]
        (lambda: opsatlas.Taxonomy.open("nowhere"), "There is no taxonomy here"),
        (lambda: opsatlas.open(tmp_path / "one"), "This is a saved taxonomy"),
        (
            lambda: opsatlas.Taxonomy.open(
                tmp_path / "one", encoder=lambda texts: ONES[: len(texts)]
            ).place(["x"]),
            "8 dimensions.*512",
        ),
    ):
        with pytest.raises(OpsatlasError, match=f"(?s){said}"):
            ask()


def test_places_go_by_the_index_of_a_series(built: opsatlas.Taxonomy) -> None:
    """So they can be joined to the frame that the texts are from; no texts have no places."""
    new = pd.Series(TEXTS[:2], index=["x", "y"])
    assert built.place(new)["topic"].to_dict() == {
        key: built.topic_of[f"tool-{number}"] for number, key in enumerate(new.index)
    }
    assert built.place([]).columns.equals(built.place(new).columns)
    assert len(built.place(text for text in TEXTS[:3])) == 3  # type: ignore[arg-type]


def test_saving_removes_nothing_but_an_older_taxonomy(
    built: opsatlas.Taxonomy, tmp_path: Path
) -> None:
    """A folder or file of something else stays as it is; an empty folder is filled."""
    (tmp_path / "empty").mkdir()
    for _ in range(2):
        built.save(tmp_path / "empty")
    (tmp_path / "paper").mkdir()
    (tmp_path / "paper" / "draft.tex").write_text("years of work", encoding="utf-8")
    for place in ("paper", "paper/draft.tex"):
        with pytest.raises(OpsatlasError, match=r"(?s)Something that is no taxonomy.*new folder"):
            built.save(tmp_path / place)
    assert (tmp_path / "paper" / "draft.tex").read_text(encoding="utf-8") == "years of work"


def test_a_taxonomy_whose_folder_was_moved_is_missed_by_its_place(
    built: opsatlas.Taxonomy, tmp_path: Path
) -> None:
    """It is not the encoder that is not known; where it is now, it is opened."""
    built.save(tmp_path / "old")
    held = opsatlas.Taxonomy.open(tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    with pytest.raises(OpsatlasError, match=r"(?s)There is no taxonomy here.*old"):
        held.place(TEXTS[:1])
    assert opsatlas.Taxonomy.open(tmp_path / "new").place(TEXTS[:1])["outcome"][0] == "placed"


def test_memberships_are_shares_of_the_runs(built: opsatlas.Taxonomy) -> None:
    """That of a document's own or nearest topic is its strength; counted by hand it is the same."""
    shares = built.memberships
    assert shares.shape == (48, len(built.topic_nodes))
    assert shares.to_numpy().min() >= 0
    assert shares.to_numpy().max() <= 1
    for key, row in built.documents.iterrows():
        assert shares.loc[str(key), row["nearest_topic"]] == row["strength"]
    runs, topics = built.runs, built.documents["topic"].to_numpy()
    together, seen = np.zeros(48), (runs != -2).sum(axis=0)
    for run in runs:
        inside = np.bincount(run[(topics == 0) & (run >= 0)], minlength=1)
        together += (run == inside.argmax()) & (inside.max() > 0)
    assert shares[0].to_numpy() == pytest.approx(together / seen)


def test_memberships_know_nothing_of_what_people_made(
    built: opsatlas.Taxonomy, tmp_path: Path
) -> None:
    """A topic that people joined has no figures; the others have those that they had."""
    built.save(tmp_path / "one")
    signed = Signature(by="Ada", at=datetime(2026, 1, 1, tzinfo=UTC))
    record(tmp_path / "one", lambda shown, log: merge(shown, log, signed, ["0", "1"], None))
    decided = opsatlas.Taxonomy.open(tmp_path / "one")
    (made,) = set(decided.topics.index) - {2, 3}
    assert decided.memberships[made].isna().all()
    assert decided.memberships[[2, 3]].equals(built.memberships[[2, 3]])


def test_every_document_is_counted_once_over_time(built: opsatlas.Taxonomy) -> None:
    """In UTC, without gaps, and those of unknown date as unknown; other dates may be given."""
    counts = built.over_time()
    assert counts.columns.tolist() == ["2022", "2023", "2024", "unknown"]
    assert counts.sum().tolist() == [46, 0, 1, 1]
    assert counts.index.tolist() == [*built.topics.index, opsatlas.NOISE]
    monthly = built.over_time({"tool-0": "2022-01-31", "tool-1": "2022-03-01"}, freq="M")
    assert monthly.columns.tolist() == ["2022-01", "2022-02", "2022-03", "unknown"]
    assert monthly.sum().tolist() == [1, 0, 1, 46]


def test_representative_documents_come_with_their_words(built: opsatlas.Taxonomy) -> None:
    """Exemplars first, then the firmest; of a topic by number or name, or of a category."""
    topic = built.topic_nodes[0]
    shown = built.representative(0, n=99)
    assert tuple(shown.index[: len(topic.exemplars)]) == topic.exemplars
    assert sorted(shown.index) == sorted(built.members(0))
    assert shown["text"].tolist() == [TEXTS[int(key.removeprefix("tool-"))] for key in shown.index]
    assert built.representative("0").equals(built.representative(topic, 3))
    assert set(built.representative("c0", n=99).index) == set(built.members("c0"))


def test_a_notebook_shows_the_tree_and_no_markup_of_strangers() -> None:
    """A table of categories over topics; whatever is in names and words is escaped."""
    texts = [f"<b>{text.split()[0]}</b> & $x$ {text}" for text in TEXTS]
    taxonomy = build(texts)
    shown = taxonomy._repr_html_()
    assert shown.count("<tr>") == 1 + len(taxonomy.topics) + len(taxonomy.categories)
    assert "<b>" not in shown
    assert "mathjax_ignore" in shown


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> opsatlas.Workspace:
    """Return the workspace of a small study that was run."""
    folder = tmp_path_factory.mktemp("study")
    return opsatlas.run(write_study(folder, runs=4), folder / "atlas")


def test_a_workspace_holds_taxonomies_and_snapshots(
    opened: opsatlas.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By corpus or by name, with an encoder; tables go by the keys of the documents."""
    tools = opened.taxonomy("tools")
    assert opened.taxonomies.index.tolist() == [f"{SNAPSHOT}.tools"]
    assert opened.taxonomies["documents"].tolist() == [60] == [len(tools.documents)]
    assert opened.taxonomy(f"{SNAPSHOT}.tools") == tools
    assert tools.find("track experiments metrics")["likeness"][0] > 0
    assert tools.place(tools.representative(0, n=1)["text"])["nearest"].tolist() == [0]
    assert opened.snapshots.loc[SNAPSHOT].to_dict() == {"state": "sealed", "repositories": 60}
    rows = opened.snapshot(SNAPSHOT)["repositories"]
    joined = tools.documents.join(rows)
    assert joined["full_name"].tolist() == tools.documents["title"].tolist()
    assert rows["stars"].isna().all()
    assert tools.over_time()["unknown"].sum() == 60
    assert tools.representative(0)["text"].str.len().min() > 0
    monkeypatch.chdir(opened.folder / "snapshots")
    assert opsatlas.open().folder == opened.folder


def test_a_workspace_is_told_in_a_line_and_a_table(opened: opsatlas.Workspace) -> None:
    """What is built and what is mined, by name."""
    assert repr(opened) == f"<Workspace of “Small tools” in {opened.folder}>"
    assert f"<td>{SNAPSHOT}</td>" in re.sub(' style="[^"]*"', "", opened._repr_html_())


def test_a_damaged_workspace_is_still_shown(opened: opsatlas.Workspace, tmp_path: Path) -> None:
    """A notebook shows what cannot be read as a row of the table, not as a traceback."""
    shutil.copytree(opened.folder, tmp_path / "atlas")
    decisions = tmp_path / "atlas" / "taxonomies" / f"{SNAPSHOT}.tools.overrides.toml"
    decisions.write_text("[[decisions]", encoding="utf-8")
    manifest = tmp_path / "atlas" / "snapshots" / SNAPSHOT / "manifest.json"
    manifest.write_text("{", encoding="utf-8")
    damaged = opsatlas.Workspace(replace(opened.pipeline, workspace=tmp_path / "atlas"))
    shown = damaged._repr_html_()
    assert "decisions" in shown, shown
    assert "snapshots" in shown


def test_what_a_workspace_lacks_is_told(opened: opsatlas.Workspace, tmp_path: Path) -> None:
    """Names that are not there are answered with those that are."""
    for ask, said in (
        (lambda: opened.taxonomy("themes"), r"The study has no section \[themes\]"),
        (lambda: opened.taxonomy("other"), f"no taxonomy 'other'.*tools, themes, {SNAPSHOT}.tools"),
        (lambda: opened.snapshot("2020-01-01.x"), f"no snapshot '2020-01-01.x'.*{SNAPSHOT}"),
        (lambda: opened.labels("mine"), "labels"),
        (lambda: opened.compare(of="tool"), "no corpus 'tool'.*tools, themes"),  # type: ignore[arg-type]
        (lambda: opened.compare(layer="topic"), "no layer 'topic'"),  # type: ignore[arg-type]
        (lambda: opened.compare(), "needs two snapshots or more"),
        (lambda: opened.compare(SNAPSHOT, "2025-01-01.tools"), "no 2025-01-01.tools.tools yet"),
        (lambda: opsatlas.open(tmp_path), "The workspace has no study yet"),
        (lambda: opsatlas.open(tmp_path / "no"), "There is no such workspace"),
    ):
        with pytest.raises(OpsatlasError, match=f"(?s){said}"):
            ask()


def test_what_the_manual_shows_in_python_runs(
    opened: opsatlas.Workspace, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every block of its page, in order, in one session; with few runs, and without a model."""
    settings = building.settings_from
    quick = TopicSettings.model_validate(SETTINGS).model_copy
    monkeypatch.setattr(making, "plan_encoder", lambda *_, **__: HashedWords())
    # What is given is checked as ever; then few runs are made.
    monkeypatch.setattr(building, "settings_from", lambda given: settings(given) and quick())
    monkeypatch.chdir(tmp_path)
    FRAME.assign(title=FRAME["key"].str.upper()).to_csv("tools.csv", index=False)
    said = [(key, coder, key[-1]) for key in FRAME["key"] for coder in ("ada", "ben")]
    pd.DataFrame(said, columns=["document", "coder", "code"]).to_csv("labels.csv", index=False)
    (tmp_path / "atlas-mlops").symlink_to(opened.folder)
    page = (root / "docs" / "how-to" / "notebook.md").read_text(encoding="utf-8")
    session: dict[str, Any] = {}
    for block in blocks_of(page):
        assert block.language == "python"
        exec(compile("\n" * (block.line - 1) + block.text, "notebook.md", "exec"), session)
    assert session["places"].index.tolist() == ["a", "b"]
    assert session["again"].topics.equals(session["taxonomy"].topics)
    assert session["agreed"].value == 1
    shown = {name for name in opsatlas.__all__ if f"opsatlas.{name}" in page}
    assert {"NOISE", "Taxonomy", "agreement", "build", "load_bertopic", "open", "run"} <= shown


def test_labels_of_a_workspace_are_measured_as_the_command_does(
    opened: opsatlas.Workspace,
) -> None:
    """While coding is blind nothing is shown; then each variable gives the figures of `agree`."""
    path = opened.folder / "labels" / "kinds.sqlite"
    path.parent.mkdir()
    with closing(kinds_set(path)) as labels:
        give(labels, "ann", {0: "tool", 1: "tool", 2: "list"}, (0, "serving tracking"))
        give(labels, "ben", {0: "tool", 1: "list", 2: "list"}, (0, "serving"))
        with pytest.raises(OpsatlasError, match="Coding is still blind"):
            opened.labels("kinds")
        close(labels)
        report = measured(labels, None, seed=0, resamples=0)
    said = opened.labels("kinds")
    assert said.columns.tolist() == ["document", "title", "coder", "variable", "code"]
    for result in report.of("variable"):
        rows = said[said["variable"] == result.scope.variable]
        found = opsatlas.agreement(rows, resamples=0)
        assert found.value == result.coefficients["alpha"].value


WIDE = pd.DataFrame(
    {"Ann": [1, 2, 3, 3, 2, None], "Ben": [1, 2, 3, 2, 2, 4], "Cem": [1, 1, 3, 3, None, None]},
    index=list("abcdef"),
)
LONG = WIDE.melt(ignore_index=False, var_name="coder", value_name="code").dropna()
LONG = LONG.rename_axis("document").reset_index()


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_agreement_of_a_frame_is_that_of_the_engine(level: Any) -> None:
    """Long or wide, with a value, an interval, how many documents, and every coefficient."""
    wide, long = (opsatlas.agreement(frame, level=level) for frame in (WIDE, LONG))
    assert wide.value == long.value == wide.coefficients.loc["alpha", "value"]
    low, high = wide.interval or (1, 0)
    assert low <= wide.value <= high  # type: ignore[operator]
    assert (wide.n, wide.reason) == (5, None)
    assert f"({level})" in repr(wide)
    assert wide.codes.loc["2", ["Ann", "Ben", "Cem"]].tolist() == [2, 3, 0]


def test_agreement_by_the_published_example() -> None:
    """Krippendorff (2011), section C: 12 units, 4 observers, nominal: α = 0.743."""
    given = {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    }
    frame = pd.DataFrame(given)
    for level, value in (("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)):
        assert opsatlas.agreement(frame, level=level).value == pytest.approx(value, abs=5e-4)  # type: ignore[arg-type]


def test_agreement_that_is_undefined_says_why() -> None:
    """No value is a value of None with a reason, also where it is shown."""
    found = opsatlas.agreement(WIDE, "cohen")
    assert (found.value, found.interval) == (None, None)
    assert found.reason == "Cohen's κ is for two coders, not 3: see the pairs"
    assert "undefined" in repr(found)
    assert found.reason.replace("'", "&#x27;") in found._repr_html_()


@pytest.mark.parametrize(
    ("frame", "given", "said"),
    [
        ([], {}, "A list is no DataFrame"),
        (WIDE[["Ann"]], {}, "needs two coders or more"),
        (WIDE * np.nan, {}, "Nobody coded anything"),
        (pd.concat([LONG, LONG]), {}, "Ann coded a twice"),
        (WIDE, {"coefficient": "kappa"}, "no coefficient 'kappa'.*cohen"),
        (WIDE, {"level": "ordnal"}, "no level 'ordnal'.*nominal, ordinal, interval"),
        (WIDE, {"coefficient": "cohen-linear"}, "say which level they have"),
        (WIDE, {"seed": -1}, "The seed -1 is below 0"),
        (WIDE, {"resamples": -1}, "There cannot be -1 resamples"),
        (WIDE.astype(object).replace(1, "x"), {"level": "ordinal"}, "no order by itself.*codes="),
        (WIDE, {"codes": [1, 2, 3]}, "'4' is none of the codes"),
        (
            WIDE.astype(object).map(lambda code: ("x",) if code == 1 else code),
            {},
            "write all as tuples",
        ),
    ],
)
def test_frames_without_agreement_are_told(frame: Any, given: dict[str, Any], said: str) -> None:
    """What is no coding of several coders is refused in a sentence."""
    with pytest.raises(OpsatlasError, match=f"(?s){said}"):
        opsatlas.agreement(frame, **given)


def test_a_code_is_the_same_as_a_number_and_as_its_text() -> None:
    """One coder's column was read as numbers, the other's as texts: the codes are the same."""
    mixed = WIDE.astype({"Ben": int}).astype({"Ben": str})
    assert opsatlas.agreement(mixed, "ac1").value == opsatlas.agreement(WIDE, "ac1").value


def test_codes_keep_their_order_and_may_be_several() -> None:
    """A categorical column says the order; a tuple holds the codes of one document."""
    ranks = pd.CategoricalDtype(["low", "middle", "high"], ordered=True)
    named = LONG.assign(code=LONG["code"].clip(upper=3).map({1: "low", 2: "middle", 3: "high"}))
    by_name = opsatlas.agreement(named.astype({"code": ranks}), level="ordinal")
    assert by_name.value == opsatlas.agreement(WIDE.clip(upper=3), level="ordinal").value
    several = pd.DataFrame({"Ann": [("a", "b"), ("a",), ()], "Ben": [("a", "b"), ("a", "b"), ()]})
    assert "MASI" in repr(opsatlas.agreement(several))

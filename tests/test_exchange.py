"""Exchange: labels go out and come back as they were, and what cannot be used is named."""

from __future__ import annotations

import csv
import io
import json
import random
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.errors import InputError
from configs.codebook import Code, Codebook, CodebookHead, Level, Variable
from labels.exchange.bundle import Bundle, ImportedBundle
from labels.exchange.formats import FORMATS, format_of
from labels.exchange.jsonl import read_jsonl, write_jsonl
from labels.exchange.people import People
from labels.exchange.reading import Into, read_into
from labels.exchange.table import read_csv, write_csv
from labels.records import CONFIDENCES, CodedItem, Document, same_name, why_no_name

KINDS = Codebook(
    codebook=CodebookHead(name="kinds", title="Kinds", version=3, layer="tools", none=("other",)),
    variables=(
        Variable(id="kind", name="Kind", question="What is it?"),
        Variable(id="area", name="Area", multiple=True, only_if={"kind": ("tool",)}),
        Variable(id="size", name="Size", level="interval", open=True),
    ),
    codes=(
        Code(id="tool", name="Tool, or library", definition="Is used.", key="t", when="Run it."),
        Code(id="post", name="Post", variable="kind", definition="Is read.", aliases=("text",)),
        Code(id="big", name="Big", variable="size", definition="Is big.", value=2.5),
        Code(id="data", name="Data", variable="area", definition="Rows.", aliases=("ops", "D;A")),
        Code(id="serve", name="Serving", variable="area", definition="Calls.", aliases=("ops",)),
        Code(id="lake", name="Lake", variable="area", definition="Pool.", parent="data"),
    ),
)
OfCorpus = Literal["tools", "themes"] | None
NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
DOCUMENTS = (
    Document("gh:1", "a/one", "# One\r\n", "https://github.com/a/One", ("ml",), {"stars": "12"}),
    Document("gh:2", "b/two", ""),
    Document("gh:3", "c/three", "\ufeffthree"),
)
ITEMS = (
    CodedItem("gh:1", "ann", {"kind": ("tool",), "area": ("data", "lake")}, '=1\n\n"x"', "low"),
    CodedItem("gh:1", "bob", {"kind": ("tool",), "area": ()}, "", None, True, False, 0.1, NOON),
    CodedItem("gh:2", "ann", {"kind": ("post",)}, seconds=1e-7, coded_at=NOON),
    CodedItem("gh:2", "bob", {}, skipped=True),
)
LABELS = Bundle("pilot", KINDS, DOCUMENTS, ITEMS)

# Everything that Unicode has, but halves of pairs (no file holds them); often what is special.
SPECIAL = st.sampled_from("\n\r\t'\"=+-@;:,\\<&]>{}\u2028\x85\u0301👩\ufeff ")
NASTY = st.text(SPECIAL | st.characters(exclude_categories=["Cs"]), max_size=12)


def printable(text: str) -> bool:
    """Tell whether XML can hold a text."""
    return all(c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") for c in text)


TEXTS = NASTY.filter(printable) | st.sampled_from(["Example: x", "a\nopsatlas: {}", "\\When", "=1"])
NAMES = TEXTS.map(lambda text: " ".join(text.split())).filter(bool)
PEOPLE = NAMES.map(same_name).filter(lambda name: why_no_name(name) is None)


class Drawn:
    """Texts that hypothesis draws, put together by chance: quicker than drawing each part."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.rng = random.Random(draw(st.integers(0, 2**32 - 1)))
        self.names = draw(st.lists(NAMES, min_size=4, max_size=6, unique=True))
        self.people = draw(st.lists(PEOPLE, min_size=2, max_size=2, unique=True))
        self.texts = ["", *draw(st.lists(TEXTS, min_size=3, max_size=5))]
        self.nasty = draw(st.lists(NASTY, min_size=2, max_size=3))
        self.numbers = draw(st.lists(st.floats(0, 1e300), min_size=3, max_size=4, unique=True))
        self.times = [None, draw(st.datetimes(timezones=st.just(UTC)))]

    def text(self) -> str:
        """Return a text, maybe empty."""
        return self.rng.choice(self.texts)

    def some(self, texts: list[str]) -> tuple[str, ...]:
        """Return none, one or two of the texts."""
        return tuple(self.rng.choices(texts, k=self.rng.randint(0, 2)))

    def maybe(self) -> bool:
        """Return one or the other."""
        return self.rng.random() < 0.5

    def codes_of(self, variable: str | None) -> list[Code]:
        """Return the codes of a variable."""
        codes: list[Code] = []
        names, values = self.rng.sample(self.names, 3), self.rng.sample(self.numbers, 3)
        for code, name, value in zip(("a", "b-1", "c"), names, values, strict=True):
            parents = [None, "other/x", *(each.id for each in codes)]
            codes.append(
                Code(
                    id=code,
                    variable=variable,
                    name=name,
                    definition=self.text() or "x",
                    when=self.text() or None,
                    not_when=self.text() or None,
                    examples=self.some(self.texts),
                    parent=self.rng.choice(parents),
                    aliases=self.some(self.texts),
                    key=self.rng.choice([None, code[0]]),
                    value=value,
                )
            )
        return codes

    def codebook(self) -> Codebook:
        """Return a codebook with what a codebook can have."""
        variables: list[Variable] = []
        codes = self.codes_of(None)
        for name in self.rng.choice([[], ["v"], ["v", "w-2"]]):
            level: Level = self.rng.choice(["nominal", "ordinal", "interval"])
            codes = codes if not variables else codes + self.codes_of(name)
            variables.append(
                Variable(
                    id=name,
                    name=self.rng.choice(self.names),
                    question=self.text() or None,
                    multiple=level == "nominal" and self.maybe(),
                    open=self.maybe(),
                    level=level,
                    only_if={"v": ("a", "c")} if variables and self.maybe() else {},
                )
            )
        layer: OfCorpus = self.rng.choice([None, "tools", "themes"])
        title = self.text() or "x"
        called = {word.lower() for code in codes for word in (code.id, code.name, *code.aliases)}
        none = self.some(
            [word for word in ("other", "Äh; no", *self.names) if word.lower() not in called]
        )
        head = CodebookHead(
            name="book", title=title, version=self.rng.randint(1, 9), layer=layer, none=none
        )
        if len(variables) == 2:
            codes = self.rng.sample(codes, len(codes))
        return Codebook(codebook=head, variables=tuple(variables), codes=tuple(codes))

    def document(self, key: str) -> Document:
        """Return a document."""
        facts = dict(zip(self.nasty, reversed(self.nasty), strict=True)) if self.maybe() else {}
        url = self.rng.choice([None, self.text()])
        text = self.rng.choice(self.nasty)
        return Document(key, self.text(), text, url, self.some(self.nasty), facts)

    def item(self, key: str, coder: str, codebook: Codebook) -> CodedItem:
        """Return what a coder said of a document."""
        values: dict[str, tuple[str, ...]] = {}
        for variable in codebook.asked():
            ids = [code.id for code in codebook.codes_of(variable.id)]
            fewest = 0 if codebook.codebook.takes_none(variable) else 1
            most = 3 if variable.multiple else 1
            chosen = self.rng.sample(ids, self.rng.randint(fewest, most))
            if variable.applies(values) and self.maybe():
                values[variable.id] = tuple(code for code in ids if code in chosen)
        return CodedItem(
            key=key,
            coder=coder,
            values=values,
            memo=self.text(),
            confidence=self.rng.choice([None, *CONFIDENCES]),
            flagged=self.maybe(),
            skipped=self.maybe(),
            seconds=self.rng.choice([None, *self.numbers]),
            coded_at=self.rng.choice(self.times),
        )


@st.composite
def bundles(draw: st.DrawFn) -> Bundle:
    """Draw labels of a few documents by up to two coders."""
    drawn = Drawn(draw)
    codebook = drawn.codebook()
    keys = drawn.names[: drawn.rng.randint(0, 3)]
    coders = drawn.people[: drawn.rng.randint(0, 2)]
    documents = tuple(drawn.document(key) for key in keys)
    items = [drawn.item(key, coder, codebook) for key in keys for coder in coders if drawn.maybe()]
    return Bundle(drawn.names[-1], codebook, documents, tuple(items))


def into(labels: Bundle, **changes: Any) -> Into:
    """Return the set of labels that a bundle is of, to read into."""
    if "coder" in changes:
        changes["people"] = People(changes.pop("coder"))
    return replace(Into(labels.name, labels.codebook, labels.documents), **changes)


def there_and_back(name: str, labels: Bundle) -> ImportedBundle:
    """Write labels in a format and read them again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"labels{FORMATS[name].suffix}")
        FORMATS[name].write(labels, path)
        if read := FORMATS[name].read:
            return read(path, People())
        read_into_set = FORMATS[name].read_into
        assert read_into_set is not None
        return read_into_set(path, into(labels))


def refused(read: Callable[[], object], *said: str) -> str:
    """Return what an `InputError` says; all of ``said`` must be in it."""
    with pytest.raises(InputError) as caught:
        read()
    text = str(caught.value)
    for part in said:
        assert part in text
    return text


def table(path: Path, text: str, **changes: Any) -> ImportedBundle:
    """Read a text as CSV into the labels of this module."""
    path.write_text(text, encoding="utf-8", newline="")
    return read_csv(path, into=into(LABELS, **changes))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where a file may be written."""
    return tmp_path / "labels"


@pytest.mark.parametrize("name", ["csv", "jsonl", "label-studio", "doccano"])
def test_an_example_comes_back(name: str) -> None:
    """Several codes, none, skipped, flagged, memos, times: each format gives back what it took."""
    assert there_and_back(name, LABELS) == ImportedBundle(LABELS, ())


@given(bundles())
def test_json_lines_lose_nothing(labels: Bundle) -> None:
    """Codebook, documents and items are the same, whatever the texts."""
    assert there_and_back("jsonl", labels) == ImportedBundle(labels, ())


@given(bundles())
def test_tables_lose_no_label(labels: Bundle) -> None:
    """What coders said is the same, formulas and line ends in memos included."""
    assert there_and_back("csv", labels).bundle == labels


@given(bundles(), st.sampled_from(["label-studio", "doccano"]))
def test_other_tools_lose_no_label(labels: Bundle, name: str) -> None:
    """What coders said comes back from the formats of annotation tools as well."""
    assert there_and_back(name, labels).bundle == labels


def test_the_order_of_items_is_that_of_documents_and_coders() -> None:
    """However items are given, a bundle has them in one order, and so are its files."""
    assert Bundle("pilot", KINDS, DOCUMENTS, ITEMS[::-1]) == LABELS
    assert LABELS.coders == ("ann", "bob")


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (CodedItem("gh:9", "ann", {}), "'ann' on 'gh:9': there is no such document"),
        (CodedItem("gh:1", "bob", {}), "'bob' on 'gh:1': coded twice"),
        (CodedItem("gh:3", "bob", {"kin": ("tool",)}), "'kin' is no variable"),
        (CodedItem("gh:3", "bob", {"kind": ("tol",)}), "'tol' is no code of 'kind'"),
        (CodedItem("gh:3", "bob", {"kind": ("tool", "post")}), "takes one code, not 2"),
        (CodedItem("gh:3", "bob", {"size": ()}), "takes one code, not 0"),
        (
            CodedItem("gh:3", "bob", {"area": ("data",)}),
            "'area' is answered, but asked only where kind is tool",
        ),
        (
            CodedItem("gh:3", "bob", {"kind": ("tool",), "area": ("lake", "data")}),
            "in the codebook's order",
        ),
        (CodedItem("gh:3", "bob", {}, confidence="sure"), "'sure', not one of low"),  # type: ignore[arg-type]
        (CodedItem("gh:3", "bob", {}, seconds=-1.0), "-1.0 is no number of seconds"),
        (CodedItem("gh:3", "bob", {}, coded_at=datetime(2026, 1, 1)), "is not in UTC"),
        (CodedItem("gh:3", "bob", {}, memo="\ud83d"), "holds half a character"),
        (CodedItem("gh:3", " bob", {}), "' bob' cannot be the name of a coder"),
        (CodedItem("gh:3", "b\0b", {}), "cannot be the name of a coder"),
    ],
)
def test_labels_that_do_not_fit_make_no_bundle(item: CodedItem, said: str) -> None:
    """Whatever the codebook does not allow, or no file can hold, is refused with its place."""
    refused(lambda: Bundle("pilot", KINDS, DOCUMENTS, (*ITEMS, item)), said, "'pilot'")


def test_documents_that_no_file_holds_make_no_bundle() -> None:
    """A repeated document, half a character in a text or codebook, and an infinite value."""
    refused(lambda: replace(LABELS, documents=DOCUMENTS + DOCUMENTS[:1]), "'gh:1' is there twice")
    half = replace(DOCUMENTS[1], text="\udc00")
    refused(lambda: Bundle("x", KINDS, (half,), ()), "'gh:2' holds half a character")
    broken = KINDS.codes[0].model_copy(update={"definition": "\ud800"})
    codebook = KINDS.model_copy(update={"codes": (broken, *KINDS.codes[1:])})
    refused(lambda: Bundle("x", codebook, (), ()), "The codebook holds half a character")
    endless = KINDS.codes[0].model_copy(update={"value": float("inf")})
    codebook = KINDS.model_copy(update={"codes": (endless, *KINDS.codes[1:])})
    refused(lambda: Bundle("x", codebook, (), ()), "no finite number")


def test_a_table_is_safe_in_a_spreadsheet(file: Path) -> None:
    """No cell begins like a formula, and an answer without codes differs from none."""
    write_csv(LABELS, file)
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
    assert [row["area"] for row in rows] == ["data;lake", ";", "", ""]
    assert rows[0]["memo"] == '\'=1\n\n"x"'
    assert (rows[1]["flagged"], rows[1]["seconds"]) == ("yes", "0.1")


def test_a_table_from_elsewhere_is_read(file: Path) -> None:
    """Documents by other names, codes by name and alias in any case, a coder for the whole file."""
    text = "Repo,full_name,type,Areas,sure\r\nx,A/One,TOOL,Data ; lake,1\r\ny,b/two,text,,2\r\n"
    names = {"a/one": "gh:1", "b/two": "gh:2"}
    columns = {"kind": "type", "area": "Areas"}
    found = table(file, text, key_of=names, columns=columns, coder="cy")
    assert found.bundle.items == (
        CodedItem("gh:1", "cy", {"kind": ("tool",), "area": ("data", "lake")}),
        CodedItem("gh:2", "cy", {"kind": ("post",)}),
    )
    assert found.left_out == ("Not read: the columns Repo, sure.",)


def test_documents_are_found_by_address(file: Path) -> None:
    """The address that the set knows a document by will do, in any case."""
    found = table(file, "url,kind,coder\nHTTPS://github.com/A/one,tool,cy\n")
    assert found.bundle.items == (CodedItem("gh:1", "cy", {"kind": ("tool",)}),)


def test_a_word_for_no_code_is_an_answer_where_codes_are_names(file: Path) -> None:
    """'other' says that no code applies, of one or several; on a scale it leaves that open."""
    found = table(file, "key,kind,area,size\ngh:1,tool,Other,\ngh:2, OTHER ,,other\n", coder="cy")
    assert found.bundle.items == (
        CodedItem("gh:1", "cy", {"kind": ("tool",), "area": ()}),
        CodedItem("gh:2", "cy", {"kind": ()}),
    )
    without = KINDS.model_copy(update={"codebook": KINDS.codebook.model_copy(update={"none": ()})})
    refused(
        lambda: table(file, "key,kind\ngh:1,other\n", coder="cy", codebook=without),
        "line 2, column kind: 'other' is no code of 'kind'",
    )


def test_an_id_goes_before_the_aliases_of_others(file: Path) -> None:
    """A word that is the id of one code and an alias of another means the first."""
    other = KINDS.codes[1].model_copy(update={"aliases": ("tool",)})
    codebook = KINDS.model_copy(update={"codes": (KINDS.codes[0], other, *KINDS.codes[2:])})
    found = table(file, "key,kind\ngh:1,tool\n", coder="cy", codebook=codebook)
    assert found.bundle.items[0].values == {"kind": ("tool",)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "key,kind\ngh:1,tol\n",
            "line 2, column kind: 'tol' is no code of 'kind' (it has tool, post)",
        ),
        ("key,kind,area\ngh:1,tool,ops\n", "'ops' stands for several codes: data, serve"),
        ('key,kind\n"gh:9",tool\n', "line 2: there is no document 'gh:9'"),
        ("key,kind\ngh:1,tool\n\ngh:1,post\n", "line 4: 'cy' has coded 'gh:1' already, see line 2"),
        ("key,kind\ngh:1,tool,1\n", "line 2: 3 cells under 2 columns"),
        ('key,kind,memo\ngh:1,tool,"a\nb"\ngh:2,x,\n', "line 4, column kind: 'x'"),
        (
            "key,kind,area\ngh:1,post,data\n",
            "'area' is answered, but asked only where kind is tool",
        ),
        ("key,kind,confidence\ngh:1,post,sure\n", "'sure' is none of low, medium, high"),
        ("key,kind,flagged\ngh:1,post,maybe\n", "column flagged: 'maybe' is neither yes nor no"),
        ("key,kind,seconds\ngh:1,post,nan\n", "nan is no number of seconds"),
        ("key,kind,seconds\ngh:1,post,long\n", "column seconds: could not convert"),
        ("key,kind,coded_at\ngh:1,post,noon\n", "column coded_at: Invalid isoformat"),
        ("name,kind\ngh:1,tool\n", "No column names the documents"),
        ("key,type\ngh:1,tool\n", "There is no column 'kind', 'area', 'size'"),
        ("key,kind,kind\ngh:1,tool,tool\n", "The column 'kind' is there twice"),
        ("", "line 1: empty"),
        ('key,kind\n"gh:1,tool' + "x" * 200_000, "The file is no CSV"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(file: Path, text: str, said: str) -> None:
    """Each fault is told with line and column, and what would be allowed."""
    refused(lambda: table(file, text, coder="cy"), str(file), said)


def test_all_faults_of_a_table_are_told_at_once(file: Path) -> None:
    """The first ten are shown, the others counted."""
    rows = "".join(f"gh:1,x{number}\n" for number in range(13))
    said = refused(lambda: table(file, f"key,kind\n{rows}"), "'x4'", "things in the file", "more")
    assert "'x9'" not in said


def test_a_table_without_a_coder_needs_one(file: Path) -> None:
    """Labels of nobody are not taken; nor a column for a variable that there is not."""
    refused(lambda: table(file, "key,kind\ngh:1,tool\n"), "nobody is named who coded it")
    text = "key,type\ngh:1,tool\n"
    refused(lambda: table(file, text, columns={"kin": "type"}), "'kin' is no variable", "kind")
    refused(lambda: table(file, text, columns={"kind": "Typ"}), "There is no column 'Typ'")


def test_a_file_that_is_not_there_or_not_utf8_is_refused(file: Path) -> None:
    """A file that cannot be read is named, with the line where it stops being UTF-8."""
    refused(lambda: read_csv(file, into=into(LABELS)), "cannot be read", str(file))
    file.write_bytes("key,kind\ngh:1,é\n".encode("latin-1"))
    refused(lambda: read_csv(file, into=into(LABELS)), "not in UTF-8", "line 2")


def test_json_lines_can_leave_the_texts_out(file: Path) -> None:
    """Labels can be given on without republishing the texts, and the reader is told."""
    write_jsonl(LABELS, file, texts=False)
    assert "three" not in file.read_text(encoding="utf-8").replace("c/three", "")
    found = read_jsonl(file)
    assert [document.text for document in found.bundle.documents] == ["", "", ""]
    assert found.bundle.items == LABELS.items
    assert found.left_out == ("The file holds no texts of documents.",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: ["no"], "The head is no JSON"),
        (lambda lines: ["[" * 100_000], "nested too deep"),
        (lambda lines: ['{"codebook": 1}'], "holds no labels of opsatlas"),
        (
            lambda lines: [lines[0].replace('"version": 1', '"version": 2')],
            "is of version 2, not 1",
        ),
        (lambda lines: [lines[0].replace('"kinds"', '"Kinds!"')], "codebook.codebook.name"),
        (lambda lines: [*lines, "{"], "line 9: no JSON"),
        (lambda lines: [*lines, "{}"], "line 9: neither a document nor an item"),
        (lambda lines: [*lines, '{"item": {"key": "gh:3"}}'], "line 9, coder: Field required"),
        (lambda lines: [*lines, lines[-1]], "'bob' on 'gh:2': coded twice"),
        (lambda lines: lines[:1] + lines[2:], "'ann' on 'gh:1': there is no such document"),
        (lambda lines: [x.replace('["post"]', '["past"]') for x in lines], "'past' is no code"),
    ],
)
def test_json_lines_that_cannot_be_used_are_refused(
    file: Path, change: Callable[[list[str]], list[str]], said: str
) -> None:
    """What is no file of ours, of another version, or does not fit is named with its line."""
    write_jsonl(LABELS, file, texts=True)
    lines = change(file.read_text(encoding="utf-8").split("\n")[:-1])
    file.write_text("\n".join(lines), encoding="utf-8", newline="")
    refused(lambda: read_jsonl(file), str(file), said)


# As Label Studio exports a project of its own: numbers for people, controls of any name.
PLAIN_TASKS = """[
 {"id": 17, "data": {"text": "One", "full_name": "a/one"}, "predictions": [{"result": []}],
  "annotations": [
   {"id": 4, "completed_by": 3, "was_cancelled": false, "lead_time": 4.5,
    "created_at": "2026-03-01T11:00:00.000000Z", "updated_at": "2026-03-01T13:00:00.123456+01:00",
    "result": [
     {"id": "x", "type": "choices", "from_name": "type", "to_name": "t", "origin": "manual",
      "value": {"choices": ["Tool, or library"]}},
     {"id": "y", "type": "textarea", "from_name": "why", "to_name": "t", "value": {"text": ["so"]}},
     {"id": "z", "type": "rating", "from_name": "stars", "to_name": "t", "value": {"rating": 4}}]},
   {"id": 5, "completed_by": {"id": 9, "email": "b@x.org"}, "was_cancelled": true, "result": []}]},
 {"id": 18, "data": {"full_name": "nobody/coded"}, "annotations": []}
]"""


ANOTHER = """a/one"}, "annotations": [{"completed_by": 3, "result": []}]"""


def studio(path: Path, text: str, **changes: Any) -> ImportedBundle:
    """Read a text as Label Studio's JSON into the labels of this module."""
    path.write_text(text, encoding="utf-8")
    read = FORMATS["label-studio"].read_into
    assert read is not None
    given: dict[str, Any] = {"key_of": {"a/one": "gh:1"}, "columns": {"kind": "type"}}
    return read(path, into(LABELS, **given | changes))


def test_a_plain_export_of_label_studio_is_read(file: Path) -> None:
    """People by number or e-mail address, the later time, and what is left out is counted."""
    found = studio(file, PLAIN_TASKS)
    assert found.bundle.items == (
        CodedItem("gh:1", "3", {"kind": ("tool",)}, "so", seconds=4.5, coded_at=NOON),
        CodedItem("gh:1", "b@x.org", {}, skipped=True),
    )
    assert found.left_out == (
        "Predictions: 1.",
        "Results of the control 'stars' (rating), which is not understood: 1.",
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[\n", "", "The file is no JSON"),
        ('"annotations"', '"labels"', "no list of annotated tasks"),
        ("Tool, or library", "Toll", "task 17, by '3': 'Toll' is no code of 'kind'"),
        ("a/one", "a/none", "task 17: there is no document 'a/none'"),
        ('"completed_by": 3,', "", "task 17: nobody is named"),
        (
            'nobody/coded"}, "annotations": []',
            ANOTHER,
            "task 18, by '3': '3' has coded 'gh:1' already",
        ),
        ("4.5", '"x"', "could not convert"),
        ("2026-03-01T11", "2026-33-01T11", "month must be in 1..12"),
    ],
)
def test_tasks_that_cannot_be_used_are_refused(file: Path, old: str, new: str, said: str) -> None:
    """Each fault is told with the task's number, and nothing is taken."""
    assert old in PLAIN_TASKS
    refused(lambda: studio(file, PLAIN_TASKS.replace(old, new)), str(file), said)


def doccano(path: Path, **changes: Any) -> ImportedBundle:
    """Read a file of doccano into the labels of this module."""
    read = FORMATS["doccano"].read_into
    assert read is not None
    return read(path, into(LABELS, **changes))


def test_doccano_gets_a_file_per_coder(file: Path) -> None:
    """Each is JSON lines with the fields that doccano reads, labels by variable and code."""
    FORMATS["doccano"].write(replace(LABELS, items=(replace(ITEMS[0], coder="a/n"),)), file)
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["a%2Fn.jsonl"]
        line = json.loads(archive.read("a%2Fn.jsonl"))
    assert (line["text"], line["label"]) == ("# One\r\n", ["kind:tool", "area:data", "area:lake"])
    assert doccano(file).bundle.items[0].coder == "a/n"


def test_a_plain_export_of_doccano_is_read(file: Path) -> None:
    """Labels by a name that one variable has, comments as memos, unlabelled lines left out."""
    rows = [
        {"id": 1, "text": "One", "full_name": "gh:1", "label": ["tool", "area: Data"]},
        {
            "id": 2,
            "text": "Two",
            "meta": {"key": "gh:2"},
            "label": ["Post"],
            "Comments": ["a", "b"],
        },
        {"id": 3, "text": "Three", "key": "gh:3", "label": []},
    ]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    found = doccano(file, coder="cy")
    assert found.bundle.items == (
        CodedItem("gh:1", "cy", {"kind": ("tool",), "area": ("data",)}),
        CodedItem("gh:2", "cy", {"kind": ("post",)}, "a\nb"),
    )
    assert found.left_out == ("Lines without a label: 1.",)


def test_what_a_file_says_of_another_coder_does_not_count(file: Path) -> None:
    """Sent to doccano as one coder's and coded there by another, labels lose the first's memo."""
    FORMATS["doccano"].write(LABELS, file)
    with zipfile.ZipFile(file) as archive:
        lines = archive.read("ann.jsonl")
    file.write_bytes(lines)
    item = doccano(file, coder="cy").bundle.items[0]
    assert (item.coder, item.memo, item.values) == ("cy", "", ITEMS[0].values)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"key": "gh:1", "label": ["tol"]}', "line 1: 'tol' is no code: write VARIABLE:CODE"),
        ('{"key": "gh:9", "label": ["tool"]}', "there is no document 'gh:9'"),
        ('{"key": "gh:1"}', "no list of labels under 'label'"),
        ('{"key": "gh:1", "label": ["tool", "kind:post"]}', "'kind' takes one code, not 2"),
        ('{"key": "gh:1", "label": ["other"]}', "stands for codes of kind, area, size"),
        ("[]", "no JSON object"),
        ("{", "no JSON"),
    ],
)
def test_lines_of_doccano_that_cannot_be_used_are_refused(file: Path, line: str, said: str) -> None:
    """Each fault is told with file and line."""
    file.write_text(line + "\n", encoding="utf-8")
    refused(lambda: doccano(file, coder="cy"), str(file), said)


def test_doccano_s_files_need_a_coder(file: Path) -> None:
    """One file does not say whose it is; a ZIP does, and a damaged one is refused."""
    file.write_text('{"key": "gh:1", "label": ["tool"]}\n', encoding="utf-8")
    refused(lambda: doccano(file), "nobody is named who coded it")
    file.write_bytes(b"PK\x03\x04 and no more")
    refused(lambda: doccano(file), "The file is no ZIP")


def test_a_file_with_a_codebook_is_read_into_a_set(file: Path) -> None:
    """Documents are found by title too, codes by name, variables as they are mapped."""
    theirs = Codebook(
        codebook=CodebookHead(name="x", title="Sort", version=1),
        codes=(
            Code(id="c1", name="tool, or Library", definition="1"),
            Code(id="c2", name="Post", definition="2"),
        ),
    )
    documents = (Document("refi:1", "A/One", "One"), Document("refi:2", "nowhere", ""))
    items = (CodedItem("refi:1", "cy", {"code": ("c1",)}, "m"),)
    found = ImportedBundle(Bundle("x", theirs, documents, items), ("Sets: 1.",))
    ours = into(LABELS, key_of={"a/one": "gh:1"}, columns={"kind": "Sort"})
    assert read_into(found, into=ours, path=file) == ImportedBundle(
        replace(LABELS, items=(CodedItem("gh:1", "cy", {"kind": ("tool",)}, "m"),)), ("Sets: 1.",)
    )
    wrong = replace(ours, columns={"kind": "Type"})
    refused(lambda: read_into(found, into=wrong, path=file), "The file has no variable 'Type'")
    wrong = replace(ours, columns={"kin": "Sort"})
    refused(lambda: read_into(found, into=wrong, path=file), "'kin' is no variable of 'kinds'")
    lost = replace(found.bundle, items=(CodedItem("refi:2", "cy", {"code": ("c2",)}),))
    refused(
        lambda: read_into(ImportedBundle(lost, ()), into=ours, path=file),
        "'cy' on 'nowhere': there is no such document in the set",
    )


def test_formats_are_known_by_name_and_suffix() -> None:
    """Each suffix stands for one format, in any case; another one is refused with the list."""
    assert list(FORMATS) == ["csv", "jsonl", "label-studio", "doccano", "qdpx", "qdc"]
    for name, each in FORMATS.items():
        assert format_of(Path(f"x{each.suffix.upper()}")).name == name == each.name
    refused(lambda: format_of(Path("x.xlsx")), "'.xlsx' stands for no format", ".csv (csv)")

"""Files as other programs write them: people of any name, paths of any form, what has no place."""

from __future__ import annotations

import csv
import json
import re
import tempfile
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_exchange import DOCUMENTS, KINDS, LABELS, PEOPLE, doccano, into, refused, studio
from test_refi import FOREIGN, package_of

from configs.codebook import Code, Codebook, CodebookHead, Variable
from labels.exchange import refi_codebook
from labels.exchange.bundle import Bundle, ImportedBundle
from labels.exchange.formats import FORMATS, read_codebook_file
from labels.exchange.package import Package
from labels.exchange.people import People
from labels.exchange.refi_codebook import MAX_TAG_BYTES, read_qdc, write_qdc
from labels.exchange.refi_read import read_qdpx
from labels.records import ADJUDICATED, CodedItem

NOBODY = People()
ODD = ("Ann Lee", "Zoë", "李 雷", "o'n@example.org", ".dot", "a/b\\c", "=x", "100%41", "-a", "[b]")


def by(*coders: str) -> Bundle:
    """Return labels in which each coder says that no kind fits a document, or that one does."""
    items = [
        CodedItem("gh:1", coder, {"kind": () if number % 2 else ("tool",)}, memo=f"{number}")
        for number, coder in enumerate(coders)
    ]
    return Bundle("pilot", KINDS, DOCUMENTS, tuple(items))


def back(name: str, labels: Bundle, people: People = NOBODY) -> ImportedBundle:
    """Write labels in a format and read them again, as people are meant."""
    kind = FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"labels{kind.suffix}")
        kind.write(labels, path)
        if kind.read:
            return kind.read(path, people)
        assert kind.read_into is not None
        return kind.read_into(path, into(labels, people=people))


ALL = [name for name, kind in FORMATS.items() if kind.read_into]


@pytest.mark.parametrize("name", ALL)
def test_people_of_any_name_and_none_of_these_come_back(name: str) -> None:
    """Spaces, accents, scripts, addresses and dots at the start are names in every format."""
    assert back(name, by(*ODD)) == ImportedBundle(by(*ODD), ())


@given(st.lists(PEOPLE, min_size=1, max_size=3, unique=True), st.sampled_from(ALL))
def test_any_name_that_people_can_have_comes_back(coders: list[str], name: str) -> None:
    """Whatever may be a coder's name is one coder's in every format."""
    assert back(name, by(*coders)).bundle == by(*coders)


@pytest.mark.parametrize("name", ALL)
def test_people_may_be_called_otherwise_here(name: str) -> None:
    """Each name of the file as it is mapped; the only person by a name alone; both are told."""
    found = back(name, by("Ann Lee", "ben"), People.of(["Ann Lee=ann", "ben=Ben"]))
    assert found.bundle == by("ann", "Ben")
    assert found.left_out[:2] == (
        "'Ann Lee' of the file is 'ann' here.",
        "'ben' of the file is 'Ben' here.",
    )
    assert back(name, by("Ann Lee"), People("ann")).bundle == by("ann")
    assert back(name, by("Zoe\u0308"), People.of(["Zoë=zo"])).bundle == by("zo")


@pytest.mark.parametrize(
    ("coders", "words", "said"),
    [
        (("ann", "ben"), ["cy"], "it was not one person: ann, ben"),
        (("ann",), ["bob=cy"], "Nobody is called 'bob' in the file"),
        (("ann",), ["cy", "dan"], "cy, dan cannot all be who coded"),
        (("ann",), ["ann=a\u202eb"], "holds a character that is not seen (U+202E)"),
        (("ann",), ["ann=adjudicated"], "is kept for what coders agree on"),
        (("ann", "ben"), ["ann=cy", "ben=cy"], "'ann' and 'ben' are one person, and say two"),
    ],
)
def test_people_who_cannot_be_meant_are_refused(
    coders: tuple[str, ...], words: list[str], said: str
) -> None:
    """One name for several, a name that is not there, or that nobody can have: what, and why."""
    refused(lambda: back("csv", by(*coders), People.of(words)), said)


def test_names_that_nobody_can_have_can_be_mapped(tmp_path: Path) -> None:
    """A mark that turns the reading direction is told by its number, and so is what to do."""
    path = tmp_path / "x.csv"
    path.write_text("key,kind,coder\ngh:1,tool,a\u202eb\ngh:2,post,Adjudicated\n", "utf-8")
    read = FORMATS["csv"].read_into
    assert read is not None
    text = refused(lambda: read(path, into(LABELS)), "line 2: 'a\\u202eb' holds a character")
    assert "line 3: 'Adjudicated' is kept for what coders agree on" in text
    assert "map it with --coder OLD=NEW" in text
    people = People.of(["a\u202eb=ann", "Adjudicated=ben"])
    assert read(path, into(LABELS, people=people)).bundle.coders == ("ann", "ben")


def test_the_same_said_under_two_names_is_said_once() -> None:
    """Two accounts of one person that agree are one coder; what was adjudicated is nobody's."""
    twice = replace(by("ann", "ben", ADJUDICATED), items=())
    items = tuple(CodedItem("gh:1", who, {"kind": ("tool",)}) for who in ("ann", "ben"))
    items += (CodedItem("gh:1", ADJUDICATED, {"kind": ("post",)}),)
    found = back("jsonl", replace(twice, items=items), People.of(["ann=cy", "ben=cy"]))
    assert [item.coder for item in found.bundle.items] == [ADJUDICATED, "cy"]
    alone = back("csv", replace(twice, items=items[1:]), People("cy"))
    assert alone.bundle.coders == (ADJUDICATED, "cy")


# --- doccano ---


def rows(path: Path, *values: object) -> Path:
    """Write values as JSON lines."""
    path.write_text("".join(f"{json.dumps(value)}\n" for value in values), encoding="utf-8")
    return path


def test_documents_without_a_name_are_known_by_their_text(tmp_path: Path) -> None:
    """The text, its first paragraph, or a field that is named; whitespace and case do not count."""
    documents = (
        replace(DOCUMENTS[0], text="A tool.\n\n# Read me\n\nMore."),
        replace(DOCUMENTS[1], text="Another\n tool."),
        replace(DOCUMENTS[2], text="Alike."),
        replace(DOCUMENTS[2], key="gh:4", text="Alike."),
    )
    about: dict[str, Any] = {"documents": documents, "coder": "cy"}
    path = rows(
        tmp_path / "x.jsonl",
        {"id": 1, "text": " a  TOOL. ", "label": ["tool"]},
        {"id": 2, "text": "another tool.", "label": ["post"]},
    )
    found = doccano(path, **about)
    assert [item.key for item in found.bundle.items] == ["gh:1", "gh:2"]
    assert found.left_out == ("Found by their text, for want of a name: 2.",)
    for text, said in (
        ("Else.", "its text 'Else.' is known in no snapshot here"),
        ("Alike.", "its text 'Alike.' is that of 2 documents"),
        ("", "has no text"),
    ):
        text = refused(
            lambda row={"text": text, "label": ["tool"]}: doccano(  # type: ignore[misc]
                rows(tmp_path / "y.jsonl", row), **about
            ),
            "line 1: it names no document",
            said,
        )
        assert "--column key=FIELD" in text
    path = rows(tmp_path / "z.jsonl", {"repo": "gh:2", "label": ["post"], "text": "?"})
    found = doccano(path, columns={"key": "repo"}, **about)
    assert [item.key for item in found.bundle.items] == ["gh:2"]


def test_tables_and_tasks_are_known_by_their_text_too(tmp_path: Path) -> None:
    """A column or field 'text' will do where nothing names the document."""
    documents = (replace(DOCUMENTS[0], text="One tool."), DOCUMENTS[1])
    path = tmp_path / "x.csv"
    path.write_text("text,kind\none tool.,tool\n", encoding="utf-8")
    read = FORMATS["csv"].read_into
    assert read is not None
    found = read(path, into(LABELS, documents=documents, coder="cy"))
    assert [item.key for item in found.bundle.items] == ["gh:1"]
    assert found.left_out == ("Found by their text, for want of a name: 1.",)
    path.write_text("repo,kind\nB/TWO,post\n", encoding="utf-8")
    columns = {"key": "repo"}
    names = {"b/two": "gh:2"}
    found = read(path, into(LABELS, coder="cy", columns=columns, key_of=names))
    assert [item.key for item in found.bundle.items] == ["gh:2"]
    refused(lambda: read(path, into(LABELS, coder="cy")), "--column key=COLUMN")


def test_a_zip_of_doccano_is_read_with_what_lies_beside(tmp_path: Path) -> None:
    """Files in a folder, lists of records, passages; not what macOS adds; no table."""
    path = tmp_path / "x.zip"
    line = json.dumps({"key": "gh:1", "label": [[0, 4, "tool"], [5, 9, "tool"]]})
    record = [{"key": "gh:2", "labels": ["post"]}, {"key": "gh:3", "entities": [{"label": "post"}]}]
    files = {
        "out/ann@example.org.jsonl": line,
        "out\\ben b.json": json.dumps(record),
        "unknown.jsonl": json.dumps({"key": "gh:3", "label": []}),
        "__MACOSX/out/._ann.jsonl": "x",
        ".DS_Store": "x",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    found = doccano(path)
    said = [(item.key, item.coder, item.values["kind"]) for item in found.bundle.items]
    assert said == [
        ("gh:1", "ann@example.org", ("tool",)),
        ("gh:2", "ben b", ("post",)),
        ("gh:3", "ben b", ("post",)),
    ]
    assert found.left_out == (
        "Lines without a label: 1.",
        "Labels of passages, taken as labels of the document: 3.",
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("cy.csv", "id,text,label\n")
    refused(lambda: doccano(path), "cy.csv: it is not of JSON lines")
    numbers = rows(tmp_path / "y.jsonl", {"key": "gh:1", "annotations": [{"label": 7, "user": 1}]})
    refused(lambda: doccano(numbers, coder="cy"), "'7' is the number of a label")


def test_doccano_gets_lines_of_one_coder_or_a_zip(tmp_path: Path) -> None:
    """A file of lines is of one coder and read as it is; several are refused, and a ZIP named."""
    kind, path = FORMATS["doccano"], tmp_path / "x.jsonl"
    kind.write(by("Ann Lee"), path)
    assert json.loads(path.read_text(encoding="utf-8"))["label"] == ["kind:tool"]
    assert doccano(path, coder="Ann Lee").bundle == by("Ann Lee")
    path.unlink()
    refused(lambda: kind.write(by("ann", "ben"), path), "ann, ben", "write a ZIP (x.zip)")
    assert not path.exists()


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_called_as_what_it_holds(name: str) -> None:
    """A name that ends as another format's is refused, with one that will do."""
    kind = FORMATS[name]
    for suffix in kind.suffixes:
        kind.check_name(Path(f"x{suffix.upper()}"))
    for suffix in {".txt", "", *(each.suffix for each in FORMATS.values())} - {*kind.suffixes}:
        refused(lambda end=suffix: kind.check_name(Path(f"x{end}")), f"x{kind.suffix}")  # type: ignore[misc]


# --- Label Studio ---


def task(*annotations: dict[str, Any], **more: Any) -> str:
    """Return a task with these annotations."""
    base = {"result": [], "was_cancelled": False, "completed_by": 1}
    filled = [{**base, **each} for each in annotations]
    return json.dumps([{"id": 7, "data": {"key": "gh:1"}, "annotations": filled, **more}])


def result(words: Any, kind: str = "choices", name: str = "kind") -> dict[str, Any]:
    """Return a result of a control."""
    return {"from_name": name, "type": kind, "value": {kind: words}}


def at(day: int) -> str:
    """Return a time."""
    return f"2026-03-{day:02}T11:00:00.000000Z"


OLD, NEW = [result(["post"])], [result(["tool"])]
PASSED = "beside another annotation of the same person: 1 (task 7, by '1')."


@pytest.mark.parametrize(
    ("annotations", "kind", "said"),
    [
        ([{"was_cancelled": True}, {"result": NEW}], "tool", f"Passed over, cancelled, {PASSED}"),
        ([{"result": NEW}, {"was_cancelled": True}], "tool", f"Passed over, cancelled, {PASSED}"),
        ([{"result": OLD}, {"result": NEW}], "tool", f"Passed over, older, {PASSED}"),
        (
            [
                {"result": NEW, "created_at": at(1), "updated_at": at(9)},
                {"result": OLD, "created_at": at(5)},
            ],
            "tool",
            f"Passed over, older, {PASSED}",
        ),
    ],
)
def test_the_last_annotation_that_was_not_cancelled_counts(
    tmp_path: Path, annotations: list[dict[str, Any]], kind: str, said: str
) -> None:
    """Of one person, by the newer of its times, else by its place; the others are told."""
    found = studio(tmp_path / "x", task(*annotations), columns={})
    assert [item.values for item in found.bundle.items] == [{"kind": (kind,)}]
    assert found.left_out == (said,)


def test_who_only_cancelled_put_the_document_aside(tmp_path: Path) -> None:
    """Two annotations, both cancelled: aside; another person's does not count for it."""
    person = {"completed_by": {"id": 2, "email": "b@example.org"}, "result": NEW}
    text = task({"was_cancelled": True}, {"was_cancelled": True}, person)
    items = studio(tmp_path / "x", text, columns={}).bundle.items
    assert [(item.coder, item.skipped) for item in items] == [("1", True), ("b@example.org", False)]


@pytest.mark.parametrize(
    ("given", "values", "said"),
    [
        (result([["Kinds", "tool"]], "taxonomy"), {"kind": ("tool",)}, ()),
        (result([["tool"], ["Area", "Data"]], "taxonomy", "area"), None, "'tool' is no code"),
        (result("OTHER"), {"kind": ()}, ()),
        (
            result(["tool"], "hypertextlabels"),
            {"kind": ("tool",)},
            ("Labels of passages, taken as labels of the document: 1.",),
        ),
        (
            result(4, "rating"),
            {},
            ("Results of the control 'kind' (rating), which is not understood: 1.",),
        ),
        (
            result("left", "pairwise", "which"),
            {},
            ("Results of the control 'which' (pairwise), which is not understood: 1.",),
        ),
        (
            result([["a", "b"]], "taxonomy", "topic"),
            {},
            ("Results of the control 'topic' (taxonomy), which answers no variable: 1.",),
        ),
        (
            {"type": "relation", "from_id": "a", "to_id": "b"},
            {},
            ("Results of the control '?' (relation), which is not understood: 1.",),
        ),
    ],
)
def test_controls_are_understood_or_named(
    tmp_path: Path, given: dict[str, Any], values: dict[str, Any] | None, said: Any
) -> None:
    """Of a taxonomy the leaves count, of passages the labels; what is left out is counted."""
    text = task({"result": [given]})
    if values is None:
        refused(lambda: studio(tmp_path / "x", text, columns={}), said)
        return
    found = studio(tmp_path / "x", text, columns={})
    assert [item.values for item in found.bundle.items] == [values]
    assert found.left_out == said


def test_drafts_and_predictions_are_counted(tmp_path: Path) -> None:
    """What nobody submitted is no label."""
    text = task({"result": NEW}, drafts=[{"result": OLD}], predictions=[{}, {}])
    found = studio(tmp_path / "x", text, columns={})
    assert found.left_out == ("Drafts: 1.", "Predictions: 2.")


# --- REFI-QDA ---

USER = "AAAAAAAA-0000-4000-8000-000000000001"
PROJECT = """<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="urn:QDA-XML:project:1.0" name="Talks">
<Users><User guid="{user}" name="Ann"/></Users>
<CodeBook><Codes><Code guid="C1" name="Cost" isCodable="true" color="#ff0000"/></Codes></CodeBook>
<Sources><TextSource guid="D1" name="Talk" plainTextPath="{path}">
<PlainTextSelection guid="E1" startPosition="0" endPosition="4"><Coding guid="E2"
 creatingUser="{user}"><CodeRef targetGUID="C1"/></Coding></PlainTextSelection></TextSource>
</Sources></Project>""".replace("{user}", USER)


def project(folder: Path, path: str = "internal://one.txt", **files: str) -> Path:
    """Write a project whose one text is at a path; ``files`` has its files, else the usual ones."""
    texts = files or {"project.qde": "", "sources/one.txt": "Jobs cost."}
    made = {n: t or PROJECT.replace("{path}", path) for n, t in texts.items()}
    return package_of(folder, {name: text.encode() for name, text in made.items()})


@pytest.mark.parametrize(
    "path",
    [
        "internal://one.txt",
        "INTERNAL:///One.TXT",
        "one.txt",
        "sources/one.txt",
        "Sources\\one.txt",
        "internal://sources/one.txt",
        "internal://Interviews/one.txt",
        "relative://../kept elsewhere/one.txt",
        "absolute://C:\\Users\\ann\\one.txt",
        "./one.txt",
    ],
)
def test_a_text_is_found_by_whatever_path(tmp_path: Path, path: str) -> None:
    """Schemes, slashes, case, with the folder or without: it is the file that is meant."""
    found = read_qdpx(project(tmp_path, path))
    assert [document.text for document in found.bundle.documents] == ["Jobs cost."]
    assert found.bundle.coders == ("Ann",)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("internal://one.txt", ("project.qde", "sources\\one.txt")),
        ("internal://one.txt", ("My talks/project.qde", "My talks/Sources/one.txt")),
        ("internal://my%20talk.txt", ("project.qde", "sources/my talk.txt")),
        ("internal://my talk.txt", ("project.qde", "sources/my%20talk.txt")),
        ("internal://José.txt", ("project.qde", "sources/Jose\u0301.txt")),
        ("internal://é.txt", ("project.qde", "sources/" + "é".encode().decode("cp437") + ".txt")),
        ("", ("project.qde", "sources/d1.txt")),
        ("internal://a/one.txt", ("project.qde", "a/one.txt")),
        ("internal://one.txt", ("talks.qde", "__MACOSX/._talks.qde", "one.txt")),
        ("internal://one.txt", ("x/old/project.qde", "x/project.qde", "x/sources/one.txt")),
    ],
)
def test_a_text_is_found_wherever_the_zip_has_it(
    tmp_path: Path, path: str, names: tuple[str, ...]
) -> None:
    """Backslashes, a folder around it, escapes, other forms of letters, its GUID alone."""
    files = {name: "" if name.endswith(".qde") else "Jobs cost." for name in names}
    found = read_qdpx(project(tmp_path, path, **files)).bundle
    assert [document.text for document in found.documents] == ["Jobs cost."]
    assert len(found.items) == 1


def test_a_text_that_two_files_may_be_is_not_guessed(tmp_path: Path) -> None:
    """Of two files of one name neither is taken; the one that ends as the path does is."""
    files = {"project.qde": "", "a/one.txt": "A", "b/one.txt": "B"}
    refused(lambda: read_qdpx(project(tmp_path, "c/one.txt", **files)), "the text of 'Talk'")
    found = read_qdpx(project(tmp_path, "internal://b/one.txt", **files))
    assert found.bundle.documents[0].text == "B"


def test_nothing_is_kept_of_a_text_that_is_not_there(tmp_path: Path) -> None:
    """Codings of a text outside of the package are left out and told; a set has the text."""
    path = project(tmp_path, "absolute:///etc/passwd", **{"project.qde": ""})
    found = read_qdpx(path)
    assert found.bundle.items == ()
    assert "What was said of 'Talk', whose text is not there: 1." in found.left_out
    read = FORMATS["qdpx"].read_into
    assert read is not None
    labels = into(LABELS, key_of={"talk": "gh:1"}, columns={"kind": "code"})
    text = PROJECT.replace("{path}", "absolute:///x").replace('name="Cost"', 'name="Post"')
    path = package_of(tmp_path, {"project.qde": text.encode()})
    assert [item.values for item in read(path, labels).bundle.items] == [{"kind": ("post",)}]


def test_projects_without_users_are_of_who_is_named(tmp_path: Path) -> None:
    """Nobody, or users who are not listed: one name will do for one, and each can be mapped."""
    listed = f'<Users><User guid="{USER}" name="Ann"/></Users>'
    unlisted = PROJECT.replace(listed, "").replace("{path}", "one.txt")
    nobody = re.sub(r'\s*creatingUser="[^"]*"', "", unlisted)
    path = project(tmp_path, **{"project.qde": nobody, "one.txt": "x"})
    refused(lambda: read_qdpx(path), "nobody is named who coded it: say it with --coder")
    assert read_qdpx(path, People("ada")).bundle.coders == ("ada",)
    path = project(tmp_path, **{"project.qde": unlisted, "one.txt": "x"})
    assert read_qdpx(path).bundle.coders == (USER.lower(),)
    assert read_qdpx(path, People("ada")).bundle.coders == ("ada",)
    assert read_qdpx(path, People.of([f"{USER.lower()}=eve"])).bundle.coders == ("eve",)


def test_a_paper_with_its_plain_text_is_a_document(tmp_path: Path) -> None:
    """A PDF's representation and a recording's transcript are read, with all codings on them."""
    coding = '<Coding guid="E9"><CodeRef targetGUID="C1"/></Coding>'
    paper = (
        '<PDFSource guid="P1" name="Paper" path="internal://p.pdf"><PDFSelection guid="S1">'
        f'{coding}</PDFSelection><Representation guid="R1" plainTextPath="internal://p.txt"/>'
        '</PDFSource><VideoSource guid="V1" name="Film"><Transcript guid="T1">'
        f'<PlainTextContent>Hello.</PlainTextContent><TranscriptSelection guid="S2">{coding}'
        "</TranscriptSelection></Transcript></VideoSource></Sources>"
    )
    text = PROJECT.replace("</Sources>", paper).replace("{path}", "one.txt")
    files = {"project.qde": text, "sources/one.txt": "x", "sources/p.txt": "On paper."}
    found = read_qdpx(project(tmp_path, **files))
    assert [document.text for document in found.bundle.documents] == ["x", "On paper.", "Hello."]
    assert [(item.key, item.coder) for item in found.bundle.items] == [
        ("refi:D1", "Ann"),
        ("refi:P1", "Ann"),
        ("refi:V1", "Ann"),
    ]
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('xmlns="urn:QDA-XML:project:1.0"', ""),
        ('xmlns="urn:QDA-XML:project:1.0"', 'xmlns="urn:QDA-XML:project:1:0"'),
        ('<?xml version="1.0" encoding="utf-8"?>', "\ufeff"),
        ("<Project xmlns=", "<q:Project xmlns:q="),
    ],
)
def test_namespaces_are_read_as_programs_write_them(tmp_path: Path, old: str, new: str) -> None:
    """None, with a colon in the version, a mark before it, with a prefix."""
    text = PROJECT.replace("{path}", "one.txt").replace(old, new)
    if "<q:" in new:
        text = re.sub(r"<(/?)(?!q:|\?)", r"<\1q:", text)
    path = project(tmp_path, **{"project.qde": text, "one.txt": "x"})
    assert len(read_qdpx(path).bundle.items) == 1


def test_a_tag_of_any_length_costs_nothing(tmp_path: Path) -> None:
    """An attribute of 20 MB in a small file is refused before a parser keeps it."""
    text = PROJECT.replace("{path}", "one.txt").replace('"Talks"', f'"{"x" * 20_000_000}"')
    path = tmp_path / "x.qdpx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", text)
    started = time.process_time()
    refused(lambda: read_qdpx(path), "A tag of the XML is longer than 1 MiB", "project.qde")
    assert time.process_time() - started < 3
    whole = PROJECT.replace("{path}", "one.txt").replace(
        '"Talks"', f'"{"x" * (MAX_TAG_BYTES // 4)}"'
    )
    path = project(tmp_path, **{"project.qde": whole, "one.txt": "x"})
    assert len(read_qdpx(path).bundle.name) == MAX_TAG_BYTES // 4


def test_what_is_unpacked_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that each are small enough may be too much together, and so may elements."""
    path = package_of(tmp_path, {"a": bytes(600), "b": bytes(600)})
    package = Package(path.read_bytes(), path=path)
    monkeypatch.setattr("labels.exchange.package.MAX_BYTES", 1000)
    assert len(package.read("a")) == 600
    refused(lambda: package.read("b"), "is larger than", f"{path}, b")
    monkeypatch.undo()
    monkeypatch.setattr(refi_codebook, "MAX_ELEMENTS", 5)
    refused(lambda: read_qdpx(project(tmp_path)), "more than 5 elements")
    monkeypatch.setattr(refi_codebook, "MAX_XML_BYTES", 10)
    refused(lambda: read_qdpx(project(tmp_path)), "The XML is larger than")


TAGS = """<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns="urn:QDA-XML:codebook:1:0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 origin="Tags 1.4" xsi:schemaLocation="urn:QDA-XML:codebook:1:0 Codebook.xsd"><Codes>
<Code guid="0D62985D-B147-5D01-A9B5-CAE5DCD98342" name="prix &amp; délais" isCodable="true">
<Description>Ce qui co&#xFB;te &lt;trop&gt;</Description></Code>
<Code guid="2" name="速度" isCodable="true"/><Code guid="3" name="  padded  " isCodable="true"/>
<Code guid="4" name="" isCodable="true"/><Code guid="5" name="#tag" isCodable="true"/>
</Codes></CodeBook>"""


def test_tags_of_a_codebook_are_codes(tmp_path: Path) -> None:
    """Names of any script, padded, or none at all; a definition with what XML must escape."""
    path = tmp_path / "tags.qdc"
    path.write_text(TAGS, encoding="utf-8")
    book = read_codebook_file(path)
    assert [code.name for code in book.codes] == [
        "prix & délais", "速度", "padded", "(unnamed)", "#tag"
    ]  # fmt: skip
    assert book.codes[0].definition == "Ce qui coûte <trop>"
    assert len({code.id for code in book.codes}) == 5
    assert read_qdc(path).bundle.codebook == book


def test_the_codebook_of_any_file_is_read(tmp_path: Path) -> None:
    """Ours comes back from .qdc, .qdpx and .jsonl as it was; a project need not be complete."""
    for name in ("x.qdc", "x.qdpx", "x.jsonl"):
        kind = next(each for each in FORMATS.values() if each.suffix == Path(name).suffix)
        kind.write(LABELS, tmp_path / name)
        assert read_codebook_file(tmp_path / name) == KINDS
    book = Codebook(
        codebook=CodebookHead(name="b", title="B", version=1, none=("other",)),
        variables=(Variable(id="v", name="V"),),
        codes=tuple(Code(id=each, name=each, definition=each) for each in ("a", "b")),
    )
    write_qdc(Bundle("b", book, (), ()), tmp_path / "b.qdc")
    assert read_codebook_file(tmp_path / "b.qdc") == book
    path = package_of(tmp_path, {"project.qde": FOREIGN.encode()})
    assert [code.name for code in read_codebook_file(path).codes][:2] == ["Mood", "Mood"]


def test_none_of_these_is_a_word_in_tables_and_tools(tmp_path: Path) -> None:
    """The codebook's word stands in a table, in doccano's labels, in Label Studio's choices."""
    labels = by("ann", "ben")
    FORMATS["csv"].write(labels, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        assert [row["kind"] for row in csv.DictReader(file)] == ["tool", "other"]
    FORMATS["doccano"].write(replace(labels, items=labels.items[1:]), tmp_path / "x.jsonl")
    assert json.loads((tmp_path / "x.jsonl").read_text("utf-8"))["label"] == ["kind:other"]
    FORMATS["label-studio"].write(labels, tmp_path / "x.json")
    tasks = json.loads((tmp_path / "x.json").read_text("utf-8"))
    results = [each["result"][0]["value"] for each in tasks[0]["annotations"]]
    assert results == [{"choices": ["tool"]}, {"choices": ["other"]}]
    both = rows(tmp_path / "y.jsonl", {"key": "gh:1", "label": ["kind:tool", "kind:other"]})
    refused(lambda: doccano(both, coder="cy"), "'kind' takes one answer, not 'other' and tool")

"""REFI-QDA: projects and codebooks that the standard allows, and those of other programs."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from test_exchange import DOCUMENTS, ITEMS, KINDS, LABELS, bundles, into, refused

from configs.codebook import Code, Codebook, CodebookHead, Variable
from labels.exchange import package
from labels.exchange.bundle import Bundle, ImportedBundle
from labels.exchange.formats import FORMATS
from labels.exchange.people import People
from labels.exchange.refi_codebook import read_qdc, write_qdc
from labels.exchange.refi_read import read_qdpx
from labels.exchange.refi_write import source_guid, write_qdpx
from labels.records import CodedItem

PROJECT = "urn:QDA-XML:project:1.0"
CODEBOOK = "urn:QDA-XML:codebook:1.0"
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
# What may stand in an element, in this order; and the attributes that it needs.
CHILDREN = {
    "Project": "Users CodeBook Variables Cases Sources Notes Links Sets Graphs Description NoteRef",
    "CodeBook": "Codes Sets",
    "Code": "Description NoteRef Code",
    "Variable": "Description",
    "TextSource": "Description PlainTextContent PlainTextSelection Coding NoteRef VariableValue",
    "Note": "Description PlainTextContent PlainTextSelection Coding NoteRef VariableValue",
    "Coding": "CodeRef NoteRef",
    "VariableValue": "VariableRef TextValue BooleanValue FloatValue DateTimeValue",
    **{"Users": "User", "Codes": "Code", "Variables": "Variable", "Sources": "TextSource"},
    **{"Notes": "Note"},
}
NEEDED = {
    "Project": {"name"},
    "User": {"guid", "name"},
    "Code": {"guid", "name", "isCodable"},
    "Variable": {"guid", "name", "typeOfVariable"},
    "TextSource": {"guid", "name", "plainTextPath"},
    "Note": {"guid", "creatingUser"},
    "Coding": {"guid", "creatingUser"},
    **{name: {"targetGUID"} for name in ("CodeRef", "NoteRef", "VariableRef")},
}
ONE_OR_MORE = ("Users", "Codes", "Variables", "Sources", "Notes")
FORMS = {
    "guid": GUID,
    "targetGUID": GUID,
    "creatingUser": GUID,
    "isCodable": re.compile("true|false"),
    "creationDateTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z"),
    "BooleanValue": re.compile("true|false"),
    "FloatValue": re.compile(r"\d+(\.\d+)?"),
}


def broken(root: ElementTree.Element, namespace: str) -> Iterator[str]:
    """Yield what breaks the rules of the standard."""
    for element in root.iter():
        tag = element.tag.removeprefix(f"{{{namespace}}}")
        children = [child.tag.removeprefix(f"{{{namespace}}}") for child in element]
        allowed = CHILDREN.get(tag, "").split()
        if not set(children) <= set(allowed):
            yield f"{tag} holds {children}"
        elif children != sorted(children, key=allowed.index):
            yield f"{tag} holds {children} in another order"
        if tag in ONE_OR_MORE and not children:
            yield f"{tag} is empty"
        if missing := NEEDED.get(tag, set()) - set(element.attrib):
            yield f"{tag} lacks {missing}"
        for name, value in [*element.attrib.items(), (tag, element.text or "")]:
            if name in FORMS and not FORMS[name].fullmatch(value):
                yield f"{tag}: {name} is '{value}'"


def written(labels: Bundle) -> tuple[bytes, ElementTree.Element, dict[str, bytes]]:
    """Return a project's bytes, its root and its other files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.qdpx")
        write_qdpx(labels, path)
        data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return data, ElementTree.fromstring(files.pop("project.qde")), files


def reread(labels: Bundle) -> ImportedBundle:
    """Return what a project gives back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.qdpx")
        write_qdpx(labels, path)
        return read_qdpx(path)


@given(bundles())
def test_projects_lose_nothing(labels: Bundle) -> None:
    """Codebook, documents and items come back the same from a project."""
    assert reread(labels) == ImportedBundle(labels, ())


@given(bundles())
def test_codebooks_lose_nothing(labels: Bundle) -> None:
    """A codebook alone comes back the same, and has the GUIDs that projects give its codes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.qdc")
        write_qdc(labels, path)
        root = ElementTree.fromstring(path.read_bytes())
        assert read_qdc(path).bundle.codebook == labels.codebook
    assert list(broken(root, CODEBOOK)) == []
    _, project, _ = written(labels)
    assert [each.get("guid") for each in root.iter(f"{{{CODEBOOK}}}Code")] == [
        each.get("guid") for each in project.iter(f"{{{PROJECT}}}Code")
    ]


@given(bundles())
def test_projects_keep_to_the_standard(labels: Bundle) -> None:
    """Children in order, attributes and forms as required, GUIDs once, no reference to nothing."""
    _, root, files = written(labels)
    assert root.tag == f"{{{PROJECT}}}Project"
    assert list(broken(root, PROJECT)) == []
    made = [each.get("guid", "") for each in root.iter() if each.get("guid")]
    assert len(made) == len(set(made))
    meant = {
        value
        for each in root.iter()
        for value in (each.get("targetGUID"), each.get("creatingUser"))
    }
    assert meant - {None} <= set(made)
    paths = [each.get("plainTextPath", "") for each in root.iter(f"{{{PROJECT}}}TextSource")]
    assert {path.replace("internal://", "sources/") for path in paths} == set(files)


def test_the_checks_of_the_standard_find_what_is_broken() -> None:
    """Another order, an empty part, a missing attribute and a GUID of another form are found."""
    text = (
        f'<Project xmlns="{PROJECT}"><CodeBook><Codes/></CodeBook><Users>'
        '<User guid="{A}" name="x"/></Users><Cases><Case/></Cases></Project>'
    )
    found = list(broken(ElementTree.fromstring(text), PROJECT))
    assert found == [
        "Project holds ['CodeBook', 'Users', 'Cases'] in another order",
        "Project lacks {'name'}",
        "Codes is empty",
        "User: guid is '{A}'",
        "Cases holds ['Case']",
    ]


def test_a_project_shows_other_programs_what_they_know() -> None:
    """Variables are no codes, codes lie below their parents, codings are of their coder."""
    _, root, files = written(LABELS)
    space = {"": PROJECT}
    top = root.findall("CodeBook/Codes/Code", space)
    assert [(code.get("name"), code.get("isCodable")) for code in top] == [
        ("Kind", "false"),
        ("Area", "false"),
        ("Size", "false"),
    ]
    lake = root.find(".//Code[@name='Data']/Code", space)
    assert lake is not None and (lake.get("name"), lake.get("isCodable")) == ("Lake", "true")
    tool = root.findtext(".//Code[@name='Tool, or library']/Description", "", space)
    assert tool.startswith("Is used.\nWhen to use: Run it.\nopsatlas: {")
    first, second, third = root.findall("Sources/TextSource", space)
    user = {each.get("guid"): each.get("name") for each in root.findall("Users/User", space)}
    assert [user[each.get("creatingUser")] for each in first.findall("Coding", space)] == (
        ["ann", "ann", "ann", "bob"]
    )
    times = [each.get("creationDateTime") for each in first.findall("Coding", space)]
    assert times == [None, None, None, "2026-03-01T12:00:00.123456Z"]
    note = root.find("Notes/Note", space)
    reference = first.find("NoteRef", space)
    assert note is not None and reference is not None
    assert reference.get("targetGUID") == note.get("guid")
    assert note.findtext("PlainTextContent", "", space) == ITEMS[0].memo
    assert "0.0000001" in [e.text for e in second.iter(f"{{{PROJECT}}}FloatValue")]
    assert third.get("name") == "c/three"
    # As they are, and one mark more where the text itself begins with one.
    texts = [files[f"sources/{source_guid(LABELS, each.key)}.txt"] for each in DOCUMENTS]
    assert texts == [b"# One\r\n", b"", b"\xef\xbb\xbf\xef\xbb\xbfthree"]


def test_the_same_labels_give_the_same_bytes() -> None:
    """Two exports are equal, in whatever order items came; another name gives other GUIDs."""
    assert written(LABELS)[0] == written(replace(LABELS, items=ITEMS[::-1]))[0]
    assert source_guid(LABELS, "gh:1") == "13758cbc-2770-52a2-be73-1d31a500f0e3"
    other = replace(LABELS, name="main")
    assert source_guid(other, "gh:1") != source_guid(LABELS, "gh:1")


def test_characters_that_xml_forbids_are_replaced_where_they_must() -> None:
    """A text, tag or fact keeps them; a title, memo or definition gets U+FFFD."""
    text = "a\x00\x1b[0m\ufffe"
    document = replace(DOCUMENTS[0], title=text, text=text, labels=(text,), facts={text: text})
    item = replace(ITEMS[0], memo=text)
    found = reread(Bundle("x", KINDS, (document,), (item,))).bundle
    clean = "a\ufffd\ufffd[0m\ufffd"
    assert found.documents == (replace(document, title=clean),)
    assert found.items == (replace(item, memo=clean),)


def test_a_code_that_is_its_own_ancestor_is_refused(tmp_path: Path) -> None:
    """A circle of parents has no place in a tree."""
    first, *others = KINDS.codes
    round_about = first.model_copy(update={"parent": "post"})
    back = others[0].model_copy(update={"parent": "tool"})
    codebook = KINDS.model_copy(update={"codes": (round_about, back, *others[1:])})
    labels = Bundle("x", codebook, (), ())
    refused(lambda: write_qdc(labels, tmp_path / "x.qdc"), "its own ancestor: tool, post")


def test_what_others_change_in_our_project_is_read(tmp_path: Path) -> None:
    """A definition that was edited, a code that was added, and a coding with it."""
    _, root, files = written(LABELS)
    space = {"": PROJECT}
    edited = root.find(".//Code[@name='Tool, or library']/Description", space)
    codes = root.find("CodeBook/Codes", space)
    source = root.find(".//TextSource[@name='c/three']", space)
    assert edited is not None and codes is not None and source is not None
    edited.text = (edited.text or "").replace("Is used.", "Is run.\nOften.")
    new = "11111111-2222-3333-4444-555555555555"
    about = {"guid": new, "name": "Café", "isCodable": "true"}
    ElementTree.SubElement(codes, f"{{{PROJECT}}}Code", about)
    coding = ElementTree.SubElement(source, f"{{{PROJECT}}}Coding", {"guid": new[::-1]})
    ElementTree.SubElement(coding, f"{{{PROJECT}}}CodeRef", {"targetGUID": f"{{{new}}}"})
    path = package_of(tmp_path, {"project.qde": ElementTree.tostring(root), **files})
    found = read_qdpx(path, People("cy")).bundle
    definition = next(code.definition for code in found.codebook.codes if code.id == "tool")
    assert definition == "Is run.\nOften."
    assert found.codebook.codes[-1] == Code(
        id="cafe", variable="code", name="Café", definition="Café"
    )
    assert found.items == (*ITEMS, CodedItem("gh:3", "cy", {"code": ("cafe",)}))


FOREIGN = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<Project xmlns="urn:QDA-XML:project:1.0" name="Interviews 1" origin="Some program 9">
 <Users>
  <User guid="{AAAAAAAA-0000-4000-8000-000000000001}" name="Ann"/>
  <User guid="AAAAAAAA-0000-4000-8000-000000000002" id="b"/>
 </Users>
 <CodeBook><Codes>
  <Code guid="{CCCCCCCC-0000-4000-8000-000000000001}" name="Mood" isCodable="true" color="#AA0000">
   <Description>How it felt.</Description>
   <Code guid="CCCCCCCC-0000-4000-8000-000000000002" name="Très bien!" isCodable="true"/>
   <Code guid="CCCCCCCC-0000-4000-8000-000000000003" name="Mood" isCodable="true"/>
  </Code>
  <Code guid="CCCCCCCC-0000-4000-8000-000000000004" name="Topics" isCodable="false">
   <Code guid="CCCCCCCC-0000-4000-8000-000000000005" name="Mood" isCodable="true"/>
  </Code>
 </Codes></CodeBook>
 <Variables>
  <Variable guid="EEEEEEEE-0000-4000-8000-000000000001" name="Age" typeOfVariable="Integer"/>
 </Variables>
 <Cases><Case guid="EEEEEEEE-0000-4000-8000-000000000009" name="A person"/></Cases>
 <Sources>
  <TextSource guid="DDDDDDDD-0000-4000-8000-000000000001" name="First"
    plainTextPath="internal://One.TXT" richTextPath="internal://One.docx">
   <Description>Talked at noon.</Description>
   <PlainTextSelection guid="FFFFFFFF-0000-4000-8000-000000000001" startPosition="0"
     endPosition="3" creatingUser="AAAAAAAA-0000-4000-8000-000000000002">
    <Coding guid="FFFFFFFF-0000-4000-8000-000000000002" creationDateTime="2026-03-01T13:00:00+01:00"
      creatingUser="{aaaaaaaa-0000-4000-8000-000000000001}">
     <CodeRef targetGUID="CCCCCCCC-0000-4000-8000-000000000001"/></Coding>
    <Coding guid="FFFFFFFF-0000-4000-8000-000000000003" creationDateTime="2026-02-01T00:00:00">
     <CodeRef targetGUID="{CCCCCCCC-0000-4000-8000-000000000005}"/></Coding>
   </PlainTextSelection>
   <Coding guid="FFFFFFFF-0000-4000-8000-000000000004"
     creatingUser="AAAAAAAA-0000-4000-8000-000000000001">
    <CodeRef targetGUID="CCCCCCCC-0000-4000-8000-000000000003"/></Coding>
   <Coding guid="FFFFFFFF-0000-4000-8000-000000000005">
    <CodeRef targetGUID="CCCCCCCC-0000-4000-8000-000000000004"/></Coding>
   <NoteRef targetGUID="99999999-0000-4000-8000-000000000001"/>
   <VariableValue><VariableRef targetGUID="EEEEEEEE-0000-4000-8000-000000000001"/>
    <IntegerValue>41</IntegerValue></VariableValue>
  </TextSource>
  <TextSource guid="DDDDDDDD-0000-4000-8000-000000000002">
   <PlainTextContent>Second &amp; last.</PlainTextContent></TextSource>
  <TextSource guid="DDDDDDDD-0000-4000-8000-000000000003" name="Rich"
    richTextPath="internal://Two.docx"/>
  <TextSource guid="DDDDDDDD-0000-4000-8000-000000000004" name="Far"
    plainTextPath="absolute:///etc/passwd"/>
  <PDFSource guid="DDDDDDDD-0000-4000-8000-000000000005" name="Paper.pdf">
   <PDFSelection guid="FFFFFFFF-0000-4000-8000-000000000006" page="1" firstX="0" firstY="0"
     secondX="1" secondY="1"><Coding guid="FFFFFFFF-0000-4000-8000-000000000007">
     <CodeRef targetGUID="CCCCCCCC-0000-4000-8000-000000000001"/></Coding></PDFSelection>
  </PDFSource>
  <AudioSource guid="DDDDDDDD-0000-4000-8000-000000000006" name="Talk.mp3"/>
 </Sources>
 <Notes>
  <Note guid="99999999-0000-4000-8000-000000000001" name="Memo"
    creatingUser="AAAAAAAA-0000-4000-8000-000000000002">
   <PlainTextContent>Look again.</PlainTextContent></Note>
  <Note guid="99999999-0000-4000-8000-000000000002" plainTextPath="internal://n.txt"/>
 </Notes>
</Project>
"""


def package_of(folder: Path, files: dict[str, bytes]) -> Path:
    """Write a ZIP of these files."""
    path = folder / "other.qdpx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def foreign(folder: Path, text: str = FOREIGN) -> Path:
    """Write another program's project: misnamed, its folder capitalised, its text in UTF-16."""
    texts = {"Sources/one.txt": "\ufeffÖne".encode("utf-16-le")}
    return package_of(folder, {"Interviews.qde": text.encode(), **texts})


def test_another_program_s_project_is_read(tmp_path: Path) -> None:
    """Its codes, codings of passages, memos and values become labels; the rest is named."""
    found = read_qdpx(foreign(tmp_path))
    labels = found.bundle
    assert labels.name == "Interviews 1"
    assert labels.codebook == Codebook(
        codebook=CodebookHead(name="interviews-1", title="Interviews 1", version=1),
        variables=(
            Variable(id="topics", name="Topics", multiple=True, open=True),
            Variable(id="code", name="Interviews 1", multiple=True, open=True),
        ),
        codes=(
            Code(id="mood", variable="topics", name="Mood", definition="Mood"),
            Code(id="mood", variable="code", name="Mood", definition="How it felt."),
            Code(
                id="tres-bien",
                variable="code",
                name="Très bien!",
                definition="Très bien!",
                parent="mood",
            ),
            Code(
                id="mood-2", variable="code", name="Mood / Mood", definition="Mood", parent="mood"
            ),
        ),
    )
    names = [f"refi:dddddddd-0000-4000-8000-00000000000{number}" for number in range(1, 5)]
    assert [(d.key, d.title, d.text) for d in labels.documents] == [
        (names[0], "First", "Öne"),
        (names[1], names[1].removeprefix("refi:"), "Second & last."),
        (names[2], "Rich", ""),
        (names[3], "Far", ""),
    ]
    assert labels.documents[0].facts == {"description": "Talked at noon.", "Age": "41"}
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert labels.items == (
        CodedItem(names[0], "Ann", {"code": ("mood", "mood-2")}, coded_at=noon),
        CodedItem(
            names[0],
            "b",
            {"topics": ("mood",)},
            "Look again.",
            coded_at=noon - timedelta(days=28, hours=12),
        ),
    )
    assert sorted(found.left_out) == [
        "Cases: 1.",
        "Codings of the AudioSource 'Talk.mp3': 0.",
        "Codings of the PDFSource 'Paper.pdf': 1.",
        "Codings with what is no code: 1.",
        "Notes on no document: 1.",
        "Texts outside of the package ('Far'): 1.",
        "Texts without a plain version ('Rich'): 1.",
    ]


def test_codings_of_nobody_need_a_coder(tmp_path: Path) -> None:
    """They are of the coder who is named, or of the only user; else the file is refused."""
    codings = re.sub(r' creatingUser="[^"]*"', "", FOREIGN)
    path = foreign(tmp_path, codings)
    refused(
        lambda: read_qdpx(path), "the document 'First': nobody is named who coded it", str(path)
    )
    assert read_qdpx(path, People("cy")).bundle.coders == ("cy",)
    one_user = re.sub(r'<User guid="AAAA.*?/>', "", codings)
    assert read_qdpx(foreign(tmp_path, one_user)).bundle.coders == ("Ann",)


def test_users_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Two people called the same stay two coders."""
    path = foreign(tmp_path, FOREIGN.replace('id="b"', 'name="Ann"'))
    number = "aaaaaaaa-0000-4000-8000-00000000000"
    assert read_qdpx(path).bundle.coders == (
        f"Ann ({number}1)",
        f"Ann ({number}2)",
    )


def test_a_project_is_read_into_a_set(tmp_path: Path) -> None:
    """Documents of another program's project are found by title, codes by name."""
    read = FORMATS["qdpx"].read_into
    assert read is not None
    text = FOREIGN.replace("Très bien!", "Post").replace('name="Mood"', 'name="Big"')
    text = re.sub(r'<Code guid="C+-0000-4000-8000-000000000003".*?/>', "", text)
    path = foreign(tmp_path, text)
    ours = into(LABELS, key_of={"first": "gh:1"}, columns={"size": "code"})
    assert read(path, ours).bundle.items == (
        CodedItem("gh:1", "Ann", {"size": ("big",)}, coded_at=datetime(2026, 3, 1, 12, tzinfo=UTC)),
        CodedItem("gh:1", "b", {}, "Look again.", coded_at=datetime(2026, 2, 1, tzinfo=UTC)),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("project:1.0", "project:2.0", "is of the schema 'urn:QDA-XML:project:2.0'"),
        ("urn:QDA-XML:project:1.0", "urn:x", "The root is '{urn:x}Project'"),
        ("</Project>", "", "The file is no XML: no element found"),
        ("<Project", '<!DOCTYPE x [<!ENTITY a "b">]><Project', "declares a document type"),
        ("<Cases>", "<Cases>" + "<a>" * 200 + "</a>" * 200, "nested more than 100 deep"),
        ("internal://One.TXT", "internal://../../etc/passwd", "The ZIP lacks a file"),
        ("2026-02-01T00:00:00", "last year", "'last year' is no time"),
        ("2026-02-01T00:00:00", "0001-01-01T00:00:00+01:00", "is no time"),
    ],
)
def test_projects_that_cannot_be_used_are_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """Another version, a trap for parsers or a text that leads out of the file is no project."""
    assert old in FOREIGN
    path = foreign(tmp_path, FOREIGN.replace(old, new))
    refused(lambda: read_qdpx(path), said, str(path))


def test_our_own_data_that_was_damaged_is_refused(tmp_path: Path) -> None:
    """What no reader could take for a number or a code's field is not guessed at."""
    _, root, files = written(LABELS)
    text = ElementTree.tostring(root, encoding="unicode")
    for old, new, said in [
        ("0.0000001", "soon", "seconds: Input should be a valid number"),
        ('"key": "t"', '"kee": 1', "The codes of the file cannot be used: Extra inputs"),
        ('"place": 1', '"place": "x"', "could not convert string to float"),
        ('"labels": ["ml"]', '"labels": 3', "labels: Input should be a valid tuple"),
        ('"facts": {"stars": "12"}', '"facts": 3', "facts: Input should be a valid dictionary"),
    ]:
        assert old in text
        path = package_of(tmp_path, {"project.qde": text.replace(old, new).encode(), **files})
        refused(partial(read_qdpx, path), said)


def test_damaged_packages_are_refused(tmp_path: Path) -> None:
    """No ZIP, half of one, a locked or missing project, and two of them."""
    path = tmp_path / "x.qdpx"
    refused(lambda: read_qdpx(path), "cannot be read", str(path))
    path.write_bytes(b"no zip")
    refused(lambda: read_qdpx(path), "The file is no ZIP", str(path))
    whole, _, _ = written(LABELS)
    path.write_bytes(whole[: len(whole) // 2])
    refused(lambda: read_qdpx(path), "The file is no ZIP")
    at = whole.index(b"project.qde") + 40
    path.write_bytes(whole[:at] + bytes(60) + whole[at + 60 :])
    refused(lambda: read_qdpx(path), "The ZIP is damaged or locked", "project.qde")
    path = package_of(tmp_path, {"sources/a.txt": b""})
    refused(lambda: read_qdpx(path), "no files that could be its project")
    path = package_of(tmp_path, {"a.qde": b"", "b.qde": b""})
    refused(lambda: read_qdpx(path), "2 files that could be its project")


def test_packages_that_would_fill_the_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Limits hold for the number of files, for all of them and for each."""
    path = package_of(tmp_path, {"project.qde": bytes(3000), "sources/a.txt": bytes(3000)})
    monkeypatch.setattr(package, "MAX_MEMBER_BYTES", 2000)
    refused(lambda: read_qdpx(path), "is larger than", "project.qde")
    monkeypatch.setattr(package, "MAX_BYTES", 5000)
    refused(lambda: read_qdpx(path), "too large to unpack: 2 members")
    monkeypatch.setattr(package, "MAX_BYTES", 7000)
    monkeypatch.setattr(package, "MAX_MEMBERS", 1)
    refused(lambda: read_qdpx(path), "too large to unpack")


def test_a_text_in_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    """A text that is not UTF-8 is named, not guessed at."""
    _, root, files = written(LABELS)
    name = f"sources/{source_guid(LABELS, 'gh:1')}.txt"
    data = ElementTree.tostring(root)
    path = package_of(tmp_path, {"project.qde": data, **files, name: b"\xff"})
    refused(lambda: read_qdpx(path), "not in UTF-8", name)


def test_another_program_s_codebook_is_read(tmp_path: Path) -> None:
    """A codebook without variables gets one, whose codes may all apply; sets are counted."""
    path = tmp_path / "Tags.qdc"
    code = '<Code guid="{CCCCCCCC-0000-4000-8000-000000000001}" isCodable="1" name="People"/>'
    sets = '<Sets><Set guid="CCCCCCCC-0000-4000-8000-000000000002" name="x"/></Sets>'
    text = f'<CodeBook xmlns="{CODEBOOK}"><Codes>{code}</Codes>{sets}</CodeBook>'
    path.write_text(text, encoding="utf-8")
    found = read_qdc(path)
    assert found.bundle.codebook.variables == (
        Variable(id="code", name="Tags", multiple=True, open=True),
    )
    assert [each.id for each in found.bundle.codebook.codes] == ["people"]
    assert found.left_out == ("Sets of codes: 1.",)
    path.write_text(FOREIGN, encoding="utf-8")
    refused(lambda: read_qdc(path), "not 'CodeBook' of REFI-QDA", str(path))

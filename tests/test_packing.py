"""Data that travel packed: read back in a real Chromium, from inside the page and from files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from chromium import Chromium, find_chromium
from hypothesis import given
from hypothesis import strategies as st
from page_inputs import HOSTILE, make_inputs
from page_usage import made_up_page_usage
from unpacked import unpacked

from reports.data import clean
from reports.html import asset
from reports.page.packing import Chunk, embedded, packed, policies, without_late
from reports.page.page import write_page

PROGRAM = find_chromium()
needs_chromium = pytest.mark.skipif(
    PROGRAM is None, reason="no Chromium on PATH to open the page with"
)

VALUE = {"texts": [clean(text) for text in HOSTILE], "number": 1.5, "none": None}
SCRIPT = "\n".join(
    [*map(asset, ("dom.js", "pack.js", "chunks.js")), "const chunks = new Chunks(FILES);"]
)
SAID = "[...document.querySelectorAll('.trouble')].map(p => p.textContent)"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("ab<"), inner),
    max_leaves=8,
)


def asked(name: str) -> str:
    """Return a script that asks for a part; null where there is trouble."""
    return f"chunks.get({name!r}).catch(() => null)"


def write_mini_page(
    folder: Path, inside: dict[str, Any], chunks: list[Chunk], more: str = ""
) -> Path:
    """Write a page of nothing but data, under the policies of a page with such data."""
    files = {chunk.name: chunk.path for chunk in chunks}
    script = SCRIPT.replace("FILES", json.dumps(files))
    metas = "".join(
        f'<meta http-equiv="Content-Security-Policy" content="{each}">'
        for each in policies([script], in_files=bool(chunks))
    )
    for chunk in chunks:
        (folder / chunk.path).parent.mkdir(exist_ok=True)
        (folder / chunk.path).write_text(chunk.text)
    body = f'<link rel="icon" href="data:,"><main></main>{embedded(inside)}{more}'
    path = folder / "index.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{metas}{body}<script>{script}</script>")
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Start one browser."""
    with Chromium(str(PROGRAM)) as browser:
        yield browser


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    """Serve the test's folder as a static host does; return its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@given(JSON)
def test_what_is_packed_holds_all_and_ends_no_element(value: Any) -> None:
    """Read back it is the same; and no letter of it is markup."""
    text = packed(value)
    assert unpacked(text) == value
    assert text == packed(value)
    assert text.replace("+", "").replace("/", "").rstrip("=").isalnum()


def test_a_file_is_named_by_what_is_in_it() -> None:
    """The file of another build is not taken for this one's."""
    one, other = Chunk.of("tools-0", [1]), Chunk.of("tools-0", [2])
    assert one == Chunk.of("tools-0", [1])
    assert one.path != other.path
    assert one.path.startswith("data/tools-0.")


def test_fields_of_rows_may_come_later_in_parts() -> None:
    """What is left names the parts, and what each row of them holds."""
    rows = [[1, "x", 2], [3, "y", 4], [5, "z", 6]]
    tools = {"noun": "tools", "fields": ["a", "description", "c"], "rows": rows}
    answers = {"texts": ["t"], "tools": [{"name": "n", "near": [1]}, {"name": "m"}, {"name": "o"}]}
    now, parts = without_late({"groupings": {"tools": tools}, "answers": answers}, size=2)
    late = {"fields": ["description"], "parts": ["tools-0", "tools-1"], "size": 2}
    assert now["groupings"]["tools"] == {
        "noun": "tools",
        "fields": ["a", "c"],
        "rows": [[1, 2], [3, 4], [5, 6]],
        "late": late,
    }
    assert now["answers"] == {
        "texts": ["t"],
        "tools": [{"name": "n"}, {"name": "m"}, {"name": "o"}],
        "late": {"parts": ["answers-0", "answers-1"], "size": 2},
    }
    assert parts == {
        "tools-0": [["x"], ["y"]],
        "tools-1": [["z"]],
        "answers-0": [{"near": [1]}, {}],
        "answers-1": [{}],
    }


@needs_chromium
def test_a_page_reads_its_own_parts_when_they_are_asked_for(
    chromium: Chromium, tmp_path: Path
) -> None:
    """Hostile texts come back as they are; nothing is asked of a network."""
    chromium.events.clear()
    page = write_mini_page(tmp_path, {"kept": VALUE, "other": [1]}, [])
    chromium.open(page.as_uri(), width=800)
    assert chromium.evaluate(asked("kept")) == VALUE
    assert chromium.evaluate("chunks.has('other') && !chunks.has('nothing')")
    assert chromium.evaluate("unpack(document.querySelector('[data-part=other]'))") == [1]
    assert chromium.evaluate(
        "Promise.all([1, 2].map(() => chunks.get('kept'))).then(([a, b]) => a === b)"
    )
    assert (chromium.complaints(), chromium.requests()) == ([], [])


@needs_chromium
@pytest.mark.parametrize("from_disk", [True, False])
def test_files_of_data_load_from_disk_and_from_a_host_and_nothing_else_does(
    chromium: Chromium, tmp_path: Path, host: str, from_disk: bool
) -> None:
    """The page's own script gets them; a script in its markup, and another host's, do not run."""
    (tmp_path / "evil.js").write_text("window.evil = true;")
    chunks = [Chunk.of("far", VALUE), Chunk.of("further", "b")]
    evil = '<script src="evil.js"></script><img src="x.png">'
    page = write_mini_page(tmp_path, {"near": "a"}, chunks, evil)
    chromium.open(page.as_uri() if from_disk else f"{host}/index.html", width=800)
    names = ("near", "far", "further")
    assert [chromium.evaluate(asked(name)) for name in names] == ["a", VALUE, "b"]
    elsewhere = host.replace("127.0.0.1", "localhost")
    other = f"""new Promise((done) => {{
      const script = document.createElement("script");
      script.onload = () => done("ran");
      script.onerror = () => done("refused");
      script.src = "{host if from_disk else elsewhere}/evil.js";
      document.head.append(script);
    }})"""
    assert chromium.evaluate(other) == "refused"
    assert chromium.evaluate("fetch('data/none').then(() => 'sent', () => 'refused')") == "refused"
    assert chromium.evaluate("window.evil") is None
    assert chromium.evaluate(SAID) == []


@needs_chromium
def test_what_is_missing_or_damaged_is_said_in_words_and_tried_again(
    chromium: Chromium, tmp_path: Path
) -> None:
    """A file that was left behind is named, once; when it is there, it is read."""
    chunks = [Chunk.of(name, name) for name in ("moved", "cut")]
    page = write_mini_page(tmp_path, {"broken": 1}, chunks)
    moved, cut = (tmp_path / chunk.path for chunk in chunks)
    shutil.move(moved, tmp_path / "away.js")
    cut.write_text(cut.read_text()[:20])
    chromium.open(page.as_uri(), width=800)
    for name in ("moved", "moved", "cut"):
        assert chromium.evaluate(asked(name)) is None
    assert {sentence.split(". ")[0] for sentence in chromium.evaluate(SAID)} == {
        f"A part of this page is missing: data/{moved.name}",
        f"A part of this page is damaged: data/{cut.name}",
    }
    shutil.move(tmp_path / "away.js", moved)
    assert chromium.evaluate(asked("moved")) == "moved"
    chromium.evaluate("document.querySelector('[data-part]').textContent = 'eJxLBAAAQgBC'")
    assert chromium.evaluate(asked("broken")) is None
    assert chromium.evaluate(SAID)[0].startswith("The data of this page are damaged")


@needs_chromium
def test_a_browser_that_cannot_unpack_says_so(chromium: Chromium, tmp_path: Path) -> None:
    """An old one lacks what the page needs: its reader is told what to open it in."""
    chromium.open(write_mini_page(tmp_path, {"kept": 1}, []).as_uri(), width=800)
    chromium.evaluate("delete window.DecompressionStream")
    assert chromium.evaluate(asked("kept")) is None
    assert [said.split(".")[0] for said in chromium.evaluate(SAID)] == [
        "This browser cannot unpack the data of this page"
    ]


LARGE = replace(make_inputs(n_tools=60, n_topics=6), usage=made_up_page_usage())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a page of few documents as one of many, with files beside it."""
    made = tmp_path_factory.mktemp("folder")
    write_page(LARGE, made / "index.html", most=50)
    return made


@needs_chromium
def test_a_large_page_gets_descriptions_and_evidence_from_files_beside_it(
    chromium: Chromium, folder: Path
) -> None:
    """The tables fill, searches find what came late, and numbers open their lines of code."""
    chromium.events.clear()
    chromium.open(f"{(folder / 'index.html').as_uri()}#tools", width=1280)
    chromium.wait("document.documentElement.dataset.ready === 'yes'")
    rows = "document.querySelectorAll('#tools tbody .text').length"
    chromium.wait(f"{rows} > 10")
    title = LARGE.tools.documents[20].title
    chromium.evaluate(f"location.hash = '#tool={title}'")
    chromium.wait("document.querySelector('#tool .links a')?.href.startsWith('https://github.com')")
    chromium.evaluate("location.hash = '#requests?search=clusters'")
    found = "document.querySelector('#requests output').textContent"
    described = sum(
        "clusters" in (each.description or "").lower() for each in LARGE.requests.documents
    )
    chromium.wait(f"{found}.startsWith('{described} of ')")
    chromium.evaluate("location.hash = '#usage'")
    chromium.wait("!document.getElementById('usage').hidden")
    chromium.evaluate("document.querySelector('#usage button[data-evidence]').click()")
    chromium.wait("document.querySelectorAll('#usage .evidence:not([hidden]) li').length > 0")
    assert (chromium.complaints(), chromium.requests()) == ([], [])

"""READMEs cut into sections, whatever people put in them."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from embeddings.readme import Readme, parse_readme
from embeddings.readme_blocks import tidy, words

MARKDOWN = """---
title: hidden front matter
---
<!-- a hidden comment
over two lines -->
<h1 align="center">Kiln <img src="logo.png" alt="hidden logo"></h1>

[![hidden build](https://img.shields.io/x.svg)](https://ci.example.org)

Kiln is a [workflow engine](https://example.org/engine) for `kiln.toml` files :rocket: 🚀.

- [Install](#install)
- [Usage](#usage)

## Table of Contents

1. hidden contents

## Install

Type this first:

```sh
hiddenfence install
```

    hidden indented code

| hidden | table |
| --- | --- |
| hidden | cell |

## Usage

* Reads folders
* Writes tables, see https://example.org/hidden
"""

RST = """
====
Kiln
====

.. image:: https://img.shields.io/hidden.svg
   :alt: hidden badge

Kiln is a `workflow engine <https://example.org/hidden>`_ with :ref:`stages <hidden-label>`.

.. hidden comment

.. code-block:: python

   hidden = fence()

Install
-------

Type this::

   hidden literal

* Reads folders

.. include:: /etc/hostname
.. raw:: html

   <b>hidden raw</b>
"""


def everything(readme: Readme) -> str:
    """Return all words that a parsed README holds."""
    return "\n".join(f"{section.heading}\n{section.prose}" for section in readme.sections)


def test_markdown_keeps_prose_and_drops_the_rest() -> None:
    """Headings and link text stay; badges, code, tables, contents and comments go."""
    readme = parse_readme(MARKDOWN)
    headings = [(section.heading, section.level) for section in readme.sections]
    assert headings == [("Kiln", 1), ("Table of Contents", 2), ("Install", 2), ("Usage", 2)]
    assert "hidden" not in everything(readme)
    first, _, install, usage = readme.sections
    assert first.prose == "Kiln is a workflow engine for kiln.toml files ."
    assert (first.n_images, first.n_badges, first.n_items) == (2, 1, 0)
    assert (install.n_code, install.n_tables, install.prose) == (2, 1, "Type this first:")
    assert usage.prose == "Reads folders\nWrites tables, see"
    assert (usage.n_items, usage.n_item_words, usage.n_words) == (2, 5, 5)


def test_restructured_text_is_parsed_safely() -> None:
    """Sections and prose come through; files are not read, raw output is not taken."""
    readme = parse_readme(RST, "README.rst")
    assert [(s.heading, s.level) for s in readme.sections] == [("Kiln", 1), ("Install", 2)]
    assert "Kiln is a workflow engine with stages." in readme.sections[0].prose
    assert readme.sections[0].n_badges == 1
    assert readme.sections[1].prose == "Type this:\nReads folders"
    assert readme.sections[1].n_code == 1
    assert "hidden" not in everything(readme)
    assert not readme.unparsed


def test_restructured_text_says_nothing_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    """A malformed page is parsed without a word from its parser."""
    parse_readme("Title\n==\n\n.. nonsense::\n\n`open\n\n:nope:`x`", "README.rst")
    assert capfd.readouterr() == ("", "")


def test_html_pages_are_read_like_markdown() -> None:
    """A whole HTML page gives the same kind of sections."""
    page = (
        "<style>hidden</style><h1>Kiln</h1><p>A <b>workflow</b> engine.</p><pre>hidden</pre>"
        "<h2>Features</h2><ul><li>Reads folders</li></ul><table><tr><td>hidden</td></tr></table>"
    )
    readme = parse_readme(page, "README.html")
    assert [(s.heading, s.prose) for s in readme.sections] == [
        ("Kiln", "A workflow engine."),
        ("Features", "Reads folders"),
    ]
    assert readme.sections[1].n_tables == 1


def test_tight_headings_count_but_not_inside_fences() -> None:
    """``#Heading`` is a heading, as older READMEs have it; a comment in a fence is none."""
    readme = parse_readme("#Kiln\nwords\n```\n#hidden\n```\n##Usage\nmore words")
    assert [section.heading for section in readme.sections] == ["Kiln", "Usage"]


def test_unknown_markup_is_read_as_markdown_and_flagged() -> None:
    """AsciiDoc is no format we know, and the result says so."""
    assert parse_readme("= Kiln\n\nA workflow engine.", "README.adoc").other_markup
    assert not parse_readme("A workflow engine.", "README").other_markup


def test_undecodable_bytes_are_flagged() -> None:
    """Lone surrogates and replacement characters are noted and leave no trace in the text."""
    for text in ("A \udcff workflow engine", "A \ufffd workflow engine"):
        readme = parse_readme(text)
        assert readme.replaced_bytes
        assert readme.sections[0].prose == "A workflow engine"
    assert not parse_readme("A workflow engine").replaced_bytes


def test_empty_readme_has_no_sections() -> None:
    """Nothing, and nothing but space, give no sections."""
    assert parse_readme("").sections == ()
    assert parse_readme(" \n\t\n").sections == ()


def test_five_megabytes_take_seconds() -> None:
    """A huge README is cut at the end of a line, flagged, and parsed in seconds."""
    started = time.monotonic()
    readme = parse_readme("A [line](https://x.org) of `words` to read.\n\n" * 120_000)
    assert time.monotonic() - started < 20
    assert readme.truncated
    assert readme.sections[0].prose.endswith("to read.")


@pytest.mark.parametrize("path", ["a.md", "a.rst", "a.html"])
@pytest.mark.parametrize(
    "text",
    ["<div>" * 20_000, "- " * 20_000, ">" * 20_000, "[" * 20_000, "*a_" * 10_000, "|a|" * 1_500],
    ids=["div", "list", "quote", "bracket", "emphasis", "pipe"],
)
def test_deep_nesting_never_blows_the_stack(text: str, path: str) -> None:
    """Hostile nesting is parsed, or flagged, in bounded time."""
    started = time.monotonic()
    assert isinstance(parse_readme(text, path), Readme)
    assert time.monotonic() - started < 20


@given(st.text(), st.sampled_from(["README.md", "README.rst", "README.html", "README"]))
def test_any_text_is_parsed_the_same_way_twice(text: str, path: str) -> None:
    """Arbitrary text never raises, and the same text gives the same sections."""
    assert parse_readme(text, path) == parse_readme(text, path)


MARKUP = st.lists(
    st.sampled_from(
        ["# Kiln\n", "\n", "- item\n", "> quote\n", "<div>", "</p>", "`", "**", "[a](b)", "|x|\n"]
    ),
    max_size=25,
).map("".join)


@given(MARKUP, MARKUP)
def test_fenced_code_never_comes_out(before: str, after: str) -> None:
    """Whatever stands around a fence, what is inside stays inside."""
    assume("```" not in before)  # it would open a fence that ours closes
    page = f"{before}\n\n</pre>\n\n```\nhiddenfence = 1\n```\n\n{after}"
    assert "hiddenfence" not in everything(parse_readme(page))


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Z", "Cs", "Cc"])))
def test_tidy_is_settled_after_one_pass(text: str) -> None:
    """Tidied text has one line, no control characters, and its words survive another pass."""
    once = tidy(text)
    assert "\n" not in once
    assert not any(ord(character) < 32 for character in once)
    assert len(words(tidy(once))) <= len(words(once))

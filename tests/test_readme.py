"""READMEs cut into sections, whatever people put in them."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from embeddings.text.readme import Readme, parse_readme
from embeddings.text.readme_blocks import tidy, words

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
    """TeX is no format we know, and the result says so."""
    assert parse_readme("Kiln is a workflow engine.", "README.tex").other_markup
    assert not parse_readme("A workflow engine.", "README").other_markup
    assert not parse_readme("A workflow engine.", "README.Rmd").other_markup


SAID = "Kiln runs the stages of a workflow in the right order and keeps what each has made."


@pytest.mark.parametrize(
    "table",
    [
        f"<table><tr><td><h2>Kiln</h2><p>{SAID}</p></td></tr></table>",
        f'<table role="presentation"><tr><td>{SAID}</td><td>Short.</td></tr></table>',
        f"<table><tr><td><img src=a></td><td><b>Kiln</b><br>{SAID}</td></tr></table>",
        f"<table><tr><td><table><tr><td>{SAID}</td></tr></table></td><td>x</td></tr></table>",
        f"<center><table><tr><th>{SAID}</th></tr></table></center>",
    ],
)
def test_tables_that_lay_out_a_page_are_read(table: str) -> None:
    """One cell, a role, headings, tables within, or cells full of prose: no table of data."""
    for page, path in ((f"<html><body>{table}</body></html>", "README.html"), (table, "a.md")):
        assert SAID in everything(parse_readme(page, path))


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><th>Name</th><th>Said</th></tr><tr><td>hidden</td><td>{}</td></tr></table>",
        "<table><tr><td>hidden</td><td>1</td></tr><tr><td>x</td><td>{}</td></tr></table>",
        "<table><tr><td>hidden</td><td><table><tr><td>1</td></tr></table></td></tr></table>".replace(
            "<table><tr><td>1", "<table><tr><th>a</th><th>b</th></tr><tr><td>{}"
        ).replace("<td>hidden", "<th>x</th><th>y</th></tr><tr><td>hidden"),
    ],
)
def test_tables_of_data_stay_out(table: str) -> None:
    """A header over columns, or short cells: values, of which one may be long."""
    assert "hidden" not in everything(parse_readme(table.format(f"hidden {SAID}"), "README.html"))


def test_html_prose_of_any_element_is_read_in_order() -> None:
    """Definition lists, details, centred text, pictures and lines between breaks are prose."""
    page = (
        "<center><picture><source srcset=x><img src=y alt=hidden></picture>Kiln</center>"
        "<dl><dt>Stage</dt><dd>A step.</dd></dl>"
        "<details><summary>More</summary>Of it.</details>One line.<br>Another line.<br><br>Last."
    )
    prose = parse_readme(page, "README.html").sections[0].prose
    assert prose.split("\n") == [
        "Kiln",
        "Stage",
        "A step.",
        "More",
        "Of it.",
        "One line. Another line. Last.",
    ]


BLOB = "RIgP58waM0Dx3A5idNoDCDBwb2Dc4dsdc6lC1MXlPq2YmkyE9fz1WuvL4NUyvD8FnyVVdBZdzst6iAxQa2H9uZ0"
PICTURE = f"data:image/svg+xml;base64,{BLOB * 40}"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("a.md", "![logo]({})\n\n# Kiln\n\nWords to read.\n"),
        ("a.md", "[![logo]({})](https://x.org)\n\nWords to read.\n"),
        ("a.md", "<img alt=logo src='{}'>\n\nWords to read.\n"),
        ("a.md", "See [it]({}).\n\nWords to read.\n"),
        ("a.md", "[logo]: {}\n\nWords to read.\n"),
        ("a.md", "{}\n\nWords to read.\n"),
        ("a.html", '<p><img src="{}"></p><p>Words to read.</p>'),
        ("a.rst", ".. image:: {}\n\nWords to read.\n"),
        ("a.adoc", "image::{}[logo]\n\nWords to read.\n"),
        ("a.org", "[[{}]]\n\nWords to read.\n"),
    ],
)
@pytest.mark.parametrize(
    "picture",
    [
        PICTURE,
        PICTURE.replace("svg+xml", "png"),
        "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg'><text>h</text></svg>",
        "data:image/svg+xml,%3Csvg width='9'%3E%3Crect width='9'/%3E%3C/svg%3E",
    ],
    ids=["svg", "png", "markup", "percent"],
)
def test_pictures_written_into_a_page_are_no_words(path: str, page: str, picture: str) -> None:
    """Whatever their form and place, they leave no word, and take none of the prose with them."""
    readme = parse_readme(page.format(picture), path, max_chars=1000)
    text = everything(readme)
    assert "Words to read." in text
    assert not any(part in text for part in (BLOB[:20], "svg", "rect", "3C", "base64"))
    assert not readme.truncated


def test_long_tokens_are_no_words() -> None:
    """Base64, digests and minified code go; long names and languages without spaces stay."""
    code, digest = "f(a,b){return!0};" * 30, "0af3" * 8
    page = f"Before {BLOB} {digest} {code} after a-very-long-name-{'of-' * 9}it"
    assert tidy(page) == f"Before after a-very-long-name-{'of-' * 9}it"
    assert words(tidy("用于训练和部署模型的开源机器学习平台" * 9))
    wrapped = "\n".join(BLOB[:76] for _ in range(9))
    assert tidy(f"Key {wrapped} end") == "Key end"


def test_links_to_anything_keep_their_words_alone() -> None:
    """A link to a file or to a script is a link: its address is no text."""
    page = (
        "See the [handbook](file:///srv/hidden.md), [this](javascript:hidden) and [it](x:hidden)."
    )
    assert parse_readme(page).sections[0].prose == "See the handbook, this and it."


@pytest.mark.parametrize(
    "formula",
    [
        "$$\nL = \\sum_i w_i\n$$",
        "$$L = \\sum_i w_i$$",
        "> $$\n> hidden_i\n> $$",
        "\\[\nhidden_i\n\\]",
        "\\begin{align}\nhidden_i\n\\end{align}",
        "```math\nhidden_i\n```",
    ],
)
def test_formulas_are_no_words(formula: str) -> None:
    """Blocks of TeX go; what stands before and after them stays."""
    assert parse_readme(f"Before.\n\n{formula}\n\nAfter.").sections[0].prose == "Before.\nAfter."


def test_formulas_within_sentences_go_and_prices_stay() -> None:
    """What stands between two dollars is a formula where it holds what no price has."""
    page = "Weights $w_i$, $`x^2`$ and $n$ cost $5 to $10, or $HOME/a_b and $B, `$C_d$`."
    prose = parse_readme(page).sections[0].prose
    assert prose == "Weights , and cost $5 to $10, or $HOME/a_b and $B, ."


def test_marks_of_alerts_and_footnotes_are_no_words() -> None:
    """GitHub's frames and Markdown's notes keep their prose and lose their marks."""
    page = "> [!IMPORTANT]\n> Stages end.[^1]\n\n> [!TIP] Nest them.\n\n[^1]: In order.\n"
    assert parse_readme(page).sections[0].prose == "Stages end.\nNest them.\nIn order."


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
    [
        "<div>" * 20_000,
        "- " * 20_000,
        ">" * 20_000,
        "[" * 20_000,
        "*a_" * 10_000,
        "|a|" * 1_500,
        "<table><tr><td>" * 10_000,
        "$" * 50_000,
        "data:image/svg+xml,<svg " * 50_000,
    ],
    ids=["div", "list", "quote", "bracket", "emphasis", "pipe", "table", "dollar", "data"],
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

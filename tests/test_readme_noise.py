"""What in READMEs leads elsewhere, ages or advertises, and what says what a project is."""

from __future__ import annotations

import time

import pytest

from embeddings.text.readme import parse_readme
from embeddings.text.readme_noise import is_aside
from embeddings.text.sections import informative_sections, readme_text


def told(markdown: str) -> str:
    """Return what the first section of a README tells."""
    return parse_readme(markdown).sections[0].told


@pytest.mark.parametrize(
    "row",
    [
        "[Docs](d) | [Website](w) | [Discord](x)",
        "[Documentation](d) · [Blog](b) · [Summit](s) · [Roadshow](r)",
        "[📘 Documentation](d) |\n[🛠️ Quick Start](q) |\n[🤔 Report a bug](r)",
        ":link: [**Website**](w)\n| :page: [**Docs**](d)\n| :star: [**Gallery**](g)",
        "English | [简体中文](README_zh.md) | [日本語](README_ja.md)",
        "[English](README.md) • [Deutsch](de.md)",
        "[中文](README_zh.md)",
        "[Documentation](d)",
        "**Documentation**: https://kiln.example.org",
        "Docs | Quick Start | Blog",
        '<p><a href="w">Website</a> ｜ <a href="d">Docs</a><br><a href="b">Blog</a></p>',
        "join us on [![chat](https://img.shields.io/x)](c)",
    ],
)
def test_rows_of_navigation_and_languages_are_not_told(row: str) -> None:
    """Links to pages in a row, and the languages that a page is in, say nothing of the project."""
    assert told(f"{row}\n\nKiln runs workflows.") == "Kiln runs workflows."
    assert parse_readme(row).sections[0].prose or "img" in row


@pytest.mark.parametrize(
    "line",
    [
        "Works with [Alpha](a), [Beta](b) and [Gamma](c).",
        "[Alpha](a) | [Beta](b) | [Gamma](c)",
        "[Rapid drafts](a), [support for notebooks](b), and built-in [tracking](c).",
        "Code in [Notebooks](n) and scripts ([quickstart](q))",
        "Kiln reads documentation, blogs and papers and answers questions about them.",
        "See, search and share the runs of a team.",
        "Read and write [Parquet](p) files",
        "Watch folders and run again what changed",
        "A queue backed by a log, search powered by an index.",
        "Video and audio in one pipeline",
        "Kiln stands between\n[docs](d)\nand code, and keeps both in step.",
    ],
)
def test_what_only_looks_like_a_row_or_a_pointer_is_told(line: str) -> None:
    """Integrations, features and sentences about documents stay whole."""
    assert told(line) == parse_readme(line).sections[0].prose
    assert told(line)


@pytest.mark.parametrize(
    "sentence",
    [
        "The documentation is at https://kiln.example.org.",
        "Full documentation is available [here](d).",
        "For more information, see the [docs](d).",
        "Please refer to our [guide](g) for details.",
        "See the [handbook](h).",
        "Check out the [examples](e)!",
        "Learn more at the [website](w), or stop by the [chat](c).",
        "Want to know more? Visit our [blog](b).",
        "More details can be found in the [paper](p).",
        "Examples are in the examples folder.",
        "Join us on [Slack](s)!",
        "Sign up for our newsletter.",
        "If you like it, give us a star.",
        "Become a sponsor.",
        "We just released the second edition!",
        "Version 3.8 is out now!",
        "Kiln 2 is now generally available.",
        "[2024/05] We showed Kiln in public.",
        "- **2024-05-03**: a talk",
        "May 2024: Kiln was shown in public",
        "🔥 News: the second edition",
        "BREAKING NEWS: there is a second Kiln, made of clay.",
    ],
)
def test_pointers_news_and_adverts_are_not_told(sentence: str) -> None:
    """They go alone: what stands beside them in the section is told."""
    assert told(f"{sentence}\n\nKiln runs workflows.") == "Kiln runs workflows."


def test_a_sentence_goes_out_of_its_paragraph_alone() -> None:
    """The sentences around a pointer stay as they are."""
    page = "Kiln runs workflows, e.g. Builds. See the [docs](d) for more. It is small (v. 2)."
    assert told(page) == "Kiln runs workflows, e.g. Builds. It is small (v. 2)."


def test_a_label_goes_with_the_items_below_it() -> None:
    """A list under "News" or "Special thanks" goes; the paragraph after it stays."""
    page = "Special thanks to:\n\n- Ann\n- Bob\n\nKiln runs workflows.\n\n- Stages\n"
    assert told(page) == "Kiln runs workflows.\nStages"


@pytest.mark.parametrize(
    "heading",
    [
        "🔥 News",
        "Latest News",
        "What's new in 2.0",
        "Kiln vs Oven",
        "Comparison with other engines",
        "How does Kiln compare to Oven?",
        "Alternatives",
        "Similar projects",
        "Sponsors",
        "Who uses Kiln?",
        "Used by",
        "Enterprise support",
        "Kiln Cloud",
        "Talks & Slides",
        "Blog posts",
        "Star History",
        "Acknowledgements",
    ],
)
def test_sections_beside_the_point_are_left_out_with_what_is_below(heading: str) -> None:
    """However well they are written, such sections do not say what the project is."""
    said = "Kiln is a library that lets you build workflows, because others need a server."
    page = f"# Kiln\n\nKiln runs stages.\n\n## {heading}\n\n{said}\n\n### Kiln is fast\n\n{said}\n"
    assert readme_text(parse_readme(page), "kiln", max_chars=999)[0] == "Kiln runs stages."
    assert is_aside(heading)


@pytest.mark.parametrize(
    "heading",
    ["Features", "Why Kiln?", "VS Code Extension", "Compare runs", "Video processing", "Overview"],
)
def test_headings_of_the_project_itself_are_none_of_them(heading: str) -> None:
    """Words of such headings may be features too."""
    assert not is_aside(heading)


def test_the_title_is_never_beside_the_point() -> None:
    """A project may be called like a section of others; a README of news alone tells nothing."""
    page = parse_readme("# Papers\n\nPapers keeps what a team has read.")
    assert [s.heading for s in informative_sections(page, "papers")] == ["Papers"]
    assert informative_sections(parse_readme("# Kiln\n\n## News\n\nIt was shown."), "kiln") == []


@pytest.mark.parametrize(
    "text",
    [
        "see the " * 25_000,
        "[docs](d) | " * 15_000,
        "for a, " * 28_000,
        ". A" * 60_000,
        "## a\n" * 5_000,
    ],
    ids=["see", "row", "for", "sentences", "headings"],
)
def test_hostile_prose_takes_time_in_proportion(text: str) -> None:
    """Long runs of what the rules look for are read in seconds."""
    started = time.process_time()
    readme_text(parse_readme(text), "kiln", max_chars=6000)
    assert time.process_time() - started < 15

"""Whether a README announces the end of its project: in its own words, and of nothing else."""

from __future__ import annotations

import time

import pytest

from insights.history.ended import MAX_CHARS, ended_by_readme

MARKDOWN = "# Lantern\n\nLantern lights up pipelines.\n\n{}\n\n## Install\n\nRun the installer.\n"


@pytest.mark.parametrize(
    "said",
    [
        "This project is no longer maintained.",
        "Please note that this repository has been archived in favour of Torch.",
        "This package is deprecated, use torchlight in its place.",
        "Lantern is no longer actively maintained.",
        "The project was discontinued in May 2021.",
        "This tool has been superseded by Torch.",
        "We have stopped maintaining this library.",
        "I am no longer able to maintain this plugin.",
        "Development of this project has ceased.",
        "This repository has moved to Codeberg.",
        "This repo has been merged into torch/monorepo.",
        "This SDK will be retired on 1 March.",
        "THIS PROJECT IS UNMAINTAINED!",
    ],
)
def test_a_sentence_about_the_project(said: str) -> None:
    """The sentence is returned, whatever stands around it and however it is stressed."""
    assert ended_by_readme(MARKDOWN.format(f"Lights. **{said}** More light.")) == said


@pytest.mark.parametrize(
    "text",
    [
        "# [DEPRECATED] Lantern\n\nLights.",
        "# Lantern (deprecated)\n\nLights.",
        "# Lantern - Now Deprecated\n\nLights.",
        "# ⚠️ Archived\n\n# Lantern\n",
        "Status: Unmaintained\n====================\n\nLantern lights.",
        "Lantern\n=======\n\n**ARCHIVED**: see Torch.\n\nLights.",
        "# Moved to Codeberg\n\nLights.",
    ],
)
def test_a_label_at_the_top(text: str) -> None:
    """Short words that stand for the sentence."""
    assert ended_by_readme(text) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[![Status](https://www.repostatus.org/badges/latest/abandoned.svg)](https://x.org)",
            "badge: abandoned",
        ),
        (
            "Lantern\n=======\n\n.. image:: http://www.repostatus.org/badges/2.0.0/unsupported.svg\n",
            "badge: unsupported",
        ),
        (
            '<h1>Lantern</h1><img src="https://www.repostatus.org/badges/latest/moved.svg">',
            "badge: moved",
        ),
        ("![no](https://img.shields.io/badge/Maintained%3F-no-red.svg)", "badge: not maintained"),
        ("![s](https://img.shields.io/badge/status-archived-grey)", "badge: archived"),
    ],
)
def test_a_badge(text: str, said: str) -> None:
    """Those of repostatus.org that say so, and what people write on shields."""
    assert ended_by_readme(f"{text}\n\nLights.") == said


@pytest.mark.parametrize(
    "text",
    [
        "Lantern\n=======\n\nThis project is no longer maintained.\n\nInstall\n-------\n\nRun.\n",
        "Lantern\n=======\n\n.. warning::\n\n   This project is no longer maintained.\n",
        "<h1>Lantern</h1><p>Lights.</p><h4>This project is no longer maintained.</h4>",
        "> [!WARNING]\n> This project is no longer maintained.\n\n# Lantern\n",
    ],
    ids=["rst", "rst, framed", "HTML", "Markdown, framed"],
)
def test_any_markup(text: str) -> None:
    """READMEs are parsed as for their texts."""
    assert ended_by_readme(text) == "This project is no longer maintained."


def test_a_section_about_the_state_counts_wherever_it_stands() -> None:
    """Elsewhere far down nothing does."""
    far = "Lights up every room of the house. " * 60
    said = "This repository is no longer maintained."
    assert ended_by_readme(f"# Lantern\n\n{far}\n\n## Project status\n\n{said}\n") == said
    assert ended_by_readme(f"# Lantern\n\n{far}\n\n## Thoughts\n\n{said}\n") is None


@pytest.mark.parametrize(
    "said",
    [
        "Python 2 is no longer supported.",
        "This package no longer supports Python 3.8.",
        "This package is no longer supported on Windows.",
        "The v1 API is deprecated.",
        "The `shine` method of this library is deprecated.",
        "This branch is no longer maintained.",
        "This is a fork of Candle, which is no longer maintained.",
        "The original repository is no longer maintained.",
        "It replaces Candle, since that project has been abandoned.",
        "Although the project has been abandoned by its author, Candle still burns.",
        "Unfortunately, the library has been deprecated, so we wrote our own.",
        "If this project is no longer maintained, tell us.",
        "Is this project dead?",
        'They told us "this project is dead" for years.',
        "This project is not deprecated.",
        "This project was archived, and is now revived.",
        "This repository has been archived at Zenodo.",
        "This project has moved to GitHub.",
        "The repository has moved to TypeScript.",
        "In this project the logs are archived each night.",
        "This is not an officially supported product.",
        "This project is no longer under active development, and gets fixes.",
        "We no longer maintain wheels for old systems.",
        "- Candle - burns. No longer maintained.",
        "```\nThis project is deprecated.\n```",
        "`this project is deprecated` is what it prints.",
        "| tool | state |\n| --- | --- |\n| x | This project is deprecated. |",
        "## Changelog\n\n- This module is deprecated.",
        "## Deprecated features\n\nThis option is deprecated.",
        "![a](https://www.repostatus.org/badges/latest/active.svg)",
    ],
)
def test_of_a_part_another_or_in_quotes(said: str) -> None:
    """A version, a part, a fork's origin, a question, a condition, code: no end is announced."""
    assert ended_by_readme(MARKDOWN.format(said)) is None


def test_the_words_are_cut() -> None:
    """What is long is told in part."""
    long = "This project is no longer maintained because " + "of this and that and " * 20 + "all."
    said = ended_by_readme(MARKDOWN.format(long))
    assert said is not None
    assert len(said) <= MAX_CHARS
    assert said.startswith("This project is no longer maintained because")
    assert said.endswith("…")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "\x00\ud800 this project is deprecated",
        "this project " * 40_000,
        "deprecated " * 40_000,
        "This project is" + " now" * 20_000,
        "we" + " no longer maintain and" * 9_000,
    ],
    ids=["empty", "mark", "broken", "long", "label", "adverbs", "verbs"],
)
def test_no_text_takes_long(text: str) -> None:
    """Whatever it is, an answer comes soon."""
    started = time.perf_counter()
    ended_by_readme(text)
    assert time.perf_counter() - started < 5

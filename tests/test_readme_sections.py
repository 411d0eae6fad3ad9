"""Which sections of a README say what the project is or why."""

from __future__ import annotations

import pytest

from embeddings.text.readme import parse_readme
from embeddings.text.sections import (
    cut,
    informative_sections,
    readme_text,
    section_features,
    section_model,
    section_model_hash,
    section_probabilities,
)

PAGE = """
A line before any heading.

# Kiln

Kiln is a library that lets you build workflows from plain files, without a server.

## Why Kiln?

Other engines need a database, because they keep their state elsewhere. Kiln avoids that.

## Features

- Fast and lightweight
- Supports incremental runs

## Installation

Run the installer first, then open the settings and click on add.

## License

Licensed under the MIT License, copyright by the authors.

## Contributing

Please open an issue or send pull requests.
"""


def test_what_and_why_are_chosen_and_the_rest_is_not() -> None:
    """Introduction, purpose and features stay; installation, licence and contributing go."""
    chosen = [section.heading for section in informative_sections(parse_readme(PAGE), "kiln")]
    assert chosen == ["", "Kiln", "Why Kiln?", "Features"]


def test_text_starts_with_the_introduction_and_is_cut_at_a_word() -> None:
    """The cap counts characters, cuts at a word and says so."""
    whole, was_cut = readme_text(parse_readme(PAGE), "kiln", max_chars=6000)
    assert whole.startswith("A line before any heading.\nKiln is a library")
    assert not was_cut
    short, was_cut = readme_text(parse_readme(PAGE), "kiln", max_chars=60)
    assert was_cut
    assert len(short) <= 60
    assert whole.startswith(short)
    assert whole[len(short)] in " \n"


def test_a_readme_of_instructions_gives_its_likeliest_section() -> None:
    """Where no section says what or why, one with words is taken all the same."""
    readme = parse_readme("## Installation\n\nRun the installer.\n\n## License\n\nMIT License.")
    assert len(informative_sections(readme, "kiln")) == 1
    assert informative_sections(parse_readme("# Kiln\n"), "kiln") == []


def test_the_shipped_model_fits_the_features() -> None:
    """Coefficients and features have the same names, and the file holds no text of READMEs."""
    names = list(section_features(parse_readme(PAGE).sections, "kiln")[0])
    model = section_model()
    assert list(model.weights) == names
    assert 0 < model.threshold < 1
    assert len(section_model_hash()) == 64
    assert all(name.isascii() and " " not in name for name in model.weights)


def test_probabilities_are_probabilities_for_every_section() -> None:
    """One number in [0, 1] for each section."""
    readme = parse_readme(PAGE)
    found = section_probabilities(readme, "kiln")
    assert len(found) == len(readme.sections)
    assert all(0 <= value <= 1 for value in found)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("one two", 7, ("one two", False)),
        ("one two", 5, ("one", True)),
        ("x" * 9, 4, ("xxxx", True)),
        ("", 4, ("", False)),
    ],
)
def test_cut_prefers_whole_words(text: str, limit: int, expected: tuple[str, bool]) -> None:
    """Words stay whole unless one word is all there is."""
    assert cut(text, limit) == expected

"""The line near a README's top that says what the project is."""

from __future__ import annotations

import pytest

from embeddings.text.readme import parse_readme
from embeddings.text.tagline import tagline

SAID = "A friendly workflow engine"


@pytest.mark.parametrize(
    "page",
    [
        f"# Kiln: {SAID}",
        f"# Kiln - {SAID}",
        f"# Kiln — {SAID}",
        f"# 🔥 Kiln | {SAID}",
        f"# Kiln ({SAID})",
        f"# Kiln, {SAID.lower()}",
        f"Kiln: {SAID}\n=====\n\nKiln runs stages.",
        f'<h1 align="center">Kiln</h1><p align="center"><b>{SAID}</b></p>',
        f'<h1 align="center"><img src="logo.png"></h1>\n<h3 align="center">\n{SAID}\n</h3>',
        f"<div align=center>\n<h1>Kiln</h1>\n<h3>{SAID}</h3>\n</div>\n\n## Install\n\nRun it.",
        f'<div align="center">\n\n# Kiln\n\n{SAID}\n\n[Docs](d) | [Blog](b)\n\n</div>\n',
        f"# Kiln\n\n**{SAID}**\n\nKiln runs stages.",
        f"# Kiln\n\n*{SAID}*",
        f"# Kiln\n\n> {SAID}\n\nKiln runs stages.",
        f"# Kiln\n\n[Docs](d) | [Blog](b)\n\n{SAID}.\n\n## Install\n\nRun it.",
        f"![logo](l.png)\n\n### Used by [Ann](a)\n\n### {SAID}\n\n## Install\n\nRun it.",
        f"> [!IMPORTANT]\n> ## Kiln 2 is now available!\n\n# Kiln\n\n**{SAID}**",
        f"<table><tr><td><h1>Kiln</h1><p><i>{SAID}</i></p></td></tr></table>",
    ],
)
def test_taglines_are_found_where_people_put_them(page: str) -> None:
    """Behind the name, in a heading below it, or in a line set apart."""
    found = tagline(parse_readme(page), "kiln")
    assert found is not None
    assert found.rstrip(".").lower() == SAID.lower()


def test_taglines_are_found_in_other_formats() -> None:
    """Org and reStructuredText have titles too."""
    rst = f"Kiln: {SAID}\n==========================\n\nKiln runs stages."
    assert tagline(parse_readme(rst, "README.rst"), "kiln") == SAID
    assert tagline(parse_readme(f"#+TITLE: Kiln - {SAID}\n", "README.org"), "kiln") == SAID


@pytest.mark.parametrize(
    "page",
    [
        "",
        "# Kiln",
        "# Kiln v2.0",
        "# Kiln: Installation\n\nRun it.",
        "# Welcome to Kiln",
        "# Kiln\n\n**Note: this page is old**",
        "# Kiln\n\n[Docs](d) · [Blog](b) · [Talks](t)",
        "# Kiln\n\n**Join us on [Slack](s)!**",
        "## Installation\n\nCompatible with all that runs.\n",
        "# Kiln\n\n> [!TIP]\n> Stages may be nested as you like.\n\n## Usage\n\nRun it now.",
        "# Kiln\n\n## 2. Make a first stage\n\n```\nkiln\n```",
        "# Kiln\n\nKiln runs stages. It keeps their results. Other engines need a server for that.",
    ],
)
def test_what_is_no_tagline_is_not_taken_for_one(page: str) -> None:
    """Versions, steps, notes, rows and running prose are none."""
    assert tagline(parse_readme(page), "kiln") is None


def test_taglines_of_scripts_without_spaces_are_found() -> None:
    """A word is no measure there."""
    assert (
        tagline(parse_readme("# Kiln: 用于训练和部署模型的平台"), "kiln")
        == "用于训练和部署模型的平台"
    )


def test_a_title_of_its_own_says_it_all() -> None:
    """A title that is a sentence about the project is its tagline; a mere name is not."""
    page = "# Kiln is the first engine that runs stages"
    assert tagline(parse_readme(page), "kiln") == page.removeprefix("# ")
    assert tagline(parse_readme("# Kiln engine"), "kiln") is None

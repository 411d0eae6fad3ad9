"""Which sections of a README say what the project is, or why one would want it.

A logistic regression over the features of `section_features`; its coefficients stand in
``sections.json``, made and evaluated by ``benchmarks/readme_sections.py``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from artifacts.hashing import hash_bytes
from embeddings.text.readme import Readme, Section
from embeddings.text.readme_blocks import words
from embeddings.text.readme_noise import is_aside
from embeddings.text.section_features import section_features

WEIGHTS_FILE = Path(__file__).with_name("sections.json")


class SectionModel(BaseModel):
    """Coefficients over named features, and the probability from which a section is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str
    weights: dict[str, float]
    intercept: float
    threshold: float
    training: dict[str, Any]

    def probability(self, features: dict[str, float]) -> float:
        """Return the probability, in [0, 1], that a section with ``features`` says what or why."""
        total = self.intercept + math.fsum(
            weight * features[name] for name, weight in self.weights.items()
        )
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


@lru_cache(maxsize=1)
def section_model() -> SectionModel:
    """Return the coefficients that this package carries."""
    return SectionModel.model_validate(json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))


def section_model_hash() -> str:
    """Return the SHA-256 of the coefficients, for the keys of what depends on them."""
    return hash_bytes(WEIGHTS_FILE.read_bytes())


def section_probabilities(readme: Readme, name: str) -> list[float]:
    """Return for each section of ``readme`` the probability that it says what or why.

    Parameters
    ----------
    readme
        The parsed README.
    name
        The repository's name without its owner.
    """
    model = section_model()
    return [model.probability(row) for row in section_features(readme.sections, name)]


def informative_sections(readme: Readme, name: str) -> list[Section]:
    """Return the sections that say what the project is or why one would want it, in reading order.

    What stands before the first heading is the introduction and always belongs to them; what
    stands below a heading such as "News" or "X vs Y" never does. Where no section that tells
    something is likely enough, the likeliest one is returned.
    """
    probabilities = section_probabilities(readme, name)
    asides = _asides(readme.sections)
    telling = [i for i, s in enumerate(readme.sections) if words(s.told) and i not in asides]
    threshold = section_model().threshold
    chosen = [i for i in telling if readme.sections[i].level == 0 or probabilities[i] >= threshold]
    if not chosen and telling:
        chosen = [max(telling, key=lambda i: (probabilities[i], -i))]
    return [readme.sections[i] for i in chosen]


def _asides(sections: Sequence[Section]) -> set[int]:
    """Return the places of the sections below headings that are beside the point.

    The first heading is the title, whatever it says.
    """
    found: set[int] = set()
    level, seen_title = 0, False
    for i, section in enumerate(sections):
        if level and (section.level > level or not section.level):
            found.add(i)
            continue
        level = section.level if seen_title and is_aside(section.heading) else 0
        seen_title = seen_title or bool(section.heading)
        if level:
            found.add(i)
    return found


def readme_text(readme: Readme, name: str, *, max_chars: int) -> tuple[str, bool]:
    """Return the informative prose of ``readme``, introduction first, and whether it was cut.

    Parameters
    ----------
    readme
        The parsed README.
    name
        The repository's name without its owner.
    max_chars
        What is longer is cut at the end of a word.
    """
    seen: set[str] = set()
    lines: list[str] = []
    for section in informative_sections(readme, name):
        for line in section.told.split("\n"):
            if line not in seen:
                seen.add(line)
                lines.append(line)
    return cut("\n".join(lines), max_chars)


def cut(text: str, max_chars: int) -> tuple[str, bool]:
    """Return ``text`` cut to ``max_chars`` characters at a word, and whether any were lost."""
    if len(text) <= max_chars:
        return text, False
    head = text[: max_chars + 1]
    spaces = max(head.rfind(" "), head.rfind("\n"))
    return (head[:spaces] if spaces > max_chars // 2 else head[:max_chars]).rstrip(), True

"""Families of topics and words: what tools are counted as, such as those of one cloud.

One TOML file holds families of several themes (clouds, containers, practices, …); a study names a
shipped one, or a file of its own. Families may overlap: a tool can be of two clouds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from artifacts.explaining import read_model

FamilyId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Topic = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
TopicPart = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,}$")]
Phrase = Annotated[str, StringConstraints(min_length=2, pattern=r"^\S(.*\S)?$")]

ANY: Final = "any"
"""In place of a family: any of its theme."""
OTHERS: Final = "others"
"""In place of a family: all further ones of its theme."""
UNKNOWN: Final = "unknown"
"""In place of a family: those of which it is not known."""
_SIGNS: Final = ("topics", "contains", "words")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Family(_Part):
    """One family, and by which topics and words a tool is known to be of it.

    Attributes
    ----------
    id
        How files and tables call it, in lower case.
    name
        How people call it.
    theme
        What it is one of: ``clouds``, ``containers``, ``practices``.
    topics
        Whole topics.
    contains
        Parts of topics: ``sagemaker`` also means ``sagemaker-studio``. A part means every topic
        that it stands in, inside another word, too: the shorter, the riskier.
    words
        Whole words and phrases in the name of the repository, its owner's aside, and in its
        description, in any case; the words of a phrase may be joined by hyphens and the like. A
        word that means other things as well (cloud, go, helm) counts these, too: better a phrase.
    """

    id: FamilyId
    name: str = Field(min_length=1)
    theme: FamilyId
    topics: tuple[Topic, ...] = ()
    contains: tuple[TopicPart, ...] = ()
    words: tuple[Phrase, ...] = ()


class Families(_Part):
    """Families of topics and words, each id and name once.

    Attributes
    ----------
    name
        How studies call the file, in lower case.
    title
        How people call it.
    version
        From 1; raised by whoever changes the file.
    apart
        Pairs of families of which it is told how they separate in the taxonomy.
    """

    name: FamilyId
    title: str = Field(min_length=1)
    version: int = Field(ge=1)
    apart: tuple[tuple[FamilyId, FamilyId], ...] = ()
    families: tuple[Family, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _refuse_what_contradicts(self) -> Families:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        for what in ("id", "name"):
            counts = Counter(getattr(family, what) for family in self.families)
            for value, count in counts.items():
                if count > 1:
                    yield f"the {what} '{value}' stands twice"
        ids = {family.id for family in self.families}
        for each in sorted(ids & {ANY, OTHERS, UNKNOWN}):
            yield f"no family can be called '{each}': tables have it for something else"
        for family in self.families:
            if not any(getattr(family, sign) for sign in _SIGNS):
                yield f"'{family.id}' has neither topics, nor parts of topics, nor words"
        for first, second in self.apart:
            if first == second:
                yield f"apart: '{first}' cannot be held against itself"
            for each in (first, second):
                if each not in ids:
                    yield f"apart: '{each}' is no family; there are {', '.join(sorted(ids))}"

    def by_theme(self) -> dict[str, tuple[Family, ...]]:
        """Return the families of each theme, both in the order of the file."""
        themes = dict.fromkeys(family.theme for family in self.families)
        return {
            theme: tuple(family for family in self.families if family.theme == theme)
            for theme in themes
        }


def read_families(path: Path) -> Families:
    """Read and check a file of families.

    Raises
    ------
    ConfigError
        If it cannot be read, a key, type or value is not allowed, or it contradicts itself.
    """
    return read_model(path, Families, what="The file of families")

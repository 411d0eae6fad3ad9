"""What may be passed on: the whole rule, on one screen.

===========================================  =====================================================
what                                         goes into a bundle
===========================================  =====================================================
figures, taxonomies, crosswalks, labels,     yes: the study made them, or they are shipped under
codebooks, lists, and what opsatlas ships    our licence
facts of repositories and of issues: names,  yes: facts are nobody's work
topics, labels, numbers, dates, licences
README of a repository                       if its licence (SPDX) permits copies, with attribution
descriptions, names of releases, titles and  no: they are their owners' words. A repository's
bodies of issues; texts made of them         licence is for what is in it, and to others GitHub's
                                             terms (D.5) permit copies on GitHub alone
page, comparison, tables and figures for a   if all texts of the snapshots that they are made of may
paper                                        go: they quote them
code of dependents, raw answers              never
===========================================  =====================================================

A study says of which snapshots all texts may go (``[bundle] redistribute``): because it wrote them
itself, or asked. A private bundle holds all texts, and is for those who work on the study. GitHub's
policies on acceptable use (7) ask of research on its public data that publications be open access.
This is how we read the terms, and no legal advice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

TEXT_COLUMNS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "snapshot": {
        "repositories.parquet": ("description",),
        "readmes.parquet": ("text",),
        "issues.parquet": ("title", "body"),
        "releases.parquet": ("name",),
    },
    "texts": {"texts.parquet": ("text", "tagline")},
    "dependents": {"candidates.parquet": ("description",)},
}
"""Columns that hold words of others, by the kind of an artifact and its file."""
OF_ISSUES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "texts": {"texts.parquet": ("title", "text", "tagline")},
    "kinds": {"kinds.parquet": ("title",)},
}
"""The same where the documents are issues: titles of repositories are their names."""
QUOTED_IN_MODEL: Final = ("model/topics.json", "topic_aspects")
"""Of a taxonomy: the file of BERTopic that quotes the exemplars of each topic, and its key."""
QUOTING: Final = ("page", "lineage report", "export")
"""Kinds of artifacts that quote what they are made of."""

PERMITTING: Final = frozenset(
    {
        *("0BSD", "AFL-3.0", "AGPL-3.0", "Apache-2.0", "Artistic-2.0", "BlueOak-1.0.0", "BSL-1.0"),
        *("BSD-2-Clause", "BSD-2-Clause-Patent", "BSD-3-Clause", "BSD-3-Clause-Clear"),
        *("BSD-4-Clause", "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "CECILL-2.1", "ECL-2.0"),
        *("EPL-1.0", "EPL-2.0", "EUPL-1.1", "EUPL-1.2", "GPL-2.0", "GPL-3.0", "ISC", "LGPL-2.1"),
        *("LGPL-3.0", "MIT", "MIT-0", "MPL-2.0", "MS-PL", "MS-RL", "MulanPSL-2.0", "NCSA"),
        *("OFL-1.1", "OSL-3.0", "PostgreSQL", "UPL-1.0", "Unlicense", "Vim", "WTFPL", "Zlib"),
    }
)
"""Licences (SPDX) under which copies of a README may be passed on, with its source and licence
named. Any that is not here, and any README without one, stays out."""


@dataclass(frozen=True)
class TextRule:
    """Whose words may be passed on.

    Attributes
    ----------
    allowed
        Snapshots all of whose texts may go.
    private
        Whether all texts go in any case.
    """

    allowed: frozenset[str]
    private: bool = False

    def allows(self, snapshots: Collection[str]) -> bool:
        """Tell whether all texts of these snapshots may go; of none, nobody said that they may."""
        return self.private or (bool(snapshots) and self.allowed.issuperset(snapshots))


def columns_of_words(kind: str, path: str) -> dict[str, tuple[str, ...]]:
    """Return the columns of an artifact that hold words of others, by file.

    Parameters
    ----------
    path
        The folder of the artifact; that of texts or kinds tells which documents they are of.
    """
    if path.endswith(".issues") and kind in OF_ISSUES:
        return OF_ISSUES[kind]
    return TEXT_COLUMNS.get(kind, {})


def permits_copies(spdx: str | None) -> bool:
    """Tell whether a README of a repository under this licence may be passed on."""
    plain = (spdx or "").removesuffix("-only").removesuffix("-or-later")
    return plain in PERMITTING

"""How a bundle is cited and deposited: CITATION.cff (CFF 1.2.0) and .zenodo.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from opsatlas.pipeline import Pipeline
from opsatlas.study import Creator

CFF = "1.2.0"


@dataclass(frozen=True)
class BundleAbout:
    """What a bundle says of itself.

    Attributes
    ----------
    name
        Of the study.
    day
        On which the last of it was made (ISO 8601).
    licence
        An identifier of SPDX; None: none is named.
    n_withheld
        How many files are not in it.
    """

    name: str
    title: str
    day: str
    creators: tuple[Creator, ...]
    licence: str | None
    keywords: tuple[str, ...]
    private: bool
    n_withheld: int

    @property
    def description(self) -> str:
        """Return what the bundle is, in a few sentences."""
        held = (
            "It is private: it holds texts of others, and is for those who work on the study."
            if self.private
            else "All of it is here."
            if not self.n_withheld
            else f"{self.n_withheld:,} files that may not be passed on are left out, and named by "
            "their SHA-256."
        )
        return (
            f"{self.title}: snapshots, taxonomies, labels and figures of the study '{self.name}', "
            f"made with opsatlas {version()}, so that others can check and replay it. {held}"
        )

    @property
    def authors(self) -> tuple[Creator, ...]:
        """Return who is cited; where nobody is named, the study's authors as a group."""
        return self.creators or (Creator(name=f"Authors of the study '{self.name}'"),)


def version() -> str:
    """Return the version of opsatlas."""
    return metadata.version("opsatlas")


def about_bundle(pipeline: Pipeline, day: str, *, private: bool, n_withheld: int) -> BundleAbout:
    """Return what a bundle of a study says of itself."""
    study, told = pipeline.study.study, pipeline.study.bundle
    return BundleAbout(
        name=study.name,
        title=told.title or study.title,
        day=day,
        creators=told.creators,
        licence=told.licence,
        keywords=tuple(dict.fromkeys((*pipeline.study.ecosystem.topics, "topic modelling"))),
        private=private,
        n_withheld=n_withheld,
    )


def citation_cff(about: BundleAbout) -> bytes:
    """Return the text of CITATION.cff."""
    import yaml

    values: dict[str, Any] = {
        "cff-version": CFF,
        "message": "If you use these data, please cite them as below.",
        "type": "dataset",
        "title": about.title,
        "abstract": about.description,
        "authors": [_in_cff(creator) for creator in about.authors],
        "date-released": about.day,
        "keywords": list(about.keywords),
    }
    if about.licence is not None:
        values["license"] = about.licence
    text: str = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)
    return text.encode()


def _in_cff(creator: Creator) -> dict[str, str]:
    family, comma, given = creator.name.partition(",")
    named = {"family-names": family.strip(), "given-names": given.strip()}
    told = {name: part for name, part in named.items() if part} if comma else {"name": creator.name}
    if creator.affiliation is not None and comma:
        told["affiliation"] = creator.affiliation
    if creator.orcid is not None:
        told["orcid"] = f"https://orcid.org/{creator.orcid}"
    return told


def zenodo_json(about: BundleAbout) -> bytes:
    """Return the text of .zenodo.json: what Zenodo is told of a deposit.

    Without a licence, or where texts of others are in it, the deposit is closed.
    """
    is_open = about.licence is not None and not about.private
    values: dict[str, Any] = {
        "upload_type": "dataset",
        "title": about.title,
        "description": about.description,
        "creators": [_in_zenodo(creator) for creator in about.authors],
        "publication_date": about.day,
        "access_right": "open" if is_open else "closed",
        "keywords": list(about.keywords),
    }
    if about.licence is not None:
        values["license"] = about.licence
    return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode()


def _in_zenodo(creator: Creator) -> dict[str, str]:
    told = {"affiliation": creator.affiliation, "orcid": creator.orcid}
    return {"name": creator.name, **{name: value for name, value in told.items() if value}}

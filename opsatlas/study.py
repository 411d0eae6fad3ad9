"""The study file: one TOML file that says what is mined, how it is modelled and checked."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from artifacts.errors import ConfigError, InputError
from artifacts.explaining import read_model
from artifacts.words import Corpus, Layer
from configs import PACKAGE_PREFIX, package_path, study_names
from configs.codebook import Codebook
from configs.finding import find_codebook
from embeddings.settings import TextSettings, VectorSettings
from insights.history.settings import HistorySettings
from insights.kinds.vocabulary import RepositoryKind
from insights.usage.settings import UsageSettings
from labels.settings import LabelSettings
from mining.github.job import MiningSettings
from mining.reading import FileFormat
from taxonomy.lineage.settings import LineageSettings
from taxonomy.settings import TopicSettings

FullName = Annotated[
    str, StringConstraints(pattern=r"^[^/\s]+/[^/\s]+$"), Field(examples=["owner/name"])
]
SNAPSHOT_ID: Final = "DATE.SOURCE, such as 2026-11-21.topics"
_SNAPSHOT_ID = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.[a-z0-9][a-z0-9_-]{0,62}")


def _snapshot_id(text: str) -> str:
    if not _SNAPSHOT_ID.fullmatch(text):
        raise PydanticCustomError(
            "snapshot_id", f"Input should be {SNAPSHOT_ID} (a-z, 0-9, - and _)"
        )
    return text


SnapshotId = Annotated[str, AfterValidator(_snapshot_id), Field(examples=["2026-01-31.topics"])]


# TOML has types of its own: nothing is coerced but arrays, which become tuples.
Strings = Annotated[tuple[str, ...], Strict(False)]

DependentSource = Literal["snapshot", "dependents-page", "ecosystems", "code-search"]


def _topics(topics: tuple[str, ...]) -> tuple[str, ...]:
    """Return topics as GitHub writes them, each once: in lower case, with hyphens for spaces."""
    for topic in topics:
        if not topic.strip() or len(topic.split()) > 1:
            meant = "-".join(topic.lower().split())
            hint = f": write '{meant}'" if meant else ""
            raise PydanticCustomError(
                "no_topic", "A topic of GitHub has no spaces{hint}", {"hint": hint}
            )
    return tuple(dict.fromkeys(topic.strip().lower() for topic in topics))


GROUP: Final[dict[Corpus, str]] = {"tools": "taxonomy", "themes": "themes"}
"""What the section of a study file that is about a corpus is called, and the group of commands."""


GOLD_HELP = "lists to judge by: CSV, or Markdown (.md), whose headings are the categories"


GUIDE_HELP = (
    "codebook that is told to the runs, where it fits the documents: the name of a shipped one, or "
    "a file, relative to the study file"
)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StudyHead(_Section):
    """What the study is called."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="lower case, digits, hyphens")
    title: str = Field(min_length=1, description="what the page calls it")


class Ecosystem(_Section):
    """Which repositories are mined: those with one of the topics, or on a list.

    A study that is made of files alone needs none.
    """

    lists: Strings = Field(
        (), description="files that name repositories: one a line, or Markdown with links"
    )
    topics: Strings = Field(
        (), description="topics of GitHub, without spaces; with none, lists name the repositories"
    )

    @field_validator("topics")
    @classmethod
    def _are_topics(cls, topics: tuple[str, ...]) -> tuple[str, ...]:
        return _topics(topics)


class Framework(_Section):
    """A framework whose feature requests are studied."""

    name: str = Field(description="how people call it")
    repository: FullName = Field(description="owner/name on GitHub")
    package: str | None = Field(
        None, description="its name on the package index", examples=["mlflow"]
    )
    request_labels: Strings = Field((), description="labels that mean a feature request")
    request_types: Strings = Field((), description="issue types that mean one, as 'Feature'")


class Source(_Section):
    """Files that are imported into a snapshot."""

    snapshot: SnapshotId = Field(description=f"the snapshot to import into: {SNAPSHOT_ID}")
    extends: SnapshotId | None = Field(
        None,
        description="sealed snapshot that this one begins with all rows of",
        examples=["2026-10-31.topics"],
    )
    kind: Literal["github-search", "repositories", "issues", "readmes", "histories", "git"] = Field(
        description="what the files hold, as `opsatlas import --help` lists it"
    )
    files: Strings = Field(
        min_length=1,
        description=f"paths or patterns, relative to the study file or '{PACKAGE_PREFIX}…'; "
        "of repositories also lists: Markdown (.md), or texts that name one a line; of git: "
        "clones, or folders that hold them as OWNER/NAME",
    )
    columns: dict[str, str] = Field({}, description="source column by target")
    constants: dict[str, str] = Field({}, description="text by target, which the files do not say")
    delimiter: str | None = Field(
        None, description="what separates columns; none named: found", examples=[";"]
    )
    encoding: str | None = Field(
        None, description="of text; none named: UTF-8, -16 or -32, found", examples=["cp1252"]
    )
    large: bool = Field(False, description="whether files beyond the caps are read, too")
    observed_at: date | None = Field(
        None,
        description="of git: the day (UTC) up to which all clones show their origins; none named: "
        "what an imported table of histories says, or what git recorded",
        examples=[date(2026, 11, 21)],
    )
    truck_factor: bool = Field(
        False, description="of git: whether changes of files are read for the truck factor"
    )

    @field_validator("delimiter", "encoding")
    @classmethod
    def _is_known(cls, value: str | None, info: ValidationInfo) -> str | None:
        try:
            told = {info.field_name: value}
            FileFormat(told.get("delimiter"), told.get("encoding"))
        except InputError as error:
            raise PydanticCustomError("file_format", "Input should be {fix}", vars(error)) from None
        return value

    @field_validator("columns", "constants")
    @classmethod
    def _has_columns(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        kind = info.data.get("kind")
        if value and kind in {"github-search", "git"}:
            what = "clones" if kind == "git" else "pages of a search"
            raise PydanticCustomError("no_columns", "Input is not for {what}", {"what": what})
        return value

    @property
    def observed_until(self) -> datetime | None:
        """Return up to when clones show their origins, if a day is named: its first moment."""
        day = self.observed_at
        return None if day is None else datetime.combine(day, time(), UTC)

    @property
    def file_format(self) -> FileFormat:
        """Return how the files are to be read."""
        return FileFormat(self.delimiter, self.encoding, self.large)


class ToolsSettings(TopicSettings):
    """The taxonomy of tools: which snapshot, which lists to judge it by, and its parameters."""

    snapshot: SnapshotId = Field(description=f"which one holds the repositories: {SNAPSHOT_ID}")
    gold: Strings = Field((), description=GOLD_HELP)
    guide: str | None = Field(
        None, min_length=1, description=GUIDE_HELP, examples=["mlops-tools-fine"]
    )
    kinds: Annotated[tuple[RepositoryKind, ...], Strict(False)] = Field(
        (), description="kinds of repositories to build on; none named: all"
    )


class ThemesSettings(TopicSettings):
    """The themes of feature requests: which snapshot, which codes, and its parameters."""

    snapshot: SnapshotId = Field(description=f"which one holds the issues: {SNAPSHOT_ID}")
    gold: Strings = Field((), description=GOLD_HELP)
    guide: str | None = Field(
        None, min_length=1, description=GUIDE_HELP, examples=["request-themes"]
    )


class UsageSection(UsageSettings):
    """How dependents of frameworks use them: which frameworks, whose code, and what is looked for.

    A study without this section looks into no code.
    """

    frameworks: Strings = Field(
        (),
        description="frameworks to look for: names of described ones, or files, relative to the "
        "study file; none named: all that are shipped",
    )
    lists: Strings = Field(
        (),
        description="files that name dependents: one a line, a CSV with a column of names (and of "
        "commits), or Markdown with links",
    )
    sources: Annotated[tuple[DependentSource, ...], Strict(False)] = Field(
        (), description="where else `opsatlas usage find` looks for dependents"
    )
    code: Strings = Field(
        (),
        description="folders with local clones, or plain copies, as owner/name, relative to the "
        "study file",
    )
    facts: Strings = Field(
        (), description="CSV files of uses in projects whose code is not read here"
    )
    labels: str | None = Field(
        None, min_length=1, description="set of labels in which people coded requests by features"
    )
    features: str = Field(
        "framework-features",
        min_length=1,
        description="codebook of the features: of uses, and of requests",
    )


class HistorySection(HistorySettings):
    """How the ecosystem grows, where its tools stand in their lives, and what goes together."""

    snapshots: Annotated[tuple[SnapshotId, ...], Strict(False)] = Field(
        min_length=1,
        description=f"whose repositories are looked at: {SNAPSHOT_ID}",
        examples=[("2026-11-21.topics",)],
    )
    families: str = Field(
        "mlops",
        min_length=1,
        description="families of topics and words whose shares are told: the name of shipped ones, "
        "or a file, relative to the study file",
    )
    kinds: dict[SnapshotId, str] = Field(
        {},
        description="by snapshot, a CSV with full_name and kind, as people told them; of others, "
        "as the classifier told those that were built with `opsatlas kinds build`",
        examples=[{"2026-11-21.topics": "kinds.csv"}],
    )

    @field_validator("snapshots")
    @classmethod
    def _are_different(cls, snapshots: tuple[SnapshotId, ...]) -> tuple[SnapshotId, ...]:
        return tuple(dict.fromkeys(snapshots))

    @model_validator(mode="after")
    def _kinds_are_of_its_snapshots(self) -> HistorySection:
        if lost := sorted(self.kinds.keys() - set(self.snapshots)):
            raise ValueError(f"kinds: {lost[0]} is none of its snapshots")
        return self


class CompareSettings(LineageSettings):
    """Which snapshots are compared, in the order of time, and by which thresholds."""

    snapshots: Annotated[tuple[SnapshotId, ...], Strict(False)] = Field(
        (), description="compared at the end of a run; their taxonomies are built if need be"
    )
    of: Literal["tools", "themes"] = Field("tools", description="whose taxonomies are compared")
    layer: Layer = Field("topics", description="topics or categories")
    notes: Strings = Field((), description="sentences on what the comparison can show")


class ComputeSettings(_Section):
    """Where work that is many is done; the results do not depend on it."""

    dask: str | None = Field(
        None,
        min_length=1,
        description="address of the scheduler of a Dask cluster, or the file that it wrote; "
        "none named: processes of this machine",
        examples=["tcp://10.0.0.1:8786"],
    )
    allow_unlike: bool = Field(
        False,
        description="whether workers may have another processor or other packages than this "
        "machine: then last bits may differ",
    )


class PageSettings(_Section):
    """What else the page shows."""

    facts_snapshot: SnapshotId | None = Field(
        None,
        description="a snapshot whose figures are shown beside the taxonomy",
        examples=["2026-01-31.topics"],
    )
    notes: Strings = Field((), description="sentences on what the data are and are not")


class Creator(_Section):
    """Somebody who is to be cited for a study."""

    name: str = Field(
        min_length=1,
        description="of a person 'Family name, Given names'; of a group its name, without a comma",
        examples=["Lee, Ann"],
    )
    orcid: str | None = Field(
        None,
        pattern=r"^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$",
        description="identifier of the person",
        examples=["0000-0002-1825-0097"],
    )
    affiliation: str | None = Field(None, min_length=1, description="where the person works")


class BundleSettings(_Section):
    """What a bundle of the study says of itself, and whose texts may go along."""

    title: str | None = Field(None, min_length=1, description="what it is cited as; none: study's")
    creators: tuple[Creator, ...] = Field((), strict=False)
    licence: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9.+-]*$",
        description="under which the bundle is published: an identifier of SPDX",
        examples=["CC-BY-4.0"],
    )
    redistribute: Annotated[tuple[SnapshotId, ...], Strict(False)] = Field(
        (),
        description="snapshots all of whose texts may be passed on: because they are in words of "
        "your own, or their owners allow it",
        examples=[("2026-11-21.tools",)],
    )


class Study(_Section):
    """A whole study."""

    study: StudyHead
    ecosystem: Ecosystem = Ecosystem()
    frameworks: tuple[Framework, ...] = Field((), strict=False)
    codebooks: Strings = Field(
        (),
        description="codebooks whose codes are laid over the taxonomies: names of shipped ones, or "
        "files, relative to the study file",
    )
    sources: tuple[Source, ...] = Field((), strict=False)
    mining: MiningSettings = MiningSettings()
    texts: TextSettings = TextSettings()
    vectors: VectorSettings = VectorSettings()
    codes: VectorSettings | None = None
    taxonomy: ToolsSettings | None = None
    themes: ThemesSettings | None = None
    usage: UsageSection | None = None
    history: HistorySection | None = None
    labels: LabelSettings = LabelSettings()
    compare: CompareSettings = CompareSettings()
    page: PageSettings = PageSettings()
    bundle: BundleSettings = BundleSettings()
    compute: ComputeSettings = ComputeSettings()

    @field_validator("sources")
    @classmethod
    def _extend_what_is_made_before(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        parents: dict[str, str] = {}
        for source in sources:
            if source.extends is not None:
                parent = parents.setdefault(source.snapshot, source.extends)
                if parent != source.extends:
                    raise ValueError(
                        f"{source.snapshot} extends {parent} and {source.extends}; it can extend "
                        "one snapshot"
                    )
        try:
            parents_first(parents, parents)
        except CycleError as error:
            circle = reversed(error.args[1])
            raise ValueError(f"snapshots extend each other: {' extends '.join(circle)}") from None
        return sources

    @field_validator("mining")
    @classmethod
    def _excludes_topics(cls, mining: MiningSettings) -> MiningSettings:
        return mining.model_copy(update={"exclude_topics": _topics(mining.exclude_topics)})

    def of(self, corpus: Corpus) -> ToolsSettings | ThemesSettings | None:
        """Return what is set for a corpus, if it is asked for."""
        return self.taxonomy if corpus == "tools" else self.themes

    def parents(self) -> dict[str, str]:
        """Return the snapshot that each snapshot extends, by its id."""
        return {source.snapshot: source.extends for source in self.sources if source.extends}

    def framework_names(self) -> dict[str, str]:
        """Return how the frameworks of each repository are called, by its name in lower case."""
        names: dict[str, str] = {}
        for framework in self.frameworks:
            key = framework.repository.lower()
            names[key] = f"{names[key]} and {framework.name}" if key in names else framework.name
        return names


def parents_first(snapshots: Iterable[str], parents: Mapping[str, str]) -> list[str]:
    """Return snapshots so that each comes after the one among them that it extends.

    Raises
    ------
    CycleError
        If some extend each other.
    """
    before = {each: [parents[each]] if each in parents else [] for each in snapshots}
    return [each for each in TopologicalSorter(before).static_order() if each in before]


def named_codebook(name: str, corpus: Corpus) -> Codebook:
    """Return the codebook of that name or path.

    Raises
    ------
    InputError
        If there is none, or it is for another corpus.
    ConfigError
        If it cannot be used.
    """
    from labels.exchange.formats import read_codebook_file

    path = find_codebook(name, where="CODEBOOK")
    return fitting(read_codebook_file(path), corpus, path)


def fitting(book: Codebook, corpus: Corpus, path: Path) -> Codebook:
    """Return a codebook, read from ``path``; raise `InputError` if it is for another corpus."""
    meant = book.codebook.layer
    if meant not in (None, corpus):
        raise InputError(
            f"The codebook '{book.codebook.name}' is for {meant}, not for {corpus}.",
            where=f"{path}, codebook.layer",
            fix=f"use it with {meant}, or take another",
        )
    return book


def find_study(name: str) -> Path:
    """Return the path of a study file: a path as given, or the name of a study that is shipped."""
    path = Path(name)
    if path.suffix == ".toml" or path.is_file():
        return path
    if name in study_names():
        return package_path(f"{name}.toml")
    shipped = f"name a .toml file, or one of {', '.join(study_names())}"
    if path.is_dir():
        fix = f"{shipped}; for the study of a workspace: `opsatlas run -w {shlex.quote(name)}`"
        raise ConfigError(f"'{name}' is a folder, not a study.", fix=fix)
    raise ConfigError(f"There is no study '{name}'.", fix=shipped)


def read_study(path: Path) -> Study:
    """Read and check a study file.

    Raises
    ------
    ConfigError
        If it cannot be read, or a key, type or value is not allowed; says where and what is.
    """
    return read_model(path, Study, what="The study file")

"""The study file: one TOML file that says what is mined, how it is modelled and checked."""

from __future__ import annotations

from collections.abc import Iterable
from glob import escape, glob, has_magic
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from artifacts.errors import ConfigError, InputError
from artifacts.explaining import read_model
from artifacts.words import Corpus, Layer
from configs import PACKAGE_PREFIX, codebook_names, package_path, study_names
from configs.codebook import Codebook
from embeddings.settings import TextSettings, VectorSettings
from insights.kinds.vocabulary import RepositoryKind
from labels.settings import LabelSettings
from mining.github.job import MiningSettings
from mining.reading import FileFormat
from taxonomy.lineage.settings import LineageSettings
from taxonomy.settings import TopicSettings

FullName = Annotated[str, StringConstraints(pattern=r"^[^/\s]+/[^/\s]+$")]
SnapshotId = Annotated[
    str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}\.[a-z0-9][a-z0-9_-]{0,62}$")
]


# TOML has types of its own: nothing is coerced but arrays, which become tuples.
Strings = Annotated[tuple[str, ...], Strict(False)]


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


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StudyHead(_Section):
    """What the study is called."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="lower case, digits, hyphens")
    title: str = Field(min_length=1)


class Ecosystem(_Section):
    """Which repositories belong to the ecosystem: those with one of the topics, or on a list."""

    lists: Strings = Field(
        (), description="files that name repositories: one a line, or Markdown with links"
    )
    topics: Strings = Field((), validate_default=True)

    @field_validator("topics")
    @classmethod
    def _names_something(cls, topics: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not topics and not info.data.get("lists"):
            raise PydanticCustomError("nothing_named", "Input should name a topic, or lists should")
        return _topics(topics)


class Framework(_Section):
    """A framework whose feature requests are studied."""

    name: str
    repository: FullName
    package: str | None = Field(
        None, description="its name on the package index", examples=["mlflow"]
    )
    request_labels: Strings = Field((), description="labels that mean a feature request")
    request_types: Strings = Field((), description="issue types that mean one, as 'Feature'")


class Source(_Section):
    """Files that are imported into a snapshot."""

    snapshot: SnapshotId
    kind: Literal["github-search", "repositories", "issues", "readmes"]
    files: Strings = Field(
        min_length=1, description=f"paths, relative to the study file or '{PACKAGE_PREFIX}…'"
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
        if value and info.data.get("kind") == "github-search":
            raise PydanticCustomError("no_columns", "Input is not for pages of a search")
        return value

    @property
    def file_format(self) -> FileFormat:
        """Return how the files are to be read."""
        return FileFormat(self.delimiter, self.encoding, self.large)


class ToolsSettings(TopicSettings):
    """The taxonomy of tools: which snapshot, which lists to judge it by, and its parameters."""

    snapshot: SnapshotId
    gold: Strings = ()
    kinds: Annotated[tuple[RepositoryKind, ...], Strict(False)] = Field(
        (), description="kinds of repositories to build on; none named: all"
    )


class ThemesSettings(TopicSettings):
    """The themes of feature requests: which snapshot, which codes, and its parameters."""

    snapshot: SnapshotId
    gold: Strings = ()


class CompareSettings(LineageSettings):
    """Which snapshots are compared, in the order of time, and by which thresholds."""

    snapshots: Annotated[tuple[SnapshotId, ...], Strict(False)] = Field(
        (), description="compared at the end of a run; their taxonomies are built if need be"
    )
    of: Literal["tools", "themes"] = "tools"
    layer: Layer = Field("topics", description="topics or categories")
    notes: Strings = Field((), description="sentences on what the comparison can show")


class PageSettings(_Section):
    """What else the page shows."""

    facts_snapshot: SnapshotId | None = Field(
        None, description="a snapshot whose figures are shown beside the taxonomy"
    )
    notes: Strings = Field((), description="sentences on what the data are and are not")


class Study(_Section):
    """A whole study."""

    study: StudyHead
    ecosystem: Ecosystem
    frameworks: tuple[Framework, ...] = Field((), strict=False)
    codebooks: Strings = Field((), description="codebooks by name")
    sources: tuple[Source, ...] = Field((), strict=False)
    mining: MiningSettings = MiningSettings()
    texts: TextSettings = TextSettings()
    vectors: VectorSettings = VectorSettings()
    taxonomy: ToolsSettings | None = None
    themes: ThemesSettings | None = None
    labels: LabelSettings = LabelSettings()
    compare: CompareSettings = CompareSettings()
    page: PageSettings = PageSettings()

    @field_validator("mining")
    @classmethod
    def _excludes_topics(cls, mining: MiningSettings) -> MiningSettings:
        return mining.model_copy(update={"exclude_topics": _topics(mining.exclude_topics)})

    def of(self, corpus: Corpus) -> ToolsSettings | ThemesSettings | None:
        """Return what is set for a corpus, if it is asked for."""
        return self.taxonomy if corpus == "tools" else self.themes

    def framework_names(self) -> dict[str, str]:
        """Return how the frameworks of each repository are called, by its name in lower case."""
        names: dict[str, str] = {}
        for framework in self.frameworks:
            key = framework.repository.lower()
            names[key] = f"{names[key]} and {framework.name}" if key in names else framework.name
        return names


def find_codebook(name: str, *, where: str) -> Path:
    """Return the path of a codebook: a file as given, or that of the name of one that is shipped.

    Raises
    ------
    InputError
        If there is none; ``where`` says who named it.
    """
    from labels.exchange.formats import is_codebook_file

    return Path(name) if is_codebook_file(name) else shipped_codebook(name, where=where)


def shipped_codebook(name: str, *, where: str) -> Path:
    """Return the path of the codebook of that name that is shipped.

    Raises
    ------
    InputError
        As `find_codebook`.
    """
    if name in codebook_names():
        return package_path(f"codebooks/{name}.toml")
    raise InputError(
        f"There is no codebook '{name}'.",
        where=where,
        fix=f"name one of {', '.join(codebook_names())}",
    )


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
    book = read_codebook_file(path)
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
    raise ConfigError(
        f"There is no study '{name}'.",
        fix=f"name a .toml file, or one of {', '.join(study_names())}",
    )


def read_study(path: Path) -> Study:
    """Read and check a study file.

    Raises
    ------
    ConfigError
        If it cannot be read, or a key, type or value is not allowed; says where and what is.
    """
    return read_model(path, Study, what="The study file")


def resolve(file: str, study_path: Path) -> Path:
    """Return the path that a study means: shipped with the package, or beside the study file."""
    if file.startswith(PACKAGE_PREFIX):
        return package_path(file.removeprefix(PACKAGE_PREFIX))
    return study_path.parent / _expanded(file)


def resolve_all(files: Iterable[str], study_path: Path) -> list[Path]:
    """Return the paths that a study means, each once; for a pattern, those that match, sorted.

    ``*``, ``?`` and ``[…]`` match within a name, ``**`` any folders. A file that is called just so
    is no pattern; folders are meant only where no file matches.

    Raises
    ------
    InputError
        If nothing matches a pattern.
    """
    found: dict[Path, None] = {}
    for file in files:
        path = resolve(file, study_path)
        if not has_magic(file) or path.exists():
            found[path] = None
            continue
        home, _, rest = file.partition("/")
        pattern = f"{escape(str(_expanded(home)))}/{rest}" if home.startswith("~") else file
        # `Path.glob` takes no pattern from the root on.
        matches = glob(pattern, root_dir=study_path.parent, recursive=True)  # noqa: PTH207
        paths = [study_path.parent / match for match in sorted(matches)]
        if not paths:
            raise InputError(
                f"No file matches '{file}'.",
                where=str(path),
                fix="correct the pattern; it is meant from the study file",
            )
        found |= dict.fromkeys([each for each in paths if each.is_file()] or paths)
    return list(found)


def _expanded(file: str) -> Path:
    try:
        return Path(file).expanduser()
    except RuntimeError:
        raise InputError(
            f"Nobody's home folder is known for '{file}'.", fix="write the path out"
        ) from None

"""The workspace: the folder that holds everything of one study."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.errors import ArtifactError, InputError
from artifacts.files import storage_errors
from artifacts.notebook import as_html
from artifacts.words import CORPORA
from configs import STUDY_FILE

if TYPE_CHECKING:
    from pandas import DataFrame

    from artifacts.progress import Progress
    from artifacts.words import Corpus, Layer
    from opsatlas.pipeline import Pipeline
    from reports.comparison.inputs import ShownComparison
    from taxonomy.taxonomy import Taxonomy


def open_workspace(path: Path | None, *, create: bool = False) -> Path:
    """Return the workspace folder that a command works in.

    Parameters
    ----------
    path
        The folder given with ``-w``; None searches the current folder and its parents.
    create
        Make the given folder if it is not there yet.

    Raises
    ------
    InputError
        If there is no such folder, or none with a study file above the current one.
    """
    if path is None:
        return _nearest_workspace(Path.cwd())
    if path.is_dir():
        return path
    if path.exists():
        raise InputError("The workspace is not a folder.", where=str(path))
    if not create:
        raise InputError(
            "There is no such workspace.", where=str(path), fix="check its folder (-w FOLDER)"
        )
    with storage_errors(path):
        path.mkdir(parents=True)
    return path


def _nearest_workspace(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / STUDY_FILE).is_file():
            return folder
    raise InputError(
        f"No {STUDY_FILE} was found here or in any parent folder.",
        where=str(start),
        fix="name the folder of the workspace (-w FOLDER), or change into it; to begin one: "
        "`opsatlas init`",
    )


def open_study(study: str | None, workspace: Path | None, progress: Progress) -> Pipeline:
    """Return the pipeline of a study, ready to run.

    Parameters
    ----------
    study
        A study file or the name of a shipped one; it is remembered in the workspace. None: the one
        that the workspace remembers.
    workspace
        Its folder. None: for a study that is given, ``atlas-NAME`` in the current folder; else the
        nearest parent folder with a ``study.toml``.

    Raises
    ------
    ConfigError
        If the study file cannot be used.
    InputError
        If there is no workspace, or no study in it.
    """
    from opsatlas.pipeline import Pipeline, remember
    from opsatlas.study import find_study, read_study

    if study is None:
        return Pipeline.remembered(open_workspace(workspace), progress)
    path = find_study(study)
    name = read_study(path).study.name
    folder = open_workspace(workspace or Path(f"atlas-{name}"), create=True)
    remember(path, folder)
    return Pipeline.remembered(folder, progress)


def run(
    study: str | Path | None = None,
    folder: str | Path | None = None,
    *,
    progress: bool | Progress | None = None,
) -> Workspace:
    """Carry out a whole study, from its sources to the page, as ``opsatlas run`` does.

    What has not changed since the last run is skipped; an interrupted run goes on.

    Parameters
    ----------
    study, folder
        As `open_study` takes ``study`` and ``workspace``: ``run("mlops")`` makes the atlas of MLOps
        in ``atlas-mlops``, from data that are shipped.
    progress
        None: a bar in a terminal or a notebook; True or False: always, or never.

    Raises
    ------
    OpsatlasError
        As the steps do: if the study cannot be used, or what it names is not there.
    """
    from artifacts.progress import SilentProgress
    from opsatlas.bars import shown
    from opsatlas.comparing import make_comparison, planned
    from opsatlas.pipeline import Pipeline
    from opsatlas.steps import run as run_steps

    with shown(progress) as bar:
        name = None if study is None else str(study)
        pipeline = open_study(name, None if folder is None else Path(folder), bar)
        comparison = planned(pipeline)
        run_steps(pipeline)
        if comparison is not None:
            make_comparison(pipeline, comparison)
    return Workspace(Pipeline.remembered(pipeline.workspace, SilentProgress()))


def open(folder: str | Path | None = None) -> Workspace:
    """Open the workspace of a study, to look at what is in it.

    Parameters
    ----------
    folder
        None: the nearest with a ``study.toml``, from the current folder upwards.

    Raises
    ------
    InputError
        If it is no workspace; of one saved taxonomy, how to open that.
    ConfigError
        If its study file cannot be used.
    """
    from artifacts.progress import SilentProgress
    from opsatlas.pipeline import Pipeline

    path = None if folder is None else Path(folder)
    if path is not None and (path / "assignments.parquet").exists():
        raise InputError(
            "This is a saved taxonomy, not a workspace.",
            where=str(path),
            fix=f"opsatlas.Taxonomy.open({str(folder)!r})",
        )
    return Workspace(Pipeline.remembered(open_workspace(path), SilentProgress()))


@dataclass(frozen=True, repr=False)
class Workspace:
    """The workspace of a study, open to look at: nothing in it is changed.

    Made by `opsatlas.open`, and by `opsatlas.run`.

    Attributes
    ----------
    pipeline
        The study in its folder.

    Examples
    --------
    >>> workspace = opsatlas.open("atlas-mlops")                            # doctest: +SKIP
    >>> workspace.taxonomy("tools").find("model serving", n=1)["name"][0]   # doctest: +SKIP
    'Model serving'
    """

    pipeline: Pipeline

    @property
    def folder(self) -> Path:
        """Return where it is."""
        return self.pipeline.workspace

    @property
    def taxonomies(self) -> DataFrame:
        """Return a row a taxonomy that is built, by name: corpus, documents, topics, categories.

        ``corpus`` is what it is of in the study as it is now; empty: neither.
        """
        from pandas import DataFrame

        corpora = {self._name(corpus): corpus for corpus in self.pipeline.corpora()}
        rows = []
        for name in self._taxonomy_names():
            found = self.taxonomy(name)
            sizes = (len(found.topic_of), len(found.topic_nodes), len(found.category_nodes))
            rows.append((name, corpora.get(name, ""), *sizes))
        columns = ["name", "corpus", "documents", "topics", "categories"]
        return DataFrame(rows, columns=columns).set_index("name")

    def taxonomy(self, name: str = "tools") -> Taxonomy:
        """Return a taxonomy of the study, with people's decisions.

        Parameters
        ----------
        name
            ``"tools"`` or ``"themes"``: the study's; or the name of one in `taxonomies`.

        Raises
        ------
        InputError
            If the study has none of the name.
        ArtifactError
            If it is not built yet, or was changed.
        """
        from taxonomy.store import FOLDER
        from taxonomy.taxonomy import Taxonomy

        for corpus in CORPORA:
            if name == corpus:
                return Taxonomy.open(self.pipeline.built_taxonomy(corpus))
        if name not in self._taxonomy_names():
            there = ", ".join(("tools", "themes", *self._taxonomy_names()))
            raise InputError(f"There is no taxonomy {name!r}.", fix=f"there are: {there}")
        return Taxonomy.open(self.folder / FOLDER / name)

    @property
    def snapshots(self) -> DataFrame:
        """Return a row a snapshot, by id: its state, and how many rows each of its tables has."""
        from pandas import DataFrame

        from mining.snapshots import list_snapshots

        found = list_snapshots(self.folder)
        states = ["sealed" if snapshot.is_sealed else "draft" for snapshot in found]
        names = dict.fromkeys(name for snapshot in found for name in snapshot.rows)
        rows = {name: [snapshot.rows.get(name, 0) for snapshot in found] for name in names}
        index = [snapshot.id for snapshot in found]
        return DataFrame({"state": states, **rows}, index=index).rename_axis("snapshot")

    def snapshot(self, snapshot_id: str) -> dict[str, DataFrame]:
        """Return the tables of a snapshot by their names, such as ``repositories``.

        Rows of repositories, READMEs and issues go by the keys that the documents of a taxonomy
        have, so that they can be joined. What a source does not say is missing (NA), never 0.

        Raises
        ------
        InputError
            If there is no such snapshot.
        ArtifactError
            If it is damaged.
        """
        from mining.snapshots import list_snapshots, load_table

        found = {snapshot.id: snapshot for snapshot in list_snapshots(self.folder)}
        if snapshot_id not in found:
            there = ", ".join(found) or "none"
            raise InputError(f"There is no snapshot {snapshot_id!r}.", fix=f"there are: {there}")
        names = found[snapshot_id].rows
        return {name: _keyed(load_table(found[snapshot_id].folder, name), name) for name in names}

    def labels(self, name: str) -> DataFrame:
        """Return what coders said in a set of labels, as `opsatlas.agreement` takes it.

        Parameters
        ----------
        name
            Of the set, as ``opsatlas label list`` shows it.

        Returns
        -------
        pandas.DataFrame
            A row a code that a coder gave: document (a key), title, coder, variable, code (of a
            variable that can have several, a tuple of them).

        Raises
        ------
        InputError
            If there is no such set, or coding is still blind: a wave is open.
        """
        from pandas import DataFrame

        from labels.agreement.coded import coded_variables
        from labels.label_set import LabelSet, label_path
        from labels.waves import closed_waves

        path = label_path(name, lambda: self.folder)
        with LabelSet.open(path, read_only=True) as labels:
            titles = labels.titles()
            rows = [
                (item, titles[item], coder, each.variable, code)
                for each in coded_variables(labels, closed_waves(labels, None))
                for (item, coder), codes in each.values.items()
                for code in ([tuple(sorted(codes))] if each.multiple else codes)
            ]
        return DataFrame(rows, columns=["document", "title", "coder", "variable", "code"])

    def compare(
        self, *snapshots: str, of: Corpus | None = None, layer: Layer | None = None
    ) -> WorkspaceComparison:
        """Return what changed between snapshots, beyond noise.

        Parameters
        ----------
        snapshots
            Two ids or more, the earlier first; none: those that the study compares.
        of, layer
            Which documents, and which nodes; None: as in the study.

        Raises
        ------
        InputError
            If they cannot be compared.
        ArtifactError
            If a taxonomy is not built yet. What relates them is made if it is missing or older than
            people's decisions.
        """
        from artifacts.manifest import FILE_NAME
        from opsatlas.comparing import asked, comparison_of

        wanted = asked(self.pipeline, snapshots, of=of, layer=layer)
        for snapshot in wanted.snapshots:
            side = self.pipeline.on_snapshot(wanted.of, snapshot)
            folder = side.taxonomy_folder(wanted.of)
            if not (folder / FILE_NAME).exists():
                raise ArtifactError(
                    f"There is no {folder.name} yet.",
                    where=str(folder),
                    fix=f"make all of it: opsatlas compare {' '.join(wanted.snapshots)} "
                    f"--of {wanted.of} -w {self.folder}",
                )
            side.built_taxonomy(wanted.of)
        return WorkspaceComparison(comparison_of(self.pipeline, wanted).read())

    def _name(self, corpus: Corpus) -> str:
        return self.pipeline.taxonomy_folder(corpus).name

    def _taxonomy_names(self) -> list[str]:
        from artifacts.manifest import FILE_NAME
        from taxonomy.store import FOLDER

        return sorted(
            path.parent.name for path in (self.folder / FOLDER).glob(f"[!.]*/{FILE_NAME}")
        )

    @property
    def told(self) -> str:
        """Return in a line what it is of."""
        return f"Workspace of “{self.pipeline.study.study.title}” in {self.folder}"

    def __repr__(self) -> str:
        return f"<{self.told}>"

    def _repr_html_(self) -> str:
        rows: list[tuple[str | int, ...]] = []
        for corpus in self.pipeline.corpora():
            try:
                told = self.taxonomy(corpus).told
            except ArtifactError as error:
                told = error.what
            rows.append((corpus, self._name(corpus), told))
        for snapshot, row in self.snapshots.iterrows():
            counts = {name: n for name, n in row.items() if name != "state" and n}
            held = ", ".join(f"{n:,} {name}" for name, n in counts.items())
            rows.append(("snapshot", str(snapshot), f"{row['state']}: {held}"))
        return as_html(self.told, ("", "name", "what it holds"), rows)


def _keyed(table: Any, name: str) -> DataFrame:
    """Return a table of a snapshot as a data frame, by the keys of its documents if it has some."""
    import pandas as pd
    import pyarrow as pa

    from mining.tables import KEYS, issue_key

    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: DataFrame = table.to_pandas(types_mapper=nullable.get)
    if KEYS[name] == ("repo_key",):
        return frame.set_index("repo_key")
    if name == "issues":
        pairs = zip(frame["repo_key"], frame["number"], strict=True)
        return frame.set_index(pd.Index([issue_key(*pair) for pair in pairs], name="key"))
    return frame


@dataclass(frozen=True, repr=False)
class WorkspaceComparison:
    """What changed between snapshots of a workspace, as data frames.

    Attributes
    ----------
    shown
        Everything that was compared, with names and texts.
    """

    shown: ShownComparison

    @property
    def events(self) -> DataFrame:
        """Return a row an event: what became of nodes, how large it is, p, and the verdict."""
        return self._tables["events"]

    @property
    def growth(self) -> DataFrame:
        """Return a row a node: its earlier and later size, and the parts that these differ by."""
        return self._tables["growth"]

    @property
    def moves(self) -> DataFrame:
        """Return a row a document: its nodes on both sides, and what became of it."""
        return self._tables["moves"]

    @property
    def links(self) -> DataFrame:
        """Return a row an earlier and a later node that have something to do with each other."""
        return self._tables["links"]

    @property
    def sentences(self) -> list[str]:
        """Return all that a paper can quote, in order."""
        from reports.comparison.words import sentences

        return [sentence for pair in self.shown.pairs() for sentence in sentences(pair)]

    @cached_property
    def _tables(self) -> dict[str, DataFrame]:
        from pandas import DataFrame

        from reports.comparison.tables import tables
        from reports.tables import as_json

        return {
            table.name.removeprefix("lineage-"): DataFrame(
                as_json(table), columns=[column.name for column in table.columns if column.in_data]
            )
            for table in tables(self.shown, in_print=False)
        }

    @property
    def told(self) -> str:
        """Return the comparison in a sentence for each two neighbours."""
        from reports.comparison.words import headline

        return " ".join(headline(pair) for pair in self.shown.pairs())

    def __repr__(self) -> str:
        return f"<Comparison: {self.told}>"

    def _repr_html_(self) -> str:
        from reports.comparison.words import size_in_words

        rows = [
            (event.verdict, event.kind, pair.before(event), pair.after(event), size_in_words(event))
            for pair in self.shown.pairs()
            for event in pair.events(everything=False)
        ]
        columns = ("verdict", "event", "earlier", "later", "size")
        return as_html(self.told, columns, rows, notes=self.shown.notes)

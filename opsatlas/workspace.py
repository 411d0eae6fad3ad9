"""The workspace: the folder that holds everything of one study."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.errors import ArtifactError, InputError, OpsatlasError, check_choice
from artifacts.files import storage_errors
from artifacts.notebook import as_html
from artifacts.words import CORPORA, LAYERS
from configs import STUDY_FILE

if TYPE_CHECKING:
    from pandas import DataFrame

    from artifacts.progress import Progress
    from artifacts.words import Corpus, Layer
    from opsatlas.pipeline import Pipeline
    from reports.answers.tool import ToolAnswer
    from reports.comparison.frames import WorkspaceComparison
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
    from opsatlas.cli.console import shown
    from opsatlas.pipeline import Pipeline
    from opsatlas.steps import run as run_steps

    with shown(progress) as bar:
        name = None if study is None else str(study)
        pipeline = open_study(name, None if folder is None else Path(folder), bar)
        run_steps(pipeline)
    return Workspace(Pipeline.remembered(pipeline.workspace, SilentProgress()))


def open(folder: str | Path | None = None) -> Workspace:
    """Open the workspace of a study for reading.

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
    """The workspace of a study, opened for reading; only `compare` may make what it needs.

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
        """Return its folder."""
        return self.pipeline.workspace

    @property
    def taxonomies(self) -> DataFrame:
        """Return a row for each built taxonomy, by name: corpus, documents, topics, categories.

        ``corpus`` is its corpus in the present study; empty if the study does not use it.
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
        """Return a row for each snapshot, by id: its state, and the rows of each table."""
        from mining.frames import snapshots_frame

        return snapshots_frame(self.folder)

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
        from mining.frames import snapshot_frames

        return snapshot_frames(self.folder, snapshot_id)

    def uses(self) -> DataFrame:
        """Return the uses of frameworks that were found in dependents' code, a row for each.

        Raises
        ------
        InputError
            If the study has no section [usage].
        ArtifactError
            If no code was scanned yet, or the table was changed.
        """
        from opsatlas.usages import built_uses

        uses: DataFrame = built_uses(self.pipeline).to_pandas()
        return uses

    def usage(self) -> dict[str, DataFrame]:
        """Return how frameworks are used, and what is asked of them, as tables by their names.

        ``dependents``, ``figures``, ``pairs`` and, where requests are coded, ``gap`` and
        ``wishes``. Of what was chosen there are counts only.

        Raises
        ------
        InputError, ArtifactError
            As `uses`.
        """
        from opsatlas.usages import usage_frames

        return usage_frames(self.pipeline)

    def tool(self, name: str) -> ToolAnswer:
        """Return all that the study knows of a tool, as ``opsatlas tool`` shows it.

        Parameters
        ----------
        name
            In full (owner/name), its name alone, or a former name.

        Raises
        ------
        InputError
            If there is none, or more than one; it says which are near.
        ArtifactError
            If a taxonomy that the study asks for is not built yet, or something was changed.
        """
        from opsatlas.answers import answer_of

        return answer_of(self.pipeline, name)

    def history(self, snapshot_id: str | None = None) -> dict[str, DataFrame]:
        """Return what is known of the histories of a snapshot's tools, as tables by their names.

        ``tools`` (a row for each: stage, reason, since when), ``months``, ``fits``, ``survival``,
        ``shares``, ``pairs`` and others: the formats' reference lists them all.

        Parameters
        ----------
        snapshot_id
            One of those that [history] names; None: the first.

        Raises
        ------
        InputError
            If the study has no section [history], or it names no such snapshot.
        ArtifactError
            If it was not made yet, or was changed.
        """
        from opsatlas.histories import history_frames

        return history_frames(self.pipeline, snapshot_id)

    def search(self, query: str, n: int = 10) -> DataFrame:
        """Return the tools that answer a query, best first, as the page's search does.

        Parameters
        ----------
        query
            Words, a name, or ``"alternatives to NAME"``.
        n
            At most so many, 1 at least.

        Returns
        -------
        pandas.DataFrame
            A row a tool, by key: name, category and topic (None: in none), description, score,
            matched (its words that the query found).

        Raises
        ------
        InputError
            If the study has no taxonomy of tools, the query has neither a letter nor a digit, or
            ``n`` is below 1.
        ArtifactError
            If the index was not made yet, or was changed.
        """
        from opsatlas.searching import found_frame

        if n < 1:
            raise InputError(f"n is {n}.", fix="ask for 1 or more")
        return found_frame(self.pipeline, query, n)

    def labels(self, name: str) -> DataFrame:
        """Return what coders said in a set of labels, as `opsatlas.agreement` takes it.

        Parameters
        ----------
        name
            Of the set, as ``opsatlas label list`` shows it.

        Returns
        -------
        pandas.DataFrame
            A row for each code that a coder gave: document (a key), title, coder, variable, code (a
            tuple of codes where a variable can have several).

        Raises
        ------
        InputError
            If there is no such set, or coding is still blind: a wave is open.
        """
        from labels.agreement.frame import coded_frame
        from labels.label_set import LabelSet, label_path

        with LabelSet.open(label_path(name, lambda: self.folder), read_only=True) as labels:
            return coded_frame(labels)

    def bundle(self, target: str | Path | None = None, *, private: bool = False) -> Path:
        """Write all of the study into one file for others, as ``opsatlas bundle`` does.

        Parameters
        ----------
        target
            The file, whose name ends in ``.zip``, or a folder to write it into; None: the current
            one.
        private
            Whether words of others, people's names and their memos are in it, too.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ArtifactError
            If something that the study asks for is not made yet, is out of date, or was changed.
        InputError
            If the study names what is not there, or another file is in the way.
        """
        from opsatlas.bundling.writing import write_bundle

        path = None if target is None else Path(target)
        return write_bundle(self.pipeline, path, private=private).path

    def compare(
        self, *snapshots: str, of: Corpus | None = None, layer: Layer | None = None
    ) -> WorkspaceComparison:
        """Return what changed between snapshots, beyond noise.

        What relates the taxonomies is made where it is missing or older than people's decisions.

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
            If a taxonomy is not built yet.
        """
        from artifacts.manifest import FILE_NAME
        from opsatlas.comparing import asked, comparison_of
        from reports.comparison.frames import WorkspaceComparison

        if of is not None:
            check_choice(of, CORPORA, "corpus")
        if layer is not None:
            check_choice(layer, LAYERS, "layer")
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
    def summary(self) -> str:
        """Return in one line which study it is of, and where."""
        return f"Workspace of “{self.pipeline.study.study.title}” in {self.folder}"

    def __repr__(self) -> str:
        return f"<{self.summary}>"

    def _repr_html_(self) -> str:
        rows: list[tuple[str | int, ...]] = []
        for corpus in self.pipeline.corpora():
            try:
                held = self.taxonomy(corpus).summary
            except OpsatlasError as error:
                held = error.what
            rows.append((corpus, self._name(corpus), held))
        try:
            rows += self._snapshot_rows()
        except OpsatlasError as error:
            rows.append(("snapshots", "", error.what))
        return as_html(self.summary, ("", "name", "what it holds"), rows)

    def _snapshot_rows(self) -> Iterator[tuple[str, str, str]]:
        for snapshot, row in self.snapshots.iterrows():
            counts = {name: n for name, n in row.items() if name != "state" and n}
            held = ", ".join(f"{n:,} {name}" for name, n in counts.items())
            yield "snapshot", str(snapshot), f"{row['state']}: {held}"

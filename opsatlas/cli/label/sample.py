"""`opsatlas label sample`: draw the documents that people will code."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from artifacts.errors import InputError
from artifacts.words import DOCUMENTS, Corpus
from opsatlas.cli import completing
from opsatlas.cli.console import show
from opsatlas.cli.label.codebook import label_codebook
from opsatlas.cli.label.sets import change_labels, open_labels, path_of, waves_parts, who
from opsatlas.cli.options import ByOption, JsonOption, LabelsArgument, WorkspaceOption
from opsatlas.cli.session import open_study
from reports.tables import Column, Table, number, percent

if TYPE_CHECKING:
    from configs.codebook import Codebook
    from labels.label_set import Criterion, LabelSet
    from labels.samples import SampleRequest, Stock
    from labels.sampling.draw import Sample, Stratum
    from labels.sampling.frame import Frame
    from opsatlas.pipeline import Pipeline

CodebookOption = Annotated[
    str | None,
    typer.Option(
        autocompletion=completing.codebooks,
        help="Codebook: the name of a shipped one or of one that the study names, or a file "
        "(.toml, .qdc, .qdpx). Needed the first time.",
    ),
]
OfOption = Annotated[str, typer.Option(metavar="<tools|themes>", help="Whose documents.")]
QuestionOption = Annotated[str, typer.Option(help="What the sample is to answer, in a sentence.")]
SizeOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Documents in all. Default: as the margin needs. For a set of labels that is "
        "there: how many it is to have after more are drawn.",
    ),
]
MarginOption = Annotated[float, typer.Option(help="Half of the interval of a share.")]
LevelOption = Annotated[float, typer.Option(help="Level of the interval.")]
StrataOption = Annotated[
    str | None,
    typer.Option(
        "--stratify",
        metavar="<topic|category|framework|stars>",
        help="By what the sample is stratified. Default: by nothing.",
    ),
]
AllocationOption = Annotated[
    str, typer.Option(metavar="<proportional|equal|neyman>", help="How many of each stratum.")
]
MinimumOption = Annotated[int, typer.Option(min=0, help="From each stratum, at least.")]
GuessOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="STRATUM=SHARE",
        help="For neyman: the share that is expected in a stratum. Repeatable.",
    ),
]
DrawSeedOption = Annotated[int, typer.Option(help="Seed of the draw and of the coders' orders.")]
AmongOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="CSV that names the only documents that may be drawn."),
]
CodersOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Who will code. Repeatable. Default: whoever comes."),
]
OverlapOption = Annotated[
    float,
    typer.Option(
        min=0,
        max=1,
        help="Share that all but the first coder code; one at least from each stratum.",
    ),
]
WavesOption = Annotated[
    str | None,
    typer.Option(
        metavar="SIZES", help="Sizes of the first waves, such as 20,50; the rest is the last."
    ),
]
DesignOption = Annotated[bool, typer.Option("--plan", help="Show the design; write nothing.")]


def sample(
    name: LabelsArgument,
    codebook: CodebookOption = None,
    of: OfOption = "tools",
    question: QuestionOption = "How common is each code?",
    size: SizeOption = None,
    margin: MarginOption = 0.05,
    level: LevelOption = 0.95,
    by_strata: StrataOption = None,
    allocation: AllocationOption = "proportional",
    minimum: MinimumOption = 1,
    guess: GuessOption = None,
    seed: DrawSeedOption = 0,
    among: AmongOption = None,
    coder: CodersOption = None,
    overlap: OverlapOption = 1.0,
    waves: WavesOption = None,
    plan: DesignOption = False,
    by: ByOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Draw a sample of documents to be coded, or more of one.

    The same sample comes from the same seed and documents, and a larger one holds the smaller.
    """
    from insights.strata import check_by
    from labels.samples import SampleRequest

    pipeline, corpus = open_study(None, workspace), corpus_of(of)
    request = SampleRequest(
        question=question,
        size=size,
        margin=margin,
        level=level,
        by=check_by(by_strata),
        allocation=allocation,
        minimum=minimum,
        guesses=guess or (),
        seed=seed,
        among=None if among is None else _named_in(among, pipeline, corpus),
        coders=coder or (),
        overlap=overlap,
        waves=waves,
    )
    path = path_of(name, pipeline.workspace)
    drawn = _drawn(pipeline, corpus, path, request, codebook, by, plan=plan)
    show(*_parts(drawn, None if plan else path), data=drawn.values(), json=as_json)


def _parts(drawn: Sample, path: Path | None) -> Iterator[Table | str]:
    """Yield how a sample was drawn and, of a set of labels that is there, its waves."""
    yield from (drawn.in_words, strata_table(drawn))
    if path is not None:
        with open_labels(str(path), None, read_only=True) as labels:
            yield from waves_parts(labels)


def corpus_of(name: str) -> Corpus:
    """Return the corpus of that name; raise `InputError` if there is none."""
    if name not in get_args(Corpus):
        raise InputError(f"There are no documents of '{name}'.", fix="take tools or themes")
    return name  # type: ignore[return-value]


def criterion_of(pipeline: Pipeline) -> Criterion | None:
    """Return the coefficient and threshold that the study names, if it does."""
    from labels.label_set import Criterion

    settings = pipeline.study.labels
    if settings.coefficient is None or settings.threshold is None:
        return None
    return Criterion(settings.coefficient, settings.threshold)


def _drawn(
    pipeline: Pipeline,
    corpus: Corpus,
    path: Path,
    request: SampleRequest,
    codebook: str | None,
    by: str | None,
    *,
    plan: bool,
) -> Sample:
    from artifacts.locks import writing
    from insights.strata import IN_WORDS, check_by
    from labels.samples import begin_sample, draw_sample, extend_sample

    stock = _stock(pipeline)
    strata = None if request.by is None else IN_WORDS[check_by(request.by) or "topic"]
    if plan and path.exists():
        with open_labels(str(path), None, read_only=True) as labels:
            return extend_sample(labels, stock, request, by=who(by), plan=True)
    if plan:
        return draw_sample(stock, corpus, request, strata=strata)
    with writing(path):
        if path.exists():
            with change_labels(str(path), None) as labels:
                if codebook is not None:
                    _refuse_another(labels, path, label_codebook(codebook, pipeline, corpus))
                return extend_sample(labels, stock, request, by=who(by), plan=False)
        book = label_codebook(codebook, pipeline, corpus)
        named, at_work = criterion_of(pipeline), who(by)
        sample = draw_sample(stock, corpus, request, strata=strata)
        facts = {"layer": corpus, "snapshot": pipeline.settings(corpus).snapshot}
        begin_sample(path, book, sample, request, stock, facts=facts, named=named, by=at_work)
        return sample


def _refuse_another(labels: LabelSet, path: Path, wanted: Codebook) -> None:
    """Refuse a codebook that is not, or no longer, that of a set of labels."""
    from labels.changes import changes_between, other_questions

    changes = changes_between(labels.book, wanted, reason="")
    if changes or other_questions(labels.book.codebook(), wanted):
        raise InputError(
            f"The codebook '{wanted.codebook.name}' is not as the set of labels has it.",
            where="--codebook",
            fix="leave --codebook out: more is drawn for the set's own; or take over what is new: "
            f"opsatlas label codebook update {path.stem} FILE --because WHY",
        )


def _stock(pipeline: Pipeline) -> Stock:
    """Return the documents of a study, to be drawn and to be read."""
    from insights.strata import check_by, frame
    from labels.documents import documents_of
    from labels.samples import Stock
    from taxonomy.taxonomy import Taxonomy

    def drawn_from(corpus: Corpus, name: str | None, among: Collection[str] | None) -> Frame:
        by, taxonomy = check_by(name), None
        if by in ("topic", "category"):  # its nodes are the strata
            taxonomy = Taxonomy.open(pipeline.built_taxonomy(corpus))
        return frame(pipeline.snapshot_folder(corpus), corpus, by, taxonomy=taxonomy, among=among)

    return Stock(
        drawn_from,
        lambda corpus, keys: documents_of(pipeline.snapshot_folder(corpus), corpus, only=keys),
    )


def _named_in(path: Path, pipeline: Pipeline, corpus: Corpus) -> tuple[str, ...]:
    """Return the keys of a snapshot's documents that a CSV names, sorted.

    Raises
    ------
    InputError
        If it cannot be read, has no column that names documents, or names one that is not there.
    """
    from artifacts.delimited import delimited, text_lines
    from labels.exchange.reading import NAMES_OF_DOCUMENTS, read_text
    from mining.names import document_names

    table = delimited(text_lines(read_text(path)), where=str(path))
    column = next((c for c in NAMES_OF_DOCUMENTS if c in table.head), None)
    if column is None:
        raise InputError(
            "No column names documents.",
            where=str(path),
            fix=f"call it one of {', '.join(NAMES_OF_DOCUMENTS)}",
        )
    key_of = document_names(pipeline.snapshot_folder(corpus), DOCUMENTS[corpus])
    keys = set()
    for line, row in table.records():
        name = row.get(column, "").strip().lower()
        if name not in key_of:
            raise InputError(
                f"'{name}' is not in {pipeline.settings(corpus).snapshot}.",
                where=f"{path}, line {line}, column {column}",
                fix="take the row out, or name the document as the snapshot does",
            )
        keys.add(key_of[name])
    return tuple(sorted(keys))


def strata_table(sample: Sample) -> Table:
    """Return a line for each stratum: size, drawn, weight."""
    columns = (
        Column("name", "stratum"),
        number("n_population", "documents"),
        percent("share", "share", 1),
        number("n_drawn", "drawn"),
        number("probability", "probability", 3),
        number("weight", "weight", 2),
    )
    rows = [_stratum_cells(stratum, sample.n_population) for stratum in sample.design.strata]
    return Table.of(columns, rows)


def _stratum_cells(stratum: Stratum, n_population: int) -> dict[str, Any]:
    probability = stratum.n_drawn / stratum.n_population
    return {
        **vars(stratum),
        "share": stratum.n_population / n_population,
        "probability": probability,
        "weight": 1 / probability if stratum.n_drawn else None,
    }

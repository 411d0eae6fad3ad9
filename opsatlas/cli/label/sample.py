"""`opsatlas label sample`: draw the documents that people will code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.label.options import ByOption, JsonOption, NameArgument
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from labels.sampling.draw import Sample
    from opsatlas.labelling.sampling import Wanted
    from opsatlas.pipeline import Pipeline

CodebookOption = Annotated[
    str | None,
    typer.Option(
        help="Codebook: the name of a shipped one, or a .toml, .qdc or .qdpx file. Needed the "
        "first time.",
        show_default=False,
    ),
]
OfOption = Annotated[str, typer.Option(help="tools or themes: whose documents.")]
QuestionOption = Annotated[str, typer.Option(help="What the sample is to answer, in a sentence.")]
SizeOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Documents in all. Default: as the margin needs. For a set of labels that is "
        "there: how many it is to have after more are drawn.",
        show_default=False,
    ),
]
MarginOption = Annotated[float, typer.Option(help="Half of the interval of a share.")]
LevelOption = Annotated[float, typer.Option(help="Level of the interval.")]
StrataOption = Annotated[
    str | None,
    typer.Option(
        "--stratify",
        help="topic, category, framework or stars. Default: not stratified.",
        show_default=False,
    ),
]
AllocationOption = Annotated[str, typer.Option(help="proportional, equal or neyman.")]
MinimumOption = Annotated[int, typer.Option(min=0, help="From each stratum, at least.")]
GuessOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="STRATUM=SHARE",
        help="For neyman: the share that is expected in a stratum. Repeatable.",
        show_default=False,
    ),
]
SeedOption = Annotated[int, typer.Option(help="Seed of the draw and of the coders' orders.")]
AmongOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="CSV that names the only documents that may be drawn.",
        show_default=False,
    ),
]
CodersOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Who will code. Repeatable. Default: whoever comes.",
        show_default=False,
    ),
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
        metavar="SIZES",
        help="Sizes of the first waves, such as 20,50; the rest is the last.",
        show_default=False,
    ),
]
PlanOption = Annotated[bool, typer.Option("--plan", help="Show the design; write nothing.")]


def sample(
    name: NameArgument,
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
    seed: SeedOption = 0,
    among: AmongOption = None,
    coder: CodersOption = None,
    overlap: OverlapOption = 1.0,
    waves: WavesOption = None,
    plan: PlanOption = False,
    by: ByOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Draw a sample of documents to be coded, or more of one.

    The same sample comes from the same seed and documents, and a larger one holds the smaller.
    """
    from opsatlas.cli.console import progress
    from opsatlas.cli.session import open_study
    from opsatlas.labelling.opening import path_of
    from opsatlas.labelling.wanted import corpus_of, named_in, wanted_sample

    pipeline, corpus = open_study(None, workspace, progress=progress()), corpus_of(of)
    wanted = wanted_sample(
        question=question,
        size=size,
        margin=margin,
        level=level,
        by=by_strata,
        allocation=allocation,
        minimum=minimum,
        guesses=guess or [],
        seed=seed,
        among=None if among is None else named_in(among, pipeline, corpus),
        coders=coder or [],
        overlap=overlap,
        waves=waves,
    )
    path = path_of(name, pipeline.workspace)
    drawn = _drawn(pipeline, corpus, path, wanted, codebook, by, plan=plan)
    _print(drawn, path, plan=plan, as_json=as_json)


def _drawn(
    pipeline: Pipeline,
    corpus: Corpus,
    path: Path,
    wanted: Wanted,
    codebook: str | None,
    by: str | None,
    *,
    plan: bool,
) -> Sample:
    from artifacts.locks import writing
    from opsatlas.labelling import sampling
    from opsatlas.labelling.books import label_codebook
    from opsatlas.labelling.opening import change_labels, open_labels, who

    if plan and path.exists():
        with open_labels(str(path), None, read_only=True) as labels:
            return sampling.extend_sample(pipeline, labels, wanted, by=who(by), plan=True)
    if plan:
        return sampling.draw(pipeline, corpus, wanted)
    with writing(path):
        if path.exists():
            with change_labels(str(path), None) as labels:
                return sampling.extend_sample(pipeline, labels, wanted, by=who(by), plan=False)
        book = label_codebook(codebook, corpus)
        named = sampling.named_by(pipeline)
        return sampling.begin(pipeline, corpus, path, book, wanted, by=who(by), named=named)


def _print(drawn: Sample, path: Path, *, plan: bool, as_json: bool) -> None:
    from opsatlas.cli.console import out
    from opsatlas.cli.views.sampling import sample_table, sample_values

    if as_json:
        out().print_json(data=sample_values(drawn))
        return
    out().print(sample_table(drawn))
    if not plan:
        from opsatlas.cli.views.labels import waves_report
        from opsatlas.labelling.opening import open_labels

        with open_labels(str(path), None, read_only=True) as labels:
            out().print(waves_report(labels))

"""A made-up field, mined: some sixty tools of six purposes, with all that can be known of them.

A small GitHub is served and mined, clones of most tools are read for who committed what and when,
and `opsatlas run` does the rest: nothing is planted. What must come of it follows from `TOOLS` and
`WISHES`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, product
from pathlib import Path
from typing import Final, Literal, get_args

from page_inputs import HOSTILE
from warm import warm_opsatlas

from opsatlas.study import read_study
from tests.github import NOW, Issue, Limits, Repository, World
from tests.github.clock import DAY_S
from tests.github.git import Commit, commit, folder
from tests.github.world import Event, Label, Release
from tests.github.writing import COMMON
from tests.made_histories import ADA, BEN, DEPENDABOT, Made, history_of
from tests.mining_worlds import mined_world

MINED, GROWN = "2026-11-25.topics", "2026-11-25.clones"
"""What GitHub told, and the same with what clones tell."""
OBSERVED: Final = datetime.fromtimestamp(NOW, UTC).date()
TOPIC: Final = "mlops"
WISH: Final = "enhancement"
"""The label of a feature request."""
SEED: Final = 7
MARKUP: Final = tuple(text for text in HOSTILE if "<" in text)

Life = Literal["emerging", "growing", "peak", "declining", "dormant", "dead", "archived", "unknown"]
"""A stage, but two: ``archived`` are dead, too, and of ``unknown`` GitHub ran out of time."""
LIVING: Final = ("emerging", "growing", "peak")
APACHE, MIT, GPL = (
    ("apache-2.0", "Apache-2.0", "Apache License 2.0"),
    ("mit", "MIT", "MIT License"),
    ("gpl-3.0", "GPL-3.0", "GNU General Public License v3.0"),
)


@dataclass(frozen=True)
class Purpose:
    """What tools are for: a topic on GitHub, and the parts of which descriptions are made."""

    topic: str
    does: tuple[str, ...]
    what: tuple[str, ...]
    how: tuple[str, ...]


PURPOSES: Final = {
    "drift": Purpose(
        "drift-detection",
        ("Detects drift", "Watches for drift", "Measures data drift", "Explains drift"),
        (
            "in the predictions of models in production",
            "between reference and production distributions",
            "in features, predictions and embeddings of production models",
        ),
        (
            "with statistical tests and alerts",
            "with monitoring reports and drift alerts",
            "and checks the quality of production data",
        ),
    ),
    "serving": Purpose(
        "model-serving",
        ("Serves models", "A model server", "Deploys models to endpoints", "Model serving"),
        (
            "over HTTP and gRPC endpoints",
            "for low latency inference requests",
            "behind an inference gateway",
        ),
        (
            "with batching of requests on GPUs",
            "with autoscaling of inference replicas",
            "and canary endpoints for each model server",
        ),
    ),
    "features": Purpose(
        "feature-store",
        ("A feature store", "Stores features", "Materializes features", "Feature platform"),
        (
            "for offline training sets and online lookup",
            "with point in time joins over entities",
            "for features shared by entity across teams",
        ),
        (
            "and backfills from the warehouse",
            "with freshness of online features",
            "and a registry of feature views and entities",
        ),
    ),
    "tracking": Purpose(
        "experiment-tracking",
        ("Tracks experiments", "Experiment tracking", "Logs experiment runs", "Compares runs"),
        (
            "with metrics and parameters of each run",
            "in a dashboard of runs and metrics",
            "with artifacts, metrics and notes of experiments",
        ),
        (
            "and compares curves of runs side by side",
            "and logs hyperparameters from notebooks",
            "for research groups that share runs",
        ),
    ),
    "orchestration": Purpose(
        "workflow-orchestration",
        ("Orchestrates workflows", "A workflow scheduler", "Schedules pipelines", "Runs workflows"),
        (
            "of tasks as directed graphs on Kubernetes",
            "with retries of tasks and cached steps",
            "of pipeline tasks on a cluster of workers",
        ),
        (
            "with a scheduler and a queue of workers",
            "written as Python tasks and steps",
            "and reruns of failed tasks from the graph",
        ),
    ),
    "labelling": Purpose(
        "data-labelling",
        ("Labels images", "An annotation tool", "Annotates texts", "Labelling workbench"),
        (
            "for annotators with boxes and polygons",
            "with spans and entities for annotators",
            "for images, audio and video annotation",
        ),
        (
            "with review of annotators and agreement",
            "and suggestions for the next label",
            "with keyboard shortcuts for labelling teams",
        ),
    ),
}


@dataclass(frozen=True)
class MinedTool:
    """A tool of the made-up field; `licence` None: it has none."""

    full_name: str
    purpose: str
    life: Life
    licence: tuple[str, str, str] | None
    language: str
    is_cloned: bool = True

    @property
    def is_living(self) -> bool:
        """Tell whether it is on its way up, or at its peak."""
        return self.life in LIVING


def _drift(owner_and_name: str, life: Life, licence: tuple[str, str, str] | None) -> MinedTool:
    is_cloned = life not in {"unknown", "declining"}
    return MinedTool(owner_and_name, "drift", life, licence, "Python", is_cloned)


DRIFT_TOOLS: Final = (
    _drift("skewlab/driftwatch", "growing", APACHE),
    _drift("tidemark/tidemark", "peak", APACHE),
    _drift("plumb-ml/plumbline", "emerging", APACHE),
    _drift("steady-hands/skewmeter", "growing", MIT),
    _drift("varia-group/varia", "peak", GPL),
    _drift("undertow/undertow", "growing", None),
    _drift("leeway-ai/leeway", "declining", APACHE),
    _drift("baseline-lab/baseliner", "dormant", APACHE),
    _drift("offcourse/offcourse", "dead", APACHE),
    _drift("shiftspy/shiftspy", "archived", APACHE),
    _drift("wander-ml/wander", "unknown", APACHE),
    _drift("wander-ml/roam", "unknown", MIT),
)
ANSWER: Final = tuple(
    tool.full_name for tool in DRIFT_TOOLS if tool.is_living and tool.licence == APACHE
)
"""The three living tools for drift detection under Apache-2.0."""
_LIVES: Final[tuple[Life, ...]] = get_args(Life)[:-1]
_WORDS: Final = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet")


def _others() -> Iterator[MinedTool]:
    """Yield nine tools of each other purpose, of all lives, licences and languages.

    Clones of feature stores alone are there: of the rest nobody knows who is a person.
    """
    lives = cycle(_LIVES)
    licences, languages = cycle((APACHE, MIT, GPL, MIT, None)), cycle(("Python", "Go", "Java"))
    for purpose, word in product(list(PURPOSES)[1:], _WORDS):
        name = f"{word}-labs/{word}-{purpose}"
        yield MinedTool(
            name, purpose, next(lives), next(licences), next(languages), purpose == "features"
        )


TOOLS: Final = (*DRIFT_TOOLS, *_others())
WISHES: Final = {
    "alerts": (
        ("Send an alert", "Route alerts", "Mute an alert", "Escalate alerts"),
        ("to Slack when drift is found", "to a webhook with the drift score", "by e-mail at night"),
    ),
    "embeddings": (
        ("Support text embeddings", "Drift of embeddings", "Vectors of embeddings", "Images"),
        ("from language models", "with cosine distance of vectors", "reduced to two dimensions"),
    ),
    "reports": (
        ("Export the report", "Share a report", "Theme of the report", "Report in JSON"),
        ("as HTML for colleagues", "without JavaScript in HTML", "as JSON and PDF documents"),
    ),
    "references": (
        ("Compare with several reference windows", "A sliding reference", "Choose the reference"),
        ("of the last weeks", "by window and season", "from a window of training rows"),
    ),
}
"""What is wished for, in parts that titles are put together of."""
ASKED: Final = {
    "skewlab/driftwatch": 14,
    "tidemark/tidemark": 10,
    "plumb-ml/plumbline": 6,
    "steady-hands/skewmeter": 8,
    "leeway-ai/leeway": 6,
}
"""How many wishes each of these tools has been told; `WISHES` come in turn."""
AGE_MONTHS: Final[dict[Life, int]] = {"emerging": 16, "growing": 44, "unknown": 40}
SILENT_MONTHS: Final[dict[Life, int]] = {"dormant": 10, "dead": 32, "archived": 15}
PEAK_AGE_MONTHS: Final = 60
MOST_MONTHS: Final = 72
"""More than any tool is old."""
MONTHLY: Final = 4
"""Commits a month, where their number stays."""
MONTH_S: Final = 30 * DAY_S


def _commit_times(life: Life, rng: random.Random) -> list[int]:
    """Return when was committed, from the birth of a tool to its last sign of life."""
    age = AGE_MONTHS.get(life, PEAK_AGE_MONTHS)
    last = age - SILENT_MONTHS.get(life, 0)
    times = []
    for month in range(last):
        n = MONTHLY
        if life in {"growing", "unknown"}:
            n = 1 + 12 * month * month // (age * age)
        elif life == "declining":
            n = 1 + 10 * (age - month) // age if month > age // 2 else 8
        start = NOW - (age - month) * MONTH_S
        times += [start + rng.randrange(DAY_S, MONTH_S - DAY_S) for _ in range(n)]
    return sorted(times)


def _description(place: int, tool: MinedTool) -> str:
    """Return what a tool says of itself; no two say the same, and some mean harm."""
    purpose = PURPOSES[tool.purpose]
    parts = [*product(purpose.does, purpose.what, purpose.how)]
    text = " ".join(parts[place * 5 % len(parts)]) + "."
    return f"{text} {HOSTILE[place % len(HOSTILE)]}" if tool.purpose == "drift" else text


def _repository(place: int, tool: MinedTool, rng: random.Random) -> Repository:
    number = 1_000 + 10 * place
    times = _commit_times(tool.life, rng)
    commits = [commit(folder(*COMMON), at, f"{number} {at}") for at in times]
    topic = PURPOSES[tool.purpose].topic
    ends = tool.life == "archived"
    return Repository(
        database_id=number,
        names=((times[0], tool.full_name),),
        description=_description(place, tool),
        topics=(TOPIC, topic, *((HOSTILE[1],) if tool == DRIFT_TOOLS[0] else ())),
        created_at=times[0],
        pushed_at=times[-1],
        updated_at=times[-1],
        stars={times[0] // DAY_S + day: 3 + place * place % 41 for day in range(0, 200, 5)},
        forks=place % 17,
        watchers=1 + place % 5,
        license=tool.licence,
        languages={tool.language: 90_000, "Shell": 2_000},
        archived_at=times[-1] + 3 * MONTH_S if ends else None,
        is_archived=ends,
        commits=tuple(commits),
        releases=tuple(_releases(number, commits)),
        tags=tuple((f"v{n}", each.oid) for n, each in enumerate(commits[:: 6 * MONTHLY])),
        contributors=3,
        labels=(Label(WISH),),
        issues=tuple(_issues(number, tool, rng)),
        huge=tool.life == "unknown",
    )


def _releases(number: int, commits: list[Commit]) -> Iterator[Release]:
    for place, each in enumerate(commits[:: 6 * MONTHLY]):
        at = each.committed_at
        yield Release(number * 100 + place, f"v{place}", None, at, at)


def _issues(number: int, tool: MinedTool, rng: random.Random) -> Iterator[Issue]:
    """Yield what users of a tool wish for: some open, some done, with thumbs and comments."""
    kinds = [list(product(*parts)) for parts in WISHES.values()]
    for place in range(ASKED.get(tool.full_name, 0)):
        wishes = kinds[place % len(kinds)]
        wish = " ".join(wishes[(place + number) % len(wishes)])
        title = f"{wish} {MARKUP[place]}" if place < len(MARKUP) else wish
        at = NOW - rng.randrange(20, 400) * DAY_S
        is_done = place % 3 == 2
        thumbs = rng.randrange(30)
        yield Issue(
            database_id=number * 1_000 + place,
            number=place + 1,
            title=title,
            body=f"{wish}, please: we need it for our models.",
            labels=(WISH,),
            author=f"user-{place}",
            author_association="NONE",
            created_at=at,
            updated_at=at + 9 * DAY_S,
            events=(Event("closed", at + 9 * DAY_S, "COMPLETED"),) if is_done else (),
            reactions=thumbs + 2,
            thumbs_up=thumbs,
            comments=rng.randrange(12),
        )


def made_up_world() -> World:
    """Return the GitHub that has the tools."""
    rng = random.Random(SEED)
    made = [_repository(place, tool, rng) for place, tool in enumerate(TOOLS)]
    return World(NOW, {each.database_id: each for each in made})


def _clone(repository: Repository, into: Path) -> None:
    """Make the clone of a repository: every fifth commit is a robot's."""
    people = (ADA, BEN, ADA, BEN, DEPENDABOT)
    commits = [
        Made(each.committed_at, people[place % len(people)], {"main.py": f"{place}\n"})
        for place, each in enumerate(repository.commits)
    ]
    places = {each.oid: place for place, each in enumerate(repository.commits)}
    tags = {name: places[oid] for name, oid in repository.tags}
    history_of(into / repository.full_name, commits, tags=tags)


def study_text() -> str:
    """Return the study file: mine a topic, read clones, build both taxonomies, tell histories."""
    frameworks = "\n".join(
        f'[[frameworks]]\nname = "{name.split("/")[1].title()}"\nrepository = "{name}"\n'
        f'request_labels = ["{WISH}"]\n'
        for name in ASKED
    )
    return f"""\
[study]
name = "mined"
title = "A made-up field, mined"

[ecosystem]
topics = ["{TOPIC}"]

{frameworks}
[[sources]]
snapshot = "{GROWN}"
extends = "{MINED}"
kind = "git"
files = ["clones"]
observed_at = {OBSERVED}

[mining]
commit_months = {MOST_MONTHS}
most_unknown = 0.05

[vectors]
model = "hashed-words"

[taxonomy]
snapshot = "{GROWN}"
runs = 8

[themes]
snapshot = "{GROWN}"
runs = 8

[history]
snapshots = ["{GROWN}"]
kinds = {{ "{GROWN}" = "kinds.csv" }}
"""


def make_mined_study(place: Path) -> Path:
    """Mine the field, read its clones, and run the study; return the workspace."""
    place.mkdir(parents=True, exist_ok=True)
    study, workspace, world = place / "study.toml", place / "workspace", made_up_world()
    study.write_text(study_text(), encoding="utf-8")
    kinds = "".join(f"{tool.full_name},tool\n" for tool in TOOLS)
    (place / "kinds.csv").write_text(f"full_name,kind\n{kinds}", encoding="utf-8")
    with mined_world(world, workspace, limits=Limits(huge_in_a_batch=0)) as mined:
        mined.mine(of=read_study(study))
    cloned = {tool.full_name for tool in TOOLS if tool.is_cloned}
    for each in world.repositories.values():
        if each.full_name in cloned:
            _clone(each, place / "clones")
    done = warm_opsatlas().run("run", study, "-w", workspace)
    if done.code != 0:
        raise RuntimeError(done.err)
    return workspace

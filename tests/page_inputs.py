"""Believable inputs for the page, from a seed: two layers, unplaced, gaps, hostile strings."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import nan

from made_up_history import made_up_history

from artifacts.intervals import Interval
from artifacts.manifest import Counts, Dropped, Manifest
from artifacts.words import NOISE
from insights.history.history import History
from reports.inputs import (
    FeatureRequest,
    PageGuidance,
    PageInputs,
    PageSection,
    PopulationFacts,
    RepositoryFact,
    Tool,
)
from taxonomy.evaluation import Agreement, Evaluation
from taxonomy.guidance.guide import Guidance
from taxonomy.nodes import Category, Topic

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<!-- <script> & \" ' ` ${7*7} {{ 7*7 }}",
    "line\u2028separator\u2029paragraph",
    "机器学习模型部署平台",
    "x" * 180,
    "lone \ud800 surrogate \x00 and nul",
    "<b>bold</b><br><a href='javascript:alert(3)'>here</a>",
)
LABELS = (
    "model serving",
    "experiment tracking",
    "feature store",
    "data versioning",
    "workflow orchestration",
    "explainability",
    "hyper-parameter search",
    "model monitoring",
    "labelling and annotation",
    "distributed training",
    "vector search",
    "data quality checks",
    "federated learning",
    "privacy and encryption",
    "pipelines on Kubernetes",
    "gradient boosting",
    "time series forecasting",
    "synthetic data",
    "model compression",
    "notebooks",
    "AutoML",
    "large language model applications",
    "computer vision toolkits",
    "recommender systems",
    "adversarial robustness",
    "fairness",
    "graph learning",
    "reinforcement learning",
)
FRAMEWORKS = (
    "mlflow/mlflow",
    "kubeflow/pipelines",
    "bentoml/BentoML",
    "feast-dev/feast",
    "SeldonIO/seldon-core",
    "flyteorg/flyte",
    "kedro-org/kedro",
    "Netflix/metaflow",
)
TOPICS_A_CATEGORY = 4
WORDS = re.findall(
    r"\w+",
    "open toolkit that trains serves tracks versions and compares models data pipelines with a "
    "command line dashboard plugins for clusters notebooks and cloud storage",
)


def make_inputs(
    seed: int = 0, *, n_tools: int = 357, n_requests: int = 320, n_topics: int = 24
) -> PageInputs:
    """Return inputs drawn from ``seed``; the first documents and topics carry hostile strings."""
    rng = random.Random(seed)
    tools = _section(rng, n_tools, n_topics, "tools", _tool)
    requests = _section(rng, n_requests, min(n_topics, 19), "requests", _request)
    return PageInputs(
        title="An atlas of MLOps tools",
        ecosystem=("mlops", "model-management"),
        tools=tools,
        requests=requests,
        facts=_facts(rng),
        manifests=_manifests(n_tools, n_requests),
        notes=("This study is made up, to try the page.",),
        version="0.0.0",
    )


def history_of_tools(inputs: PageInputs, n: int) -> History:
    """Return a history of the first tools of a page; the others have no history."""
    made = made_up_history(n, snapshot=inputs.tools.snapshot)
    pairs = zip(made.tools, inputs.tools.documents, strict=False)
    key_of = {tool.repo_key: document.key for tool, document in pairs}
    return replace(
        made,
        tools=tuple(replace(tool, repo_key=key_of[tool.repo_key]) for tool in made.tools),
        tool_months=tuple(replace(m, repo_key=key_of[m.repo_key]) for m in made.tool_months),
    )


def _section(rng, n_documents, n_topics, name, make):
    centres = [(rng.uniform(-10, 10), rng.uniform(-7, 7)) for _ in range(n_topics)]
    # Topic 0 is the largest, as in a real taxonomy.
    drawn = [
        rng.choices(range(n_topics), [1 / (t + 3) for t in range(n_topics)])[0]
        for _ in range(n_documents)
    ]
    rank = {old: new for new, (old, _) in enumerate(Counter(drawn).most_common())}
    documents = []
    for index, old in enumerate(drawn):
        placed = rng.random() > 0.12 or index < len(rank)
        nearest = rank[old]
        x, y = centres[nearest]
        spread = 0.5 if placed else 2.5
        common = {
            "key": f"name:{name}/{index}",
            "title": HOSTILE[index] if index < len(HOSTILE) else f"{name}-owner/project-{index}",
            "url": "javascript:alert(4)"
            if index == 1
            else f"https://github.com/o/p{index}?a=1&b=2",
            "description": _sentence(rng, index),
            "topic": nearest if placed else NOISE,
            "nearest_topic": nearest,
            "strength": rng.uniform(0.51, 1) if placed else rng.uniform(0.05, 0.5),
            "x": None if index == 5 else x + rng.gauss(0, spread),
            "y": None if index == 5 else y + rng.gauss(0, spread),
        }
        documents.append(make(rng, index, common))
    topics = _topics(rng, documents)
    categories = _categories(rng, topics)
    return PageSection(
        snapshot=f"2026-06-01.{name}",
        topics=topics,
        categories=categories,
        documents=tuple(documents),
        runs=20,
        self_agreement=0.91,
        evaluation=Evaluation(
            lists=(
                _agreement("list <one>", 273, Interval(0.41, 0.36, 0.46)),
                _agreement("list two", 110, Interval(0.38, nan, nan)),
            ),
            ceiling=(_agreement("the two lists with each other", 73, Interval(0.45, 0.33, 0.51)),),
            unguided=(
                _agreement("list <one>", 273, Interval(0.39, 0.34, 0.44)),
                _agreement("list two", 110, Interval(0.35, 0.28, 0.42)),
            ),
        )
        if name == "tools"
        else None,
        guidance=_guidance(topics, categories) if name == "tools" else None,
    )


def _guidance(topics, categories):
    """Return a codebook that knows every second topic, and the same layers without it."""
    book = Guidance(book="made-up", title=f"Book {HOSTILE[7]}", version=2, weight=0.4, fit=0.36)
    return PageGuidance(
        by=book,
        codes={("topics", topic.number): HOSTILE[1] for topic in topics[::2]},
        topics=topics,
        categories=categories,
        n_unplaced=12,
    )


def _agreement(name, n_docs, ami):
    return Agreement(
        name=name,
        n_docs=n_docs,
        n_categories=5,
        ami=ami,
        v_measure=0.5,
        purity=0.5,
        placed=0.9,
        noise_recall=None,
    )


def _sentence(rng, index):
    if index < len(HOSTILE):
        return HOSTILE[-index - 1]
    if rng.random() < 0.08:
        return None
    return " ".join(rng.choices(WORDS, k=rng.randint(12, 60))).capitalize() + "."


def _tool(rng, index, common):
    first = date(2014, 1, 1) + timedelta(days=rng.randint(0, 3000))
    return Tool(
        **common,
        github_topics=("mlops", "python") if rng.random() < 0.7 else (),
        stars=None if rng.random() < 0.2 else int(rng.lognormvariate(6, 2)),
        language=rng.choice(["Python", "Go", "Java", None, "Jupyter Notebook"]),
        license=rng.choice(["Apache-2.0", "MIT", None, "BSD-3-Clause"]),
        first_commit=first,
        last_commit=first + timedelta(days=rng.randint(10, 1500)),
        commits=None if rng.random() < 0.1 else rng.randint(3, 20_000),
    )


def _request(rng, index, common):
    repository = rng.choices(FRAMEWORKS, range(len(FRAMEWORKS), 0, -1))[0]
    return FeatureRequest(
        **common,
        repository=repository,
        number=index,
        state=rng.choice(["open", "closed", None]),
        created_at=None if rng.random() < 0.1 else date(2019, 1, 1) + timedelta(days=index),
    )


def _topics(rng, documents):
    sizes = Counter(d.topic for d in documents if d.topic != NOISE)
    topics = []
    for topic, size in sorted(sizes.items()):
        members = [d.key for d in documents if d.topic == topic]
        label = HOSTILE[0] if topic == 5 else LABELS[topic % len(LABELS)]
        topics.append(
            Topic(
                number=topic,
                category=topic % max(1, len(sizes) // TOPICS_A_CATEGORY),
                name=label,
                size=size,
                # The last one is a person's work: no ensemble has measured it.
                stability=None if topic == max(sizes) else rng.uniform(0.55, 0.99),
                keywords=(*rng.sample(WORDS, 9), "<i>word</i>"),
                weights=(),
                exemplars=tuple(members[:5]),
                description="" if topic == max(sizes) else f"Tools that say <i>{topic}</i>.",
                named_by="person" if topic == max(sizes) else "documents",
                notes=("Made by <hand>.",) if topic == max(sizes) else (),
            )
        )
    return tuple(topics)


def _categories(rng, topics):
    sizes = Counter()
    for topic in topics:
        sizes[topic.category] += topic.size
    return tuple(
        Category(
            number=category,
            name=HOSTILE[1] if category == 2 else f"category of {LABELS[category]}",
            size=size,
            stability=0.79 if category == 1 else rng.uniform(0.8, 1),
            keywords=tuple(rng.sample(WORDS, 5)),
            weights=(),
            exemplars=next(t.exemplars for t in topics if t.category == category)[:3],
            named_by="service" if category == 0 else "documents",
        )
        for category, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    )


def _facts(rng):
    rows = tuple(
        RepositoryFact(
            language=rng.choice(["Python", "Jupyter Notebook", "Go", "HTML", "Shell", None])
            if rng.random() < 0.9
            else f"Language {rng.randint(1, 12)}",
            license=rng.choice(["MIT", "Apache-2.0", None]),
            created_at=date(rng.randint(2013, 2022), 3, 1),
            stars=int(rng.lognormvariate(2, 2.5)),
        )
        for _ in range(1007)
    )
    return PopulationFacts(
        title="1,007 repositories tagged mlops on 18 January 2023",
        snapshot="2023-01-18.topics",
        repositories=rows,
        notes=("The search cap of GitHub left at least 103 repositories out.",),
    )


def _manifests(n_tools, n_requests):
    when = datetime(2026, 6, 1, 12, tzinfo=UTC)
    return (
        Manifest(
            kind="snapshot",
            name="2026-06-01.tools",
            created_at=when,
            wall_time_s=1.25,
            counts={
                "repositories": Counts(
                    read=n_tools + 3,
                    kept=n_tools,
                    dropped=[Dropped(reason="broken JSON <x>", count=3)],
                )
            },
            notes=["The search cap left at least 103 out."],
        ),
        Manifest(
            kind="vectors",
            name="all-MiniLM-L6-v2",
            created_at=when,
            wall_time_s=74.0,
            model={"name": "all-MiniLM-L6-v2", "revision": "53aa51172d142c89d9012cce15ae4d6c"},
            device="cpu",
            dtype="bfloat16",
            packages={"sentence-transformers": "6.2.0", "torch": "2.13.0"},
            config={"windows": 4, "max_tokens": 256},
            config_hash="ab" * 32,
            counts={"texts": Counts(read=n_tools + n_requests, kept=n_tools + n_requests)},
        ),
        Manifest(
            kind="taxonomy",
            name="tools",
            created_at=when,
            wall_time_s=152.0,
            seeds=[*range(20), 42],
            facts={"runs": 20, "noise_share": 0.12},
            content_hash="cd" * 32,
        ),
    )

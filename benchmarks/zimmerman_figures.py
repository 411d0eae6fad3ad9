"""Figures of the repositories of an earlier meta-analysis, by their names (`benchmarks.zimmerman`).

They are computed from the pages as our own import reads them, with our own functions where there
are some; those of rows that came twice, and of what our tables lack, from the pages as they came.

Populations are called by how many rows they have: 1,044 came, of which 1,023 are neither archived
nor disabled, and 985 of these have a description; 1,007 repositories; 986 of them not archived; 949
with a description, too.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artifacts.words import NOISE
from configs.family import Families, read_families
from configs.finding import find_families
from insights.history.concentration import concentrations
from insights.history.curves import kaplan_meier, log_rank
from insights.history.groups import grouped
from insights.history.lifetimes import Lifetimes, lifetimes_of
from insights.history.population import HistoryPopulation, read_population
from insights.history.settings import EndDefinition, HistorySettings
from insights.history.shares import TOPICS, family_shares, has_topic
from mining.snapshots import load_table, seal
from mining.sources.github_search import import_github_search

FOLDER: Final = "github-search-2023-01-18"
PAGES: Final = re.compile(r"topic_(?P<query>\w+)_pg_(?P<page>\d+)\.json\.gz")
TODAY: Final = pd.Timestamp("2023-01-21", tz="UTC")
"""Up to when she counted days."""
LAST_DAY: Final = pd.Timestamp("2023-01-18T23:59:59Z")
OBSERVED_AT: Final = datetime(2023, 1, 19, tzinfo=UTC)
"""The end of the day on which the pages were fetched: no push is later than two hours after it."""
CLOUDS: Final = {"aws": "aws", "azure": "azure", "gcp": "google-cloud"}
"""Our families, by what the figures call them."""
CONTAINERS: Final = {"kubernetes": "kubernetes", "docker": "docker"}
HER_COLUMNS: Final = (
    *("stargazers_count", "has_issues", "has_projects", "has_downloads", "has_wiki", "has_pages"),
    *("has_discussions", "open_issues_count", "allow_forking", "is_template"),
)
"""Of the answers, with age and time since the last push: the twelve that her table of numbers has.
`allow_forking` is the same everywhere, so it adds nothing."""
N_LDA_TOPICS: Final = 20
SEED: Final = 0
"""Of intervals, which are not told here."""
LDA_SEED: Final = 500
AGES: Final = (6, 12, 24, 36)
"""In months, at which the curves are told."""

Keep = Literal["first", "later updated"]
Value = int | float | str | tuple[float, ...]
Figures = dict[str, Value]


@dataclass(frozen=True)
class Pages:
    """What the pages hold.

    Attributes
    ----------
    rows
        The 1,044 rows as they came, in her order: first pages of both queries, then the others.
    distinct
        The same, each repository once, as it came first.
    repositories
        Our table of repositories.
    population
        The same as tools, observed at the end of the day.
    kinds
        What the first coder calls them, by full name.
    asked
        Names of all figures.
    """

    rows: pd.DataFrame
    distinct: pd.DataFrame
    repositories: pd.DataFrame
    population: HistoryPopulation
    kinds: Mapping[str, str]
    asked: Sequence[str]

    def asked_like(self, pattern: str) -> Iterator[tuple[str, re.Match[str]]]:
        """Yield the names of the figures that are wholly so, with what matches."""
        for name in self.asked:
            if match := re.fullmatch(pattern, name):
                yield name, match


def read_pages(data: Path, asked: Sequence[str], *, keep: Keep) -> Pages:
    """Read the pages twice: as they came, and by our import into a workspace that is thrown away.

    Parameters
    ----------
    asked
        Names of the figures.
    keep
        What our import is given: of a repository that came twice what came first, as the figures
        have it; or all rows, of which it keeps the later updated.
    """
    paths = sorted((data / FOLDER).glob("topic_*.json.gz"), key=_her_order)
    items = [item for path in paths for item in _items(path)]
    rows = pd.DataFrame(items)
    for column in ("created_at", "pushed_at", "updated_at"):
        rows[column] = pd.to_datetime(rows[column])
    distinct = rows.drop_duplicates("id")
    with tempfile.TemporaryDirectory() as scratch:
        if keep == "first":
            paths = [Path(scratch) / "first.json"]
            first = {"items": [items[place] for place in distinct.index]}
            paths[0].write_text(json.dumps(first), encoding="utf-8")
        folder = Path(scratch) / "2023-01-18.search"
        import_github_search(paths, folder, fetched_at=OBSERVED_AT)
        seal(folder)
        population = read_population(folder)
        repositories = load_table(folder, "repositories").to_pandas()
    with (data / "kinds-2023" / "coder_a.csv").open(encoding="utf-8", newline="") as file:
        kinds = {row["full_name"]: row["kind"] for row in csv.DictReader(file)}
    return Pages(rows, distinct, repositories, population, kinds, asked)


def _her_order(path: Path) -> tuple[int, str]:
    match = PAGES.fullmatch(path.name)
    if match is None:
        raise SystemExit(f"{path} is not called as a page of a topic")
    return int(match["page"]), match["query"]


def _items(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        items: list[dict[str, Any]] = json.load(file)["items"]
    return items


# What is in the pages


def populations(pages: Pages) -> Figures:
    """Return how many rows and repositories there are, and the ends of their dates."""
    table_ = pages.repositories
    figures: Figures = {
        "rows": len(pages.rows),
        "repositories": len(pages.population.tools),
        "archived": pages.population.n_archived,
        "owners.distinct": len({tool.owner for tool in pages.population.tools}),
        "pushed.before.created": int((table_.pushed_at < table_.created_at).sum()),
        "one_day": int((table_.pushed_at - table_.created_at < pd.Timedelta(days=1)).sum()),
    }
    for column in ("created", "pushed", "updated"):
        figures[f"max.{column}"] = str(table_[f"{column}_at"].max())
        figures[f"min.{column}"] = str(table_[f"{column}_at"].min())
    owner_types = Counter(owner["type"] for owner in pages.distinct.owner)
    figures |= {f"owner.type.{name}": n for name, n in owner_types.items()}
    flags = ("fork", "is_template", "disabled", "has_discussions", "has_pages", "has_wiki")
    for flag in (*flags, "has_issues", "has_projects"):
        figures[flag] = int(pages.distinct[flag].sum())
    return figures


def by_year(pages: Pages) -> Figures:
    """Return how many were created in each year, and until its end."""
    cohorts = {
        group: len(tools)
        for (grouped_by, group), tools in grouped(pages.population.tools).items()
        if grouped_by == "cohort"
    }
    figures: Figures = {f"created.{year}": n for year, n in cohorts.items()}
    for name, match in pages.asked_like(r"cumulative\.end\.(\d+)"):
        figures[name] = sum(n for year, n in cohorts.items() if int(year) <= int(match[1]))
    return figures


def numbers(pages: Pages) -> Figures:
    """Return how stars, forks and issues are spread."""
    table_ = pages.repositories
    stars = table_.stars.astype("int64")
    figures: Figures = {
        "stars.mean": float(stars.mean()),
        "stars.sum": int(stars.sum()),
        "stars.zero": int((stars == 0).sum()),
        "forks.sum": int(table_.forks.sum()),
        "forks.zero": int((table_.forks == 0).sum()),
        "forks.median": float(table_.forks.median()),
        "open_issues.sum": int(table_.open_issues.sum()),
        "open_issues.zero": int((table_.open_issues == 0).sum()),
    }
    for name, match in pages.asked_like(r"stars\.q([\d.]+)"):
        figures[name] = float(stars.quantile(float(match[1])))
    for name, match in pages.asked_like(r"stars\.ge_(\d+)"):
        figures[name] = int((stars >= int(match[1])).sum())
    return figures | inequality(pages)


def inequality(pages: Pages) -> Figures:
    """Return how unequally stars are spread."""
    known = concentrations(pages.population, seed=SEED).figures
    stars = next(row for row in known if row.measure == "stars")
    told = {"gini": stars.gini, "top1pct.share": stars.top_1, "top10pct.share": stars.top_10}
    return {
        f"stars.{name}": figure.value for name, figure in told.items() if figure.value is not None
    }


def recency(pages: Pages) -> Figures:
    """Return which share was pushed to in the months before a moment."""
    pushed = pages.repositories.pushed_at
    figures: Figures = {}
    for name, match in pages.asked_like(r"pushed\.last_(\d+)m@(.+)"):
        moment = pd.Timestamp(match[2])
        moment = moment if moment.tzinfo else moment.tz_localize("UTC")
        since = moment - pd.DateOffset(months=int(match[1]))
        figures[name] = float((pushed >= since).mean())
    year = LAST_DAY - pd.DateOffset(months=12)
    archived = pages.repositories.archived.astype(bool)
    figures["archived&pushed12m"] = int((archived & (pushed >= year)).sum())
    return figures


def values_and_topics(pages: Pages) -> Figures:
    """Return how many repositories have each licence, language and topic."""
    tools = pages.population.tools
    licences = Counter(_licence_key(tool.licence) for tool in tools)
    languages = Counter(str(tool.language) for tool in tools)
    topics = Counter(topic for tool in tools for topic in tool.topics or ())
    figures: Figures = {f"license.{key}": n for key, n in licences.items()}
    figures |= {f"language.{name}": n for name, n in languages.items()}
    figures["topics.distinct"] = len(topics)
    figures["topics.per_repo.median"] = float(np.median([len(t.topics or ()) for t in tools]))
    for name, match in pages.asked_like(r"topic\.(.+)"):
        figures[name] = topics[match[1]]
    return figures


def _licence_key(spdx: str | None) -> str:
    """Return what GitHub calls a licence: its key."""
    if spdx is None:
        return "null"
    return "other" if spdx == "NOASSERTION" else spdx.lower()


# Families of topics and words


def families(pages: Pages) -> Figures:
    """Return how many are of each cloud, container and practice."""
    shipped = read_families(find_families("mlops", where="benchmarks.zimmerman"))
    rows = family_shares(pages.population, shipped, HistorySettings())
    by_topics = {
        (row.theme, row.family, row.group): row
        for row in rows
        if row.signs == TOPICS and row.grouped_by in ("all", "cohort")
    }
    themes = {"clouds": CLOUDS, "containers": CONTAINERS}
    figures: Figures = {
        "cloud.any_of_3": by_topics["clouds", "any", "all"].n_with,
        "dataops.wide": by_topics["practices", "dataops", "all"].n_with,
    }
    for theme, names in themes.items():
        for name, family in names.items():
            figures[f"cloud.group.{name}"] = by_topics[theme, family, "all"].n_with
            figures[f"cloud.group_or_text.{name}"] = _with_part(pages, shipped, family)
    kinds = {"cloud.any": ("clouds", "any"), "dataops.wide": ("practices", "dataops")}
    for name, match in pages.asked_like(r"(.+)\.share\.created\.(\d+)"):
        share = by_topics[(*kinds[match[1]], match[2])].share.value
        figures[name] = float("nan") if share is None else share
    wide = next(family for family in shipped.families if family.id == "dataops")
    figures["dataops.wide&mlops"] = sum(
        "mlops" in topics and has_topic(wide, topics)
        for topics in (tool.topics or () for tool in pages.population.tools)
    )
    return figures


def _with_part(pages: Pages, shipped: Families, family_id: str) -> int:
    """Return how many have a part of the family's topics in a topic, the name or the description.

    Ours finds whole words, in more words than these: this is how the figures were counted.
    """
    (family,) = (each for each in shipped.families if each.id == family_id)
    texts = (
        [*(tool.topics or ()), tool.full_name.lower(), (tool.description or "").lower()]
        for tool in pages.population.tools
    )
    return sum(any(part in text for part in family.contains for text in its) for its in texts)


# How long they lasted


def survival(pages: Pages) -> Figures:
    """Return the share that is pushed to for longer than 6, 12, 24 and 36 months.

    Those younger than the silence that counts as an end are watched for no time at all: our curves
    leave them out, and the figures have them as watched until their birth. So they are given as
    such here; the shares without them are told, too.
    """
    tools = pages.population.tools
    groups = dict(_groups(pages))
    lives: dict[int, Lifetimes] = {}
    figures: Figures = {}
    for name, match in pages.asked_like(r"km\.(.+)\.silent(\d+)"):
        silent = int(match[2])
        end = EndDefinition(name=name, silent_months=silent, sign="push")
        life = lives.setdefault(silent, lifetimes_of(tools, end)).of(groups[match[1]])
        curve = kaplan_meier(np.maximum(life.duration, 0), life.ended)
        figures[name] = tuple(curve.after(AGES).tolist())
        figures[f"{name} without the too young"] = tuple(
            kaplan_meier(life.duration, life.ended).after(AGES).tolist()
        )
        figures[f"{name} n"] = curve.n
        figures[f"{name} dead"] = int(life.ended.sum())
    year = lifetimes_of(tools, EndDefinition(name="a year", silent_months=12, sign="push"))
    test = log_rank(np.maximum(year.duration, 0), year.ended, groups["organisation"])
    if test is not None:
        figures["km.logrank.organisation_user"] = f"{test.statistic:.3f} p={test.p:.2e}"
    return figures


def _groups(pages: Pages) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield who is in each group of the curves, by what the figures call it."""
    tools = pages.population.tools
    owners = dict(zip(pages.distinct.full_name, pages.distinct.owner, strict=True))
    of_organisation = np.array([owners[t.full_name]["type"] == "Organization" for t in tools])
    yield "all1007", np.ones(len(tools), dtype=bool)
    yield "organisation", of_organisation
    yield "user", ~of_organisation
    kinds = np.array([pages.kinds.get(tool.full_name, "") for tool in tools])
    for kind in np.unique(kinds):
        yield f"coder_a.{kind}", kinds == kind
    stars = np.array([tool.numbers["stars"] for tool in tools])
    yield "stars>=100", stars >= 100
    yield "stars<10", stars < 10


# Her analyses


def her_populations(pages: Pages) -> dict[str, pd.DataFrame]:
    """Return the rows that her notebooks work on, by how many there are."""
    rows = pages.rows
    selected = rows[~(rows.private | rows.archived | rows.disabled)]
    described = selected[selected.description.notna()]
    return {
        "1044": rows,
        "1023": selected,
        "986": selected.drop_duplicates("id"),
        "985": described,
        "949": described.drop_duplicates("node_id"),
    }


def her_counts(pages: Pages) -> Figures:
    """Return stars, ages and days since the last push of her populations."""
    her = her_populations(pages)
    stars, refined = her["1044"].stargazers_count, her["949"]
    figures: Figures = {
        "her.stars.mean.1044rows": float(stars.mean()),
        "her.stars.median.1044rows": float(stars.median()),
        "her.stars.lt10.rows": int((stars < 10).sum()),
        "her.stars.lt10.share": float((stars < 10).mean()),
        "her.selected.rows": len(her["1023"]),
        "her.refined": len(refined),
        "her.refined.with.duplicates": len(her["985"]),
        "her986.n": len(her["986"]),
        "her.users(stars sum 986)": int(her["986"].stargazers_count.sum()),
        "her986.licenses": len({each["key"] for each in her["986"].license.dropna()}),
        "her.stars.sum": float(refined.stargazers_count.sum()),
        "her.since_push.ge_1y": int((_days(refined.pushed_at) / 365 >= 1).sum()),
    }
    for what, values in (("age", _days(refined.created_at)), ("stars", refined.stargazers_count)):
        for how in ("mean", "median", "max"):
            figures[f"her.{what}.{how}"] = float(getattr(values, how)())
    for name, match in pages.asked_like(r"her\.since_push\.q([\d.]+)"):
        figures[name] = float(_days(refined.pushed_at).quantile(float(match[1])))
    return figures


def her_values(pages: Pages) -> Figures:
    """Return topics and languages of her populations."""
    figures: Figures = {}
    for prefix, rows in (("her", "949"), ("her986", "986")):
        topics = Counter(topic for its in her_populations(pages)[rows].topics for topic in its)
        figures[f"{prefix}.topics.distinct"] = len(topics)
        figures[f"{prefix}.topics.n_gt_1"] = sum(n > 1 for n in topics.values())
        figures |= {f"{prefix}.topic.{topic}": n for topic, n in topics.items()}
    languages = her_populations(pages)["949"].language
    counts = languages.value_counts()
    figures |= {f"her.language.{language}": int(n) for language, n in counts.items()}
    figures["her.language.null"] = int(languages.isna().sum())
    figures["her.languages.ge5"] = int((counts >= 5).sum())
    return figures


def her_correlations(rows: pd.DataFrame, forks: pd.DataFrame) -> Figures:
    """Return Pearson's correlations with stars, those with forks of rows of their own."""
    stars = rows.stargazers_count
    return {
        "her.corr.stars.open_issues": float(stars.corr(rows.open_issues_count)),
        "her.corr.stars.age": float(stars.corr(_days(rows.created_at))),
        "her.corr.stars.open_issues.rows": float(
            forks.stargazers_count.corr(forks.open_issues_count)
        ),
        "her.corr.stars.forks": float(forks.stargazers_count.corr(forks.forks_count)),
    }


def her_clusters(rows: pd.DataFrame, *, with_lda: bool = False) -> Figures:
    """Return what DBSCAN finds on the plane of the first two principal components.

    Parameters
    ----------
    with_lda
        Whether the topic of the description, by a model of 20, stands in the table in the place of
        `allow_forking`, as in her last notebook.
    """
    from sklearn.cluster import DBSCAN
    from sklearn.decomposition import PCA
    from sklearn.metrics import silhouette_score
    from sklearn.preprocessing import StandardScaler

    numbers_ = rows[list(HER_COLUMNS)].astype(float)
    numbers_["age"] = _days(rows.created_at)
    numbers_["since_push"] = _days(rows.pushed_at)
    if with_lda:
        numbers_ = numbers_.drop(columns="allow_forking")
        numbers_["topic"] = _lda_topics(rows.description)
    pca = PCA(n_components=2)
    plane = pca.fit_transform(StandardScaler().fit_transform(numbers_))
    found = DBSCAN(eps=0.5, min_samples=5).fit_predict(plane)
    return {
        "her.dbscan.clusters": len(set(found.tolist()) - {NOISE}),
        "her.dbscan.noise": int((found == NOISE).sum()),
        "her.dbscan.silhouette": float(silhouette_score(plane, found)),
        "her.pca.explained2": float(pca.explained_variance_ratio_.sum()),
    }


def _lda_topics(descriptions: Iterable[str]) -> NDArray[np.int64]:
    """Return the topic of each description by her model."""
    from sklearn.decomposition import LatentDirichletAllocation
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer

    weigher = TfidfVectorizer(
        tokenizer=re.compile(r"\w+").findall,
        token_pattern=None,
        stop_words=sorted(ENGLISH_STOP_WORDS | {"b", "s"}),
    )
    model = LatentDirichletAllocation(n_components=N_LDA_TOPICS, random_state=LDA_SEED)
    topics: NDArray[np.int64] = model.fit_transform(weigher.fit_transform(descriptions)).argmax(1)
    return topics


def _days(moments: pd.Series[Any]) -> pd.Series[Any]:
    """Return how many whole days before her day it was."""
    days: pd.Series[Any] = (TODAY - moments).dt.days
    return days


def ours(pages: Pages) -> Figures:
    """Return every figure, by its name."""
    her = her_populations(pages)
    figures: Figures = {}
    for family in (populations, by_year, numbers, recency, values_and_topics, families, survival):
        figures |= family(pages)
    figures |= her_counts(pages) | her_values(pages)
    return figures | her_correlations(her["949"], her["1023"]) | her_clusters(her["949"])

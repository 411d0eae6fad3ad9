"""How much there is to mine, before it is mined: by an earlier snapshot, or by a few questions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from mining.github.api import Api
from mining.github.issues import IssueCriteria, ask_issues
from mining.github.job import Job, by_repository
from mining.github.named import find_named
from mining.github.planning import MiningCounts, weeks_between
from mining.github.search import PATH, topic_query
from mining.github.shapes import is_number
from mining.snapshots import load_table

CHANGED_A_WEEK = 0.03
"""Share of repositories that change in a week, as a guess."""


def known_counts(folder: Path, job: Job) -> MiningCounts:
    """Return the counts of a snapshot that is there."""
    repositories = load_table(folder, "repositories").to_pylist()
    issues = load_table(folder, "issues").num_rows
    now_s = job.started_at_s
    made_s = [row["created_at"].timestamp() for row in repositories if row["created_at"]]
    changed = 1.0
    if job.since is not None:
        day = datetime.fromisoformat(folder.name.split(".")[0]).replace(tzinfo=UTC)
        changed = min(1.0, CHANGED_A_WEEK * max(1.0, weeks_between(day.timestamp(), now_s)))
    return MiningCounts(
        by_topic={
            topic: sum(topic in (row["topics"] or ()) for row in repositories)
            for topic in job.topics
        },
        repositories=len(repositories),
        issues=issues,
        source=f"as many as in {folder.name}",
        changed=changed,
        weeks=sum(weeks_between(each, now_s) for each in made_s),
    )


def asked_counts(api: Api, job: Job) -> MiningCounts:
    """Ask GitHub how much there is: one request a topic, and one or two for each framework."""
    by_topic = {}
    for topic in job.topics:
        query = topic_query(topic, job.settings)
        params = {"q": query, "per_page": "1", "page": "1"}
        page = api.get(PATH, params, resource="search", shape={"total_count": is_number})
        by_topic[topic] = int(page.json()["total_count"])
    n_issues = 0 if job.has_token else None
    if n_issues is not None:
        frameworks = by_repository(job.frameworks)
        names = [framework.repository for framework in frameworks.values()]
        for name, named, _ in find_named(api, names, labels=False):
            each = frameworks[name.lower()]
            if named is None:
                continue
            lists = [(each.labels, ())] if each.labels else []
            for labels, types in [*lists, *(((), (one,)) for one in each.types)]:
                wanted = IssueCriteria(
                    named.key, named.node_id, named.full_name, labels, False, types
                )
                n_issues += next(ask_issues(api, wanted, first=1)).n_listed or 0
    return MiningCounts(
        by_topic=by_topic,
        repositories=sum(by_topic.values()) + len(job.names),
        issues=n_issues,
        source=f"asked now, in {sum(api.asked.values())} requests",
    )

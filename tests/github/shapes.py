"""How REST writes the things of the world down."""

from __future__ import annotations

import base64
from typing import Any

from tests.github.clock import DAY_S, iso
from tests.github.history import Readme
from tests.github.world import Issue, Label, PullRequest, Release, Repository, node_id

API = "https://api.github.com"
SITE = "https://github.com"
WEEK_S = 7 * DAY_S
SUNDAY = 3 * DAY_S
"""The first Sunday of 1970 began so late; weeks begin on Sundays."""

Json = dict[str, Any]


def account(login: str) -> Json:
    """Return a user."""
    number = sum(ord(letter) * 31**place for place, letter in enumerate(login[:9])) % 10**9
    return {
        "login": login,
        "id": number,
        "node_id": node_id("U", number),
        "url": f"{API}/users/{login}",
        "html_url": f"{SITE}/{login}",
        "type": "User",
        "site_admin": False,
    }


def repository(each: Repository) -> Json:
    """Return a repository as the search lists it, but for its score."""
    key = each.license
    return {
        "id": each.database_id,
        "node_id": each.node_id,
        "name": each.name,
        "full_name": each.full_name,
        "private": False,
        "owner": {**account(each.owner), "type": each.owner_type},
        "html_url": f"{SITE}/{each.full_name}",
        "description": each.description,
        "fork": each.is_fork,
        "url": f"{API}/repos/{each.full_name}",
        "created_at": iso(each.created_at),
        "updated_at": iso(each.updated_at),
        "pushed_at": iso(each.pushed_at),
        "homepage": each.homepage,
        "size": each.disk_usage,
        "stargazers_count": each.n_stars,
        "watchers_count": each.n_stars,
        "watchers": each.n_stars,
        "language": each.language,
        "has_issues": each.has_issues,
        "forks_count": each.forks,
        "forks": each.forks,
        "archived": each.is_archived,
        "disabled": each.is_disabled,
        "open_issues_count": each.n_open,
        "open_issues": each.n_open,
        "license": key and _license(*key),
        "is_template": each.is_template,
        "topics": list(each.topics),
        "visibility": "public",
        "default_branch": each.default_branch,
    }


def full_repository(each: Repository) -> Json:
    """Return a repository as it is when asked for alone."""
    return {
        **repository(each),
        "network_count": each.forks,
        "subscribers_count": each.watchers,
    }


def _license(key: str, spdx_id: str, name: str) -> Json:
    url = None if key == "other" else f"{API}/licenses/{key}"
    return {"key": key, "name": name, "spdx_id": spdx_id, "url": url, "node_id": f"L_{key}"}


def contributors(each: Repository, *, anonymous: bool) -> list[Json]:
    """Return who contributed, who did most first."""
    found: list[Json] = [
        {**account(f"dev{each.database_id}-{n}"), "contributions": 1 + 900 // (n + 1)}
        for n in range(each.contributors)
    ]
    if anonymous:
        found += [
            {
                "email": f"{n}@example.org",
                "name": f"Somebody {n}",
                "type": "Anonymous",
                "contributions": 1 + 50 // (n + 1),
            }
            for n in range(each.anonymous)
        ]
    return sorted(found, key=lambda row: -row["contributions"])


def label(each: Repository, one: Label) -> Json:
    """Return a label of a repository."""
    number = each.database_id * 100 + len(one.name)
    return {
        "id": number,
        "node_id": node_id("LA", number),
        "url": f"{API}/repos/{each.full_name}/labels/{one.name.replace(' ', '%20')}",
        "name": one.name,
        "color": one.color,
        "default": one.name in ("bug", "enhancement", "question"),
        "description": one.description,
    }


def issue(each: Repository, one: Issue | PullRequest) -> Json:
    """Return an issue or a pull request, which REST takes for one."""
    offered = {offer.name: offer for offer in each.labels}
    page = f"{each.full_name}/issues/{one.number}"
    row = {
        "id": one.database_id,
        "url": f"{API}/repos/{page}",
        "repository_url": f"{API}/repos/{each.full_name}",
        "html_url": f"{SITE}/{page}",
        "number": one.number,
        "title": one.title,
        "user": account(one.author),
        "labels": [label(each, offered.get(name, Label(name))) for name in one.labels],
        "locked": False,
        "created_at": iso(one.created_at),
        "updated_at": iso(one.updated_at),
    }
    if each.issue_types and isinstance(one, Issue):
        row["type"] = None if one.type is None else issue_type(one.type)
    return row | (_of_issue(one) if isinstance(one, Issue) else _of_pull_request(each, one))


def _of_issue(one: Issue) -> Json:
    last = one.events[-1] if one.events else None
    return {
        "node_id": one.node_id,
        "body": one.body or None,
        "state": "open" if one.is_open else "closed",
        "state_reason": last.reason.lower() if last and last.reason else None,
        "closed_at": None if one.is_open else iso(one.events[-1].at),
        "author_association": one.author_association,
        "comments": one.comments,
        "reactions": {
            "url": f"{API}/reactions/{one.database_id}",
            "total_count": one.reactions,
            "+1": one.thumbs_up,
            "-1": 0,
            "laugh": 0,
            "hooray": 0,
            "confused": 0,
            "heart": one.reactions - one.thumbs_up,
            "rocket": 0,
            "eyes": 0,
        },
    }


def _of_pull_request(each: Repository, one: PullRequest) -> Json:
    page = f"{SITE}/{each.full_name}/pull/{one.number}"
    return {
        "node_id": node_id("PR", one.database_id),
        "body": None,
        "state": "open" if one.state == "OPEN" else "closed",
        "state_reason": None,
        "closed_at": None if one.state == "OPEN" else iso(one.updated_at),
        "author_association": "CONTRIBUTOR",
        "comments": 0,
        "pull_request": {
            "url": f"{API}/repos/{each.full_name}/pulls/{one.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": iso(one.updated_at) if one.state == "MERGED" else None,
        },
    }


def issue_type(name: str) -> Json:
    """Return a type of issues."""
    number = sum(map(ord, name))
    return {
        "id": number,
        "node_id": node_id("IT", number),
        "name": name,
        "description": None,
        "color": "blue",
        "is_enabled": True,
    }


def release(each: Repository, one: Release) -> Json:
    """Return a release."""
    return {
        "url": f"{API}/repos/{each.full_name}/releases/{one.database_id}",
        "html_url": f"{SITE}/{each.full_name}/releases/tag/{one.tag}",
        "id": one.database_id,
        "node_id": node_id("RE", one.database_id),
        "tag_name": one.tag,
        "target_commitish": each.default_branch,
        "name": one.name,
        "draft": one.draft,
        "prerelease": one.prerelease,
        "created_at": iso(one.created_at),
        "published_at": iso(one.published_at),
    }


def tag(each: Repository, name: str, oid: str) -> Json:
    """Return a tag."""
    base = f"{API}/repos/{each.full_name}"
    return {
        "name": name,
        "zipball_url": f"{base}/zipball/refs/tags/{name}",
        "tarball_url": f"{base}/tarball/refs/tags/{name}",
        "commit": {"sha": oid, "url": f"{base}/commits/{oid}"},
        "node_id": f"REF_{name}",
    }


def readme(each: Repository, found: Readme) -> Json:
    """Return a README with its content, encoded."""
    url = f"{API}/repos/{each.full_name}/contents/{found.path}?ref={found.commit}"
    page = f"{SITE}/{each.full_name}/blob/{found.commit}/{found.path}"
    git = f"{API}/repos/{each.full_name}/git/blobs/{found.blob.oid}"
    return {
        "type": "file",
        "encoding": "base64",
        "size": len(found.blob.content),
        "name": found.path.rpartition("/")[2],
        "path": found.path,
        "content": base64.encodebytes(found.blob.content).decode(),
        "sha": found.blob.oid,
        "url": url,
        "git_url": git,
        "html_url": page,
        "download_url": page,
        "_links": {"self": url, "git": git, "html": page},
    }


def star_weeks(each: Repository, now: float) -> list[Json]:
    """Return the weeks from the repository's creation until now, the last first."""

    def week_of(at: float) -> int:
        return int((at - SUNDAY) // WEEK_S * WEEK_S + SUNDAY)

    first = min([each.created_at, *(day * DAY_S for day in each.stars)])
    weeks = range(week_of(now), week_of(first) - 1, -WEEK_S)
    rows = []
    for week in weeks:
        days = [each.stars.get(week // DAY_S + n, 0) for n in range(7)]
        rows.append({"week": week, "total": sum(days), "days": days})
    return rows

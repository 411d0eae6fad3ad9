"""What each field of the GraphQL schema is, of the things of the world."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import GraphQLError

from tests.github.clock import iso, seconds
from tests.github.git import Blob, Commit, Entry, Tree
from tests.github.limits import Window
from tests.github.world import Event, Issue, Label, Repository, World
from tests.github.writing import TOO_LONG

SITE = "https://github.com"
REACTIONS = ["THUMBS_UP", "THUMBS_DOWN", "LAUGH", "HOORAY", "CONFUSED", "HEART", "ROCKET", "EYES"]
KINDS = {"closed": "CLOSED_EVENT", "reopened": "REOPENED_EVENT"}

Resolver = Callable[..., Any]


@dataclass
class Context:
    """What a query is answered from; `huge` are those whose history or files it goes through."""

    world: World
    window: Window
    cost: int
    n_nodes: int
    huge: set[int] = field(default_factory=set)


class AtCommit(NamedTuple):
    """A commit, and where it is."""

    repository: Repository
    commit: Commit


class AtIssue(NamedTuple):
    """An issue, and where it is."""

    repository: Repository
    issue: Issue


def type_name(value: Any, *_: Any) -> str:
    """Return the type of what an interface or a union stands for."""
    if isinstance(value, dict):
        return str(value.get("type", "User"))
    if isinstance(value, Event):
        return "ClosedEvent" if value.kind == "closed" else "ReopenedEvent"
    return {AtCommit: "Commit", AtIssue: "Issue"}.get(type(value), type(value).__name__)


def problem(type_: str, message: str) -> GraphQLError:
    """Return an error such as GitHub gives for a part of a query."""
    return GraphQLError(message, extensions={"type": type_})


# Where one begins


def repository(_: Any, info: Any, owner: str, name: str, followRenames: bool = True) -> Any:  # noqa: N803
    """Return a repository by its name, or by one that it had."""
    full_name = f"{owner}/{name}"
    found = info.context.world.find(full_name)
    moved = found is not None and found.full_name.lower() != full_name.lower()
    if found is None or found.is_gone or (moved and not followRenames):
        what = f"Could not resolve to a Repository with the name '{full_name}'."
        raise problem("NOT_FOUND", what)
    return _seen(found, info)


def node(_: Any, info: Any, id: str) -> Any:
    """Return a repository or an issue by its global name."""
    found, issue = info.context.world.nodes.get(id, (None, None))
    if found is not None and not found.is_gone:
        return _seen(found, info) if issue is None else AtIssue(_seen(found, info), issue)
    raise problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'.")


def nodes(_: Any, info: Any, ids: Sequence[str]) -> list[Any]:
    """Return repositories and issues by their global names; errors stand in their places."""
    found: list[Any] = []
    for each in ids:
        try:
            found.append(node(_, info, each))
        except GraphQLError as error:
            found.append(error)
    return found


def rate_limit(_: Any, info: Any) -> dict[str, Any]:
    """Return what this query cost, and what is left."""
    window = info.context.window
    return {
        "cost": info.context.cost,
        "limit": window.limit,
        "nodeCount": info.context.n_nodes,
        "remaining": window.remaining,
        "used": window.used,
        "resetAt": iso(window.reset_s),
    }


def _seen(found: Repository, info: Any) -> Repository:
    if found.blocked:
        raise problem("FORBIDDEN", "Repository access blocked")
    return found


# Lists


def paged(
    items: Sequence[Any], first: int | None, after: str | None, key: Callable[[Any], Any]
) -> dict[str, Any]:
    """Return a page of a list, after the item whose cursor is given.

    A cursor says where its item is in the order, so it is good when items before it are gone.
    """
    start = 0
    if after is not None:
        try:
            last = json.loads(base64.b64decode(after.encode(), validate=True))
        except ValueError as error:
            what = f"`{after}` does not appear to be a valid cursor."
            raise problem("INVALID_CURSOR_ARGUMENTS", what) from error
        start = next((n for n, item in enumerate(items) if key(item) > last), len(items))
    page = items[start : start + (first or 0)]
    return {
        "nodes": page,
        "totalCount": len(items),
        "pageInfo": {
            "startCursor": _cursor(key(page[0])) if page else None,
            "endCursor": _cursor(key(page[-1])) if page else None,
            "hasNextPage": start + len(page) < len(items),
            "hasPreviousPage": start > 0,
        },
    }


def numbered(items: Sequence[Any], first: int | None, after: str | None) -> dict[str, Any]:
    """Return a page of a list that is only in the order in which it is."""
    places = paged(list(enumerate(items)), first, after, lambda pair: [pair[0]])
    return {**places, "nodes": [item for _, item in places["nodes"]]}


def _cursor(key: list[int]) -> str:
    return base64.b64encode(json.dumps(key).encode()).decode()


def issues(each: Repository, info: Any, **asked: Any) -> dict[str, Any]:
    """Return issues; of the labels one is enough, but of those in `filterBy` all are needed."""
    where: Mapping[str, Any] = asked.get("filterBy") or {}
    order: Mapping[str, str] = asked.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    any_of = {name.lower() for name in asked.get("labels") or ()}
    all_of = {name.lower() for name in where.get("labels") or ()}
    states = asked.get("states") or where.get("states") or ("OPEN", "CLOSED")
    type_ = where.get("type")
    since = seconds(where["since"]) if where.get("since") else float("-inf")
    sign = -1 if order["direction"] == "DESC" else 1
    field = {"COMMENTS": "comments", "UPDATED_AT": "updated_at"}.get(order["field"], "created_at")

    def key(item: AtIssue) -> list[int]:
        return [sign * getattr(item.issue, field), sign * item.issue.number]

    found = []
    for issue in each.issues:
        names = {name.lower() for name in issue.labels}
        state = "OPEN" if issue.is_open else "CLOSED"
        if (
            state in states
            and issue.updated_at >= since
            and (not any_of or any_of & names)
            and all_of <= names
            and (type_ is None or type_.lower() == (issue.type or "").lower())
        ):
            found.append(AtIssue(each, issue))
    return paged(sorted(found, key=key), asked.get("first"), asked.get("after"), key)


def pull_requests(each: Repository, info: Any, **asked: Any) -> dict[str, Any]:
    """Return how many pull requests there are."""
    states = asked.get("states") or ("OPEN", "CLOSED", "MERGED")
    any_of = {name.lower() for name in asked.get("labels") or ()}
    return {
        "totalCount": sum(
            one.state in states and (not any_of or any_of & {name.lower() for name in one.labels})
            for one in each.pull_requests
        )
    }


def releases(each: Repository, info: Any, **asked: Any) -> dict[str, Any]:
    """Return releases, the last first; a draft is seen by nobody else."""
    order = asked.get("orderBy") or {"field": "CREATED_AT", "direction": "DESC"}
    found = [one for one in each.releases if not one.draft]
    by_name = order["field"] == "NAME"
    found.sort(
        key=lambda one: (one.name or "") if by_name else one.created_at,
        reverse=order["direction"] == "DESC",
    )
    return numbered(found, asked.get("first"), asked.get("after"))


def refs(each: Repository, info: Any, **asked: Any) -> dict[str, Any] | None:
    """Return the tags, or the only branch."""
    prefix = asked["refPrefix"].strip("/") + "/"
    if prefix == "refs/tags/":
        commits = {one.oid: one for one in each.commits}
        found = [_ref(each, prefix, name, commits[oid]) for name, oid in each.tags]
    else:
        found = [_ref(each, prefix, each.default_branch, one) for one in each.commits[-1:]]
    return numbered(found, asked.get("first"), asked.get("after"))


def languages(each: Repository, info: Any, **asked: Any) -> dict[str, Any]:
    """Return the languages with their bytes."""
    order = asked.get("orderBy") or {"direction": "DESC"}
    pairs = sorted(each.languages.items(), key=lambda pair: pair[1])
    if order["direction"] == "DESC":
        pairs.reverse()
    page = numbered(pairs, asked.get("first"), asked.get("after"))
    return {
        **page,
        "nodes": [{"name": name} for name, _ in page["nodes"]],
        "edges": [
            {"cursor": _cursor([n]), "node": {"name": name}, "size": size}
            for n, (name, size) in enumerate(page["nodes"])
        ],
        "totalSize": sum(each.languages.values()),
    }


def topics(each: Repository, info: Any, **asked: Any) -> dict[str, Any]:
    """Return the topics."""
    found = [{"topic": {"name": name}} for name in each.topics]
    return numbered(found, asked.get("first"), asked.get("after"))


def labels(each: Repository, info: Any, **asked: Any) -> dict[str, Any]:
    """Return the labels that are offered."""
    return numbered(each.labels, asked.get("first"), asked.get("after"))


def labels_of_issue(at: AtIssue, info: Any, **asked: Any) -> dict[str, Any]:
    """Return the labels that an issue has."""
    offered = {one.name: one for one in at.repository.labels}
    found = [offered.get(name, Label(name)) for name in at.issue.labels]
    return numbered(found, asked.get("first"), asked.get("after"))


def issue_type(name: str | None) -> dict[str, Any] | None:
    """Return a type of issues."""
    return None if name is None else {"id": f"IT_{name}", "name": name, "isEnabled": True}


def issue_types(each: Repository, info: Any, **asked: Any) -> dict[str, Any] | None:
    """Return the types that an organisation defines; a person's repository has none at all."""
    if not each.issue_types:
        return None
    found = [issue_type(name) for name in each.issue_types]
    return numbered(found, asked.get("first"), asked.get("after"))


def timeline(at: AtIssue, info: Any, **asked: Any) -> dict[str, Any]:
    """Return when an issue was closed and reopened."""
    wanted = asked.get("itemTypes") or tuple(KINDS.values())
    found = [event for event in at.issue.events if KINDS[event.kind] in wanted]
    return numbered(found, asked.get("first"), asked.get("after"))


def reactions(at: AtIssue, info: Any, content: str | None = None, **_: Any) -> dict[str, int]:
    """Return how many reactions an issue has, of one kind or of all."""
    counts = {"THUMBS_UP": at.issue.thumbs_up, "HEART": at.issue.reactions - at.issue.thumbs_up}
    return {"totalCount": at.issue.reactions if content is None else counts.get(content, 0)}


def reaction_groups(at: AtIssue, info: Any) -> list[dict[str, Any]]:
    """Return how many reactions an issue has of each kind."""
    return [{"content": kind, "reactors": reactions(at, info, kind)} for kind in REACTIONS]


def state_reason(at: AtIssue, info: Any, enableDuplicate: bool = False) -> str | None:  # noqa: N803
    """Return why an issue is as it is; who does not know of duplicates is told of none."""
    reason = at.issue.events[-1].reason if at.issue.events else None
    return "NOT_PLANNED" if reason == "DUPLICATE" and not enableDuplicate else reason


# Files


def history(at: AtCommit, info: Any, **asked: Any) -> dict[str, Any]:
    """Return a commit and those before it, the last first, within dates."""
    _gone_through(at.repository, info)
    until = seconds(asked["until"]) if asked.get("until") else float("inf")
    since = seconds(asked["since"]) if asked.get("since") else float("-inf")
    commits = at.repository.commits[: at.repository.commits.index(at.commit) + 1]
    found = [
        AtCommit(at.repository, one)
        for one in reversed(commits)
        if since <= one.committed_at <= until
    ]
    return numbered(found, asked.get("first"), asked.get("after"))


def git_object(
    each: Repository, info: Any, expression: str | None = None, oid: str | None = None
) -> AtCommit | Tree | Blob | None:
    """Return what an expression such as ``HEAD:docs/README.md`` names; None if nothing does."""
    _gone_through(each, info)
    if oid is not None:
        return _placed(each, each.objects.get(oid))
    ref, colon, path = (expression or "").partition(":")
    if ref in ("HEAD", each.default_branch, f"refs/heads/{each.default_branch}"):
        found: Any = each.commits[-1] if each.commits else None
    else:
        found = each.objects.get(dict(each.tags).get(ref, ref))
    if not colon or found is None:
        return _placed(each, found)
    tree = found.tree if isinstance(found, Commit) else found
    if not path or not isinstance(tree, Tree):
        return tree if isinstance(tree, Tree) else None
    entry = tree.at(path)
    return None if entry is None else entry.target


def _gone_through(each: Repository, info: Any) -> None:
    if each.huge:
        info.context.huge.add(each.database_id)


def _placed(each: Repository, found: Any) -> Any:
    return AtCommit(each, found) if isinstance(found, Commit) else found


def _ref(each: Repository, prefix: str, name: str, commit: Commit) -> dict[str, Any]:
    return {"name": name, "prefix": prefix, "target": AtCommit(each, commit)}


def default_branch(each: Repository, info: Any) -> dict[str, Any] | None:
    """Return the default branch; an empty repository has none."""
    if each.is_empty:
        return None
    return _ref(each, "refs/heads/", each.default_branch, each.commits[-1])


def text(blob: Blob, info: Any) -> str | None:
    """Return the text of a file, the beginning of it if it is long."""
    if blob.is_binary:
        return None
    return blob.content[:TOO_LONG].decode("utf-8", errors="ignore")


def entry_size(entry: Entry, info: Any) -> int:
    """Return how many bytes a file has; folders have none."""
    return len(entry.target.content) if isinstance(entry.target, Blob) else 0

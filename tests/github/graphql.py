"""GitHub's GraphQL: queries are parsed, judged, weighed and executed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from tests.github import resolving as of
from tests.github.clock import iso
from tests.github.resolving import SITE, Context, Resolver
from tests.github.weighing import Weight, weigh
from tests.github.writing import TOO_LONG

SCHEMA = Path(__file__).with_name("schema.graphql")
ISSUE_TYPES = Path(__file__).with_name("issue_types.graphql")
Errors = list[dict[str, Any]]


def _user(login: str) -> dict[str, str]:
    return {"id": f"U_{login}", "login": login}


RESOLVERS: Mapping[str, Mapping[str, Resolver]] = {
    "Query": {
        "node": of.node,
        "nodes": of.nodes,
        "rateLimit": of.rate_limit,
        "repository": of.repository,
    },
    "Repository": {
        "archivedAt": lambda each, _: iso(each.archived_at),
        "createdAt": lambda each, _: iso(each.created_at),
        "databaseId": lambda each, _: each.database_id,
        "defaultBranchRef": of.default_branch,
        "description": lambda each, _: each.description,
        "diskUsage": lambda each, _: each.disk_usage,
        "forkCount": lambda each, _: each.forks,
        "hasIssuesEnabled": lambda each, _: each.has_issues,
        "homepageUrl": lambda each, _: each.homepage,
        "id": lambda each, _: each.node_id,
        "isArchived": lambda each, _: each.is_archived,
        "isDisabled": lambda each, _: each.is_disabled,
        "isEmpty": lambda each, _: each.is_empty,
        "isFork": lambda each, _: each.is_fork,
        "isLocked": lambda each, _: False,
        "isPrivate": lambda each, _: each.is_private,
        "isTemplate": lambda each, _: each.is_template,
        "issue": lambda each, _, number: _issue(each, number),
        "issues": of.issues,
        "labels": of.labels,
        "languages": of.languages,
        "licenseInfo": lambda each, _: each.license,
        "name": lambda each, _: each.name,
        "nameWithOwner": lambda each, _: each.full_name,
        "object": of.git_object,
        "owner": lambda each, _: {**_user(each.owner), "type": each.owner_type},
        "primaryLanguage": lambda each, _: each.language and {"name": each.language},
        "pullRequests": of.pull_requests,
        "pushedAt": lambda each, _: iso(each.pushed_at),
        "refs": of.refs,
        "releases": of.releases,
        "repositoryTopics": of.topics,
        "stargazerCount": lambda each, _: each.n_stars,
        "updatedAt": lambda each, _: iso(each.updated_at),
        "url": lambda each, _: f"{SITE}/{each.full_name}",
        "watchers": lambda each, _, **__: {"totalCount": each.watchers},
    },
    "License": {
        "key": lambda names, _: names[0],
        "spdxId": lambda names, _: names[1],
        "name": lambda names, _: names[2],
    },
    "Release": {
        "createdAt": lambda one, _: iso(one.created_at),
        "databaseId": lambda one, _: one.database_id,
        "isDraft": lambda one, _: one.draft,
        "isPrerelease": lambda one, _: one.prerelease,
        "name": lambda one, _: one.name,
        "publishedAt": lambda one, _: iso(one.published_at),
        "tagName": lambda one, _: one.tag,
    },
    "Label": {
        "color": lambda one, _: one.color,
        "description": lambda one, _: one.description,
        "name": lambda one, _: one.name,
    },
    "Commit": {
        "committedDate": lambda at, _: iso(at.commit.committed_at),
        "history": of.history,
        "oid": lambda at, _: at.commit.oid,
        "tree": lambda at, _: at.commit.tree,
    },
    "Tree": {"entries": lambda tree, _: tree.entries, "oid": lambda tree, _: tree.oid},
    "TreeEntry": {
        "mode": lambda entry, _: entry.mode,
        "name": lambda entry, _: entry.name,
        "object": lambda entry, _: entry.target,
        "oid": lambda entry, _: entry.target.oid,
        "size": of.entry_size,
        "type": lambda entry, _: entry.type,
    },
    "Blob": {
        "byteSize": lambda blob, _: len(blob.content),
        "isBinary": lambda blob, _: blob.is_binary,
        "isTruncated": lambda blob, _: len(blob.content) > TOO_LONG,
        "oid": lambda blob, _: blob.oid,
        "text": of.text,
    },
    "Issue": {
        "author": lambda at, _: _user(at.issue.author),
        "authorAssociation": lambda at, _: at.issue.author_association,
        "body": lambda at, _: at.issue.body,
        "closed": lambda at, _: not at.issue.is_open,
        "closedAt": lambda at, _: None if at.issue.is_open else iso(at.issue.events[-1].at),
        "comments": lambda at, _, **__: {"totalCount": at.issue.comments},
        "createdAt": lambda at, _: iso(at.issue.created_at),
        "databaseId": lambda at, _: at.issue.database_id,
        "id": lambda at, _: at.issue.node_id,
        "labels": of.labels_of_issue,
        "number": lambda at, _: at.issue.number,
        "reactionGroups": of.reaction_groups,
        "reactions": of.reactions,
        "repository": lambda at, _: at.repository,
        "state": lambda at, _: "OPEN" if at.issue.is_open else "CLOSED",
        "stateReason": of.state_reason,
        "timelineItems": of.timeline,
        "title": lambda at, _: at.issue.title,
        "updatedAt": lambda at, _: iso(at.issue.updated_at),
        "url": lambda at, _: f"{SITE}/{at.repository.full_name}/issues/{at.issue.number}",
    },
    "ClosedEvent": {
        "createdAt": lambda event, _: iso(event.at),
        "stateReason": lambda event, _: event.reason,
    },
    "ReopenedEvent": {
        "createdAt": lambda event, _: iso(event.at),
        "stateReason": lambda event, _: event.reason,
    },
}
"""What is not here comes from a dict, by the field's name."""

TYPED: Mapping[str, Mapping[str, Resolver]] = {
    "Issue": {"issueType": lambda at, _: of.issue_type(at.issue.type)},
    "Repository": {"issueTypes": of.issue_types},
}


def _issue(each: Any, number: int) -> of.AtIssue:
    for one in each.issues:
        if one.number == number:
            return of.AtIssue(each, one)
    what = f"Could not resolve to an Issue with the number of {number}."
    raise of.problem("NOT_FOUND", what)


def _from_dict(source: Any, info: Any, **_: Any) -> Any:
    return source[info.field_name]


def schema(*, issue_types: bool = True) -> GraphQLSchema:
    """Return the schema, with what its fields are; that of an older server without issue types."""
    files = [SCHEMA, ISSUE_TYPES] if issue_types else [SCHEMA]
    made = build_schema("\n".join(file.read_text(encoding="utf-8") for file in files))
    for type_, fields in [*RESOLVERS.items(), *(TYPED.items() if issue_types else ())]:
        for name, resolver in fields.items():
            made.type_map[type_].fields[name].resolve = resolver
    return made


@cache
def graphql(*, issue_types: bool) -> Graphql:
    """Return what executes queries, the same for all servers that know as much."""
    return Graphql(issue_types=issue_types)


class Graphql:
    """Executes queries; a text is parsed and judged once."""

    def __init__(self, *, issue_types: bool) -> None:
        self.schema = schema(issue_types=issue_types)
        self._known: dict[str, DocumentNode | Errors] = {}
        self._lock = threading.Lock()

    def prepare(self, query: str) -> DocumentNode | Errors:
        """Return a query, understood; or what is wrong with it."""
        with self._lock:
            if query not in self._known:
                self._known[query] = self._read(query)
            return self._known[query]

    def _read(self, query: str) -> DocumentNode | Errors:
        try:
            document = parse(query)
        except GraphQLError as error:
            return [_told(error)]
        errors = [_told(error) for error in validate(self.schema, document)]
        operations = [
            each for each in document.definitions if isinstance(each, OperationDefinitionNode)
        ]
        if not errors and len(operations) != 1:
            errors = [{"message": "An operation name is required"}]
        return errors or document

    def weigh(self, document: DocumentNode, variables: Mapping[str, Any]) -> Weight:
        """Return what a query asks for."""
        return weigh(self.schema, document, variables)

    def execute(
        self, document: DocumentNode, variables: Mapping[str, Any], context: Context
    ) -> dict[str, Any]:
        """Return data, and errors if some parts have any."""
        result = execute_sync(
            self.schema,
            document,
            context_value=context,
            variable_values=dict(variables),
            field_resolver=_from_dict,
            type_resolver=of.type_name,
        )
        content: dict[str, Any] = {"data": result.data}
        if result.errors:
            content["errors"] = [_told(error) for error in result.errors]
        return content


def _told(error: GraphQLError) -> dict[str, Any]:
    """Return an error as GitHub writes it: its type stands beside its message."""
    told: dict[str, Any] = {"message": error.message}
    if error.extensions and "type" in error.extensions:
        told["type"] = error.extensions["type"]
    if error.path:
        told["path"] = list(error.path)
    if error.locations:
        told["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    return told

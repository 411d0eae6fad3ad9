"""The GraphQL queries that are asked, each valid under GitHub's published schema (`make contract`).

Nothing in them varies but variables, and the number of parts of those that are functions.
"""

from __future__ import annotations

_COST = "rateLimit { cost remaining resetAt }"
_TYPE = " issueType { name }"
_OWNER, _LOGIN = "owner { __typename login }", "owner { login }"

_DESCRIBED = """
      id databaseId nameWithOwner owner { __typename login }
      description homepageUrl diskUsage
      createdAt updatedAt pushedAt
      isArchived isFork isTemplate isPrivate
      stargazerCount forkCount
      licenseInfo { key spdxId }
      primaryLanguage { name }
      repositoryTopics(first: 30) { nodes { topic { name } } }
      issuesOpen: issues(states: OPEN) { totalCount }
      pullsOpen: pullRequests(states: OPEN) { totalCount }
      defaultBranchRef { name }
"""
"""What a search tells of a repository, in the words of GraphQL."""

_COUNTED = """
      archivedAt isEmpty
      watchers { totalCount }
      issuesClosed: issues(states: CLOSED) { totalCount }
      pullsClosed: pullRequests(states: CLOSED) { totalCount }
      pullsMerged: pullRequests(states: MERGED) { totalCount }
      tags: refs(refPrefix: "refs/tags/", first: 1) { totalCount }
      releases(first: 1, orderBy: {field: CREATED_AT, direction: DESC}) {
        totalCount
        nodes { tagName }
      }
      defaultBranchRef { target { oid } }
"""
"""What changes without a push, and what shows whether there was one."""

_STANDING = """
        id number state stateReason(enableDuplicate: true) authorAssociation
        updatedAt closedAt
        comments { totalCount }
        reactions { totalCount }
        plusOne: reactions(content: THUMBS_UP) { totalCount }
        labels(first: 100) { nodes { name } }
"""
"""What of an issue may change; but for these, only its title and its text, which show in
`updatedAt`."""

_PLACED = f"{_STANDING} repository {{ databaseId nameWithOwner }}"

PART = 100
"""Ids in one part of a query; GitHub takes no more."""

LABELS = """
query Labels($owner: String!, $name: String!, $first: Int!, $after: String) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {
    id databaseId nameWithOwner hasIssuesEnabled
    labels(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { name description }
    }
  }
}
"""
"""Further labels of a repository with many."""

FACTS = """
query Facts($ids: [ID!]!, $until: GitTimestamp) {
  rateLimit { cost remaining resetAt }
  nodes(ids: $ids) {
    ... on Repository {
      id databaseId nameWithOwner owner { __typename login }
      description homepageUrl diskUsage
      createdAt updatedAt pushedAt archivedAt
      isArchived isFork isTemplate isEmpty
      stargazerCount forkCount
      watchers { totalCount }
      licenseInfo { key spdxId }
      primaryLanguage { name }
      languages(first: 20, orderBy: {field: SIZE, direction: DESC}) {
        edges { size node { name } }
      }
      repositoryTopics(first: 30) { nodes { topic { name } } }
      issuesOpen: issues(states: OPEN) { totalCount }
      issuesClosed: issues(states: CLOSED) { totalCount }
      pullsOpen: pullRequests(states: OPEN) { totalCount }
      pullsClosed: pullRequests(states: CLOSED) { totalCount }
      pullsMerged: pullRequests(states: MERGED) { totalCount }
      tags: refs(refPrefix: "refs/tags/", first: 1) { totalCount }
      releases(first: 50, orderBy: {field: CREATED_AT, direction: DESC}) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes { tagName name createdAt publishedAt isPrerelease isDraft }
      }
      defaultBranchRef {
        name
        target {
          ... on Commit {
            history(first: 1, until: $until) {
              totalCount
              nodes { oid committedDate tree { entries { name type mode oid } } }
            }
          }
        }
      }
    }
  }
}
"""
"""What there is to know of some repositories, and the files at their top at a time."""

UNTYPED_FACTS = FACTS.replace(_OWNER, _LOGIN)
"""The same as earlier versions asked it, without the type of the owner."""

RELEASES = """
query Releases($id: ID!, $first: Int!, $after: String) {
  rateLimit { cost remaining resetAt }
  node(id: $id) {
    ... on Repository {
      releases(first: $first, after: $after, orderBy: {field: CREATED_AT, direction: DESC}) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes { tagName name createdAt publishedAt isPrerelease isDraft }
      }
    }
  }
}
"""
"""Further releases of a repository with many."""

ISSUES = """
query Issues(
  $owner: String!, $name: String!, $labels: [String!], $matched: [String!],
  $filter: IssueFilters, $first: Int!, $after: String, $events: Boolean!
) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {
    id databaseId nameWithOwner
    matched: issues(labels: $matched) { totalCount }
    issues(
      first: $first, after: $after, labels: $labels, filterBy: $filter,
      orderBy: {field: CREATED_AT, direction: ASC}
    ) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id number title body state stateReason(enableDuplicate: true) authorAssociation
        createdAt updatedAt closedAt
        comments { totalCount }
        reactions { totalCount }
        plusOne: reactions(content: THUMBS_UP) { totalCount }
        labels(first: 100) { nodes { name } }
        timelineItems(first: 100, itemTypes: [CLOSED_EVENT, REOPENED_EVENT]) @include(if: $events) {
          totalCount
          nodes {
            __typename
            ... on ClosedEvent { createdAt stateReason }
            ... on ReopenedEvent { createdAt }
          }
        }
      }
    }
  }
}
"""
"""Issues of a repository, pull requests never; labels are alternatives."""

TYPED_ISSUES = ISSUES.replace("id number title", f"id number{_TYPE} title")
"""The same with their types, which a server may not know.

GitHub's published schema lacks them; its reference of GraphQL has `Issue.issueType`,
`Repository.issueTypes` and, "only supported by searches on repositories", `IssueFilters.type`.
"""

TYPES = """
query Types($owner: String!, $name: String!) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {
    issueTypes(first: 100) { nodes { name isEnabled } }
  }
}
"""
"""The types that issues of a repository may have, as its organisation defines them."""


UNLABELLED = """
query Unlabelled($owner: String!, $name: String!, $labels: [String!]) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {
    all: issues { totalCount }
    labelled: issues(labels: $labels) { totalCount }
  }
}
"""
"""How many issues a repository has, and how many of them have one of the labels that it has."""


def known_query(n: int, *, owner_types: bool = True) -> str:
    """Return the query for repositories by id, in ``n`` parts: what is told of them today."""
    return _by_ids("Known", n, "Repository", _known(owner_types=owner_types))


def known_by_name_query(n: int, *, owner_types: bool = True) -> str:
    """Return the query for the same of ``n`` repositories by name, wherever they are now."""
    return _by_names("KnownByName", n, _known(owner_types=owner_types))


def _known(*, owner_types: bool) -> str:
    described = _DESCRIBED if owner_types else _DESCRIBED.replace(_OWNER, _LOGIN)
    return described + _COUNTED


def months_query(n: int, n_months: int) -> str:
    """Return the query for the commits of ``n`` repositories in so many months, and before those.

    Each is asked up to a commit of its own.
    """
    of_each = ", ".join(f"$id{i}: ID!, $oid{i}: GitObjectID!" for i in range(n))
    of_all = ", ".join(
        f"$since{i}: GitTimestamp!, $until{i}: GitTimestamp!" for i in range(n_months)
    )
    parts = "\n".join(
        f"  r{i}: node(id: $id{i}) {{ ... on Repository {{"
        f" object(oid: $oid{i}) {{ ...Counts }} }} }}"
        for i in range(n)
    )
    counts = "\n".join(
        f"  m{i}: history(since: $since{i}, until: $until{i}) {{ totalCount }}"
        for i in range(n_months)
    )
    return (
        f"\nquery Months({of_each}, $older: GitTimestamp!, {of_all}) {{\n  {_COST}\n{parts}\n}}\n"
        f"\nfragment Counts on Commit {{\n"
        f"  older: history(until: $older) {{ totalCount }}\n{counts}\n}}\n"
    )


def still_query(n: int, *, typed: bool = False) -> str:
    """Return the query for issues by id, in ``n`` parts: where they are, and how they stand."""
    return _by_ids("Still", n, "Issue", _PLACED + _TYPE * typed)


def still_by_number_query(n: int, *, typed: bool = False) -> str:
    """Return the query for ``n`` issues of repositories by number: the whole of them."""
    fields = f"title body createdAt {_PLACED}{_TYPE * typed}"
    variables = ", ".join(
        f"$owner{i}: String!, $name{i}: String!, $number{i}: Int!" for i in range(n)
    )
    parts = "\n".join(
        f"  r{i}: repository(owner: $owner{i}, name: $name{i}) {{"
        f" issue(number: $number{i}) {{ {fields} }} }}"
        for i in range(n)
    )
    return f"\nquery StillByNumber({variables}) {{\n  {_COST}\n{parts}\n}}\n"


def _by_ids(name: str, n: int, kind: str, fields: str) -> str:
    variables = ", ".join(f"$ids{i}: [ID!]!" for i in range(n))
    parts = "\n".join(
        f"  p{i}: nodes(ids: $ids{i}) {{ ... on {kind} {{ {fields} }} }}" for i in range(n)
    )
    return f"\nquery {name}({variables}) {{\n  {_COST}\n{parts}\n}}\n"


def _by_names(name: str, n: int, fields: str) -> str:
    variables = ", ".join(f"$owner{i}: String!, $name{i}: String!" for i in range(n))
    parts = "\n".join(
        f"  r{i}: repository(owner: $owner{i}, name: $name{i}) {{ {fields} }}" for i in range(n)
    )
    return f"\nquery {name}({variables}) {{\n  {_COST}\n{parts}\n}}\n"


def named_query(n: int) -> str:
    """Return the query for ``n`` repositories by name, wherever they are now, with their labels."""
    variables = ", ".join(f"$owner{i}: String!, $name{i}: String!" for i in range(n))
    parts = "\n".join(
        f"  r{i}: repository(owner: $owner{i}, name: $name{i}) {{\n"
        "    id databaseId nameWithOwner createdAt hasIssuesEnabled\n"
        "    labels(first: 100) @include(if: $labels) {\n"
        "      pageInfo { hasNextPage endCursor }\n"
        "      nodes { name description }\n"
        "    }\n"
        "  }"
        for i in range(n)
    )
    return f"\nquery Named($labels: Boolean!, {variables}) {{\n  {_COST}\n{parts}\n}}\n"


def files_query(n: int) -> str:
    """Return the query for ``n`` files or folders, each by its repository and its place in git.

    With each comes what is in a folder beside it, for a README may be in either.
    """
    variables = ", ".join(f"$id{i}: ID!, $place{i}: String!, $beside{i}: String!" for i in range(n))
    entries = "... on Tree { entries { name type mode oid } }"
    parts = "\n".join(
        f"  r{i}: node(id: $id{i}) {{ ... on Repository {{\n"
        f"    file: object(expression: $place{i}) {{\n"
        f"      ... on Blob {{ oid byteSize isBinary isTruncated text }}\n"
        f"      {entries}\n"
        "    }\n"
        f"    beside: object(expression: $beside{i}) {{ {entries} }}\n"
        "  } }"
        for i in range(n)
    )
    return f"\nquery Files({variables}) {{\n  {_COST}\n{parts}\n}}\n"


def pins_query(n: int) -> str:
    """Return the query for ``n`` repositories by name: what they are, and their commit.

    That is the head of the default branch; or one that is named, if it is there. What git is told
    of the files says whether a tarball leaves some out.
    """
    variables = ", ".join(
        f"$owner{i}: String!, $name{i}: String!, $oid{i}: GitObjectID, $named{i}: Boolean!, "
        f"$attributes{i}: String!"
        for i in range(n)
    )
    commit = "oid ... on Commit { committedDate }"
    parts = "\n".join(
        f"  r{i}: repository(owner: $owner{i}, name: $name{i}) {{\n"
        "    id databaseId nameWithOwner description diskUsage\n"
        "    isArchived isFork isPrivate stargazerCount\n"
        "    repositoryTopics(first: 30) { nodes { topic { name } } }\n"
        f"    defaultBranchRef {{ target {{ {commit} }} }}\n"
        f"    object(oid: $oid{i}) @include(if: $named{i}) {{ {commit} }}\n"
        f"    attributes: object(expression: $attributes{i}) {{ ... on Blob {{ text }} }}\n"
        "  }"
        for i in range(n)
    )
    return f"\nquery Pins({variables}) {{\n  {_COST}\n{parts}\n}}\n"


def blobs_query(n: int) -> str:
    """Return the query for the contents of ``n`` files of a repository, by their names in git."""
    variables = ", ".join(f"$oid{i}: GitObjectID!" for i in range(n))
    parts = "\n".join(
        f"    b{i}: object(oid: $oid{i}) {{ ... on Blob {{ oid isTruncated text }} }}"
        for i in range(n)
    )
    return (
        f"\nquery Blobs($id: ID!, {variables}) {{\n  {_COST}\n"
        f"  node(id: $id) {{ ... on Repository {{\n{parts}\n  }} }}\n}}\n"
    )


QUERIES = {
    "labels": LABELS,
    "named": named_query(2),
    "facts": FACTS,
    "facts, untyped": UNTYPED_FACTS,
    "releases": RELEASES,
    "months": months_query(2, 2),
    "known": known_query(2),
    "known by name": known_by_name_query(2),
    "still": still_query(2),
    "still by number": still_by_number_query(2),
    "issues": ISSUES,
    "unlabelled": UNLABELLED,
    "files": files_query(2),
    "pins": pins_query(2),
    "blobs": blobs_query(2),
}
"""Each by a name, for those who check them."""

UNPUBLISHED = {
    "types": TYPES,
    "typed issues": TYPED_ISSUES,
    "still, typed": still_query(2, typed=True),
    "still by number, typed": still_by_number_query(2, typed=True),
}
"""Those with fields that GitHub's published schema lacks."""

"""The kinds that repositories and issues are told apart by."""

from __future__ import annotations

from typing import Literal, get_args

RepositoryKind = Literal[
    "tool", "integration", "template", "learning", "example-project", "list", "other"
]
IssueKind = Literal["bug", "feature", "question"]

KINDS: tuple[RepositoryKind, ...] = get_args(RepositoryKind)
"""Of repositories: software to use; what joins one tool to another; what to start from; courses,
tutorials and samples; somebody's project; lists and comparisons; blogs, papers, documentation."""
ISSUE_KINDS: tuple[IssueKind, ...] = get_args(IssueKind)

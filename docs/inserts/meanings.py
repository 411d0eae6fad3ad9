"""What the columns of tables say, where no docstring of the code says it.

A column without words stops the making of the manual (`docs.inserts.formats`).
"""

from __future__ import annotations

SNAPSHOTS = {
    "repositories": {
        "repo_key": "gh:ID where GitHub's numeric id is known, else name:owner/name in lower case",
        "repo_id": "GitHub's numeric id",
        "node_id": "GitHub's id for GraphQL",
        "full_name": "owner/name",
        "aliases": "former names, as owner/name",
        "owner": "account that it belongs to",
        "description": "one line by its owner",
        "homepage": "address that its owner names",
        "topics": "topics that its owner gave it, in lower case",
        "language": "programming language that it holds most of",
        "license_spdx": "identifier of its licence, as SPDX writes it",
        "stars": "accounts that starred it",
        "forks": "copies by other accounts",
        "open_issues": "open issues and pull requests together, as REST counts them",
        "watchers": "accounts that are told of what happens there",
        "size_kb": "size in KiB, as GitHub gives it",
        "created_at": "when it was created",
        "updated_at": "when anything of it was last changed",
        "pushed_at": "when commits were last pushed to any branch",
        "archived": "whether it was made read-only",
        "fork": "whether it is a copy of another",
        "is_template": "whether it is meant to be copied",
        "default_branch": "branch that is shown first",
        "source": "where the row is from; several sources are joined by +",
        "fetched_at": "when the source was asked",
        "first_commit_at": "when the oldest commit was made",
        "last_commit_at": "when the newest commit of the default branch was made",
        "commits": "commits of the default branch",
        "commit_authors": "different authors of these, as a git history tells them",
        "head_commit": "SHA-1 of the newest commit of the default branch",
        "issues_open": "open issues, without pull requests",
        "issues_closed": "closed issues, without pull requests",
        "pulls_open": "open pull requests",
        "pulls_closed": "pull requests that were closed without a merge",
        "pulls_merged": "merged pull requests",
        "releases": "published releases",
        "tags": "tags of git",
        "contributors": "accounts that committed, as GitHub counts them",
        "archived_at": "when it was made read-only",
        "enriched_at": "when GraphQL was asked for what the search does not tell",
    },
    "readmes": {
        "repo_key": "of the repository",
        "path": "of the file in the repository",
        "commit": "SHA-1 of the commit that it was read at",
        "sha": "SHA-1 of the file's content, as git computes it",
        "text": "the whole text",
        "truncated": "whether the source gave only its beginning",
        "fetched_at": "when the source was asked",
    },
    "issues": {
        "repo_key": "of the repository",
        "number": "of the issue in its repository",
        "node_id": "GitHub's id for GraphQL",
        "title": "as its author wrote it",
        "body": "as its author wrote it, Markdown",
        "labels": "labels that it carries",
        "state": "open or closed",
        "state_reason": "why it is so, as completed or not_planned",
        "author_association": "what its author is to the repository, as MEMBER or NONE",
        "created_at": "when it was opened",
        "updated_at": "when anything of it was last changed",
        "closed_at": "when it was closed",
        "comments": "comments on it",
        "reactions_total": "reactions to it of any kind",
        "reactions_plus1": "thumbs up",
        "matched_labels": "those of its labels that the study asks for",
        "issue_type": "GitHub's type of it; the column is there where the study names types",
        "matched_types": "its type, if the study asks for it",
    },
    "activity": {
        "repo_key": "of the repository",
        "month": "YYYY-MM, UTC",
        "commits": "commits of the default branch in that month",
        "stars_gained": "stars given in that month",
        "releases": "releases published in that month",
    },
    "languages": {
        "repo_key": "of the repository",
        "language": "a programming language that it holds",
        "bytes": "of code in it",
    },
    "releases": {
        "repo_key": "of the repository",
        "tag": "that the release is of",
        "name": "of the release",
        "published_at": "when it was published",
        "prerelease": "whether it is marked as not yet ready",
    },
    "disappearances": {
        "key": "of the repository, or of the issue: repo_key#number",
        "repo_key": "of the repository",
        "full_name": "owner/name that it had",
        "number": "of the issue; null of a repository",
        "reason": "what became of it; unknown: … where GitHub did not tell",
        "now_name": "its name now, if it is elsewhere",
        "since": "the earlier snapshot that has it",
        "noticed_at": "when that was found",
    },
}
"""Of the tables of a snapshot."""
KINDS = {
    "key": "of the repository or issue",
    "title": "how people know it",
    "kind": "the likeliest kind",
    "probability": "of that kind, in [0, 1]",
    "abstained": "whether it is below the threshold: then the kind is a guess that is not counted",
}
"""Of kinds; after these there is a column for each kind, p_KIND: its probability."""
_OF_NODE = {
    "label": "name",
    "size": "documents placed in it",
    "stability": "in [0, 1]: Jaccard similarity with what the halves of the ensemble find of it",
    "keywords": "words that tell it from the others, most telling first",
    "weights": "of the keywords",
    "exemplars": "keys of its most typical documents, most typical first",
    "description": "what its documents are for, in one sentence; null of what has no name",
    "code": "id of its code in the codebook that guides, of a category a broader one; null: beyond "
    "it, or none guides",
}
TAXONOMIES = {
    "assignments": {
        "key": "of the document",
        "topic": "its topic's number; -1: in none",
        "nearest_topic": "its topic, or of an unplaced document the nearest; -1: there is none",
        "strength": "share of the runs that saw it in which it is with its (nearest) topic, [0, 1]",
    },
    "topics": {
        "topic": "its number, from 0, by falling size",
        "category": "number of the category that it is in",
        **_OF_NODE,
    },
    "categories": {"category": "its number, from 0, by falling size", **_OF_NODE},
    "map": {
        "key": "of the document",
        "x": "its place on the map, without a unit",
        "y": "the same, upwards",
    },
}
"""Of the tables of a taxonomy."""
GUIDE = {
    "key": "of the document",
    "code": "id of the code that fits it and its neighbours best; null: none does",
    "support": "share of its neighbourhood that has the same code, in [0, 1]",
}
"""Of what a codebook that guides says of documents."""
PLACING = {
    "words": {
        "word": "a word, or two in a row, that counts",
        "idf": "how rare it is among the documents",
        "directions": "what its weight is multiplied by, a number a dimension of the lexical part",
    },
    "points": {
        "key": "of the document",
        "closeness": "cosine of its vector with the mean of all",
        "point": "its place in the joint space of meaning and words, of unit length",
    },
}
"""Of what places documents."""
CROSSWALKS = {
    "level": "documents, topics or categories: what the row is about",
    "address": "a document's key, a topic's number (3) or a category's (c1)",
}
"""Of a crosswalk: what `Coding` does not say."""

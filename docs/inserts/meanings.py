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
        "owner_type": "what that account is: User or Organization",
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
        "human": "of the commits, those whose author is a person; months are the committer's date",
        "bot": "of the commits, those whose author is a bot, by whole names and addresses",
        "agent": "of the commits, those whose author is an agent that writes code",
        "people": "different persons among the authors",
        "newcomers": "of the persons, those who never committed before; null in shallow clones",
        "tags": "tags of git set in that month, without nightly ones",
    },
    "histories": {
        "repo_key": "of the repository",
        "observed_at": "up to when the history is known; null: nothing is computed of it",
        "entered_at": "since when its end would have been seen; null: since its beginning",
        "first_commit_at": "when the oldest commit was made that is not dated before 1990",
        "last_human_at": "when a person last committed",
        "last_commit_at": "when anybody last committed",
        "head_commit": "newest commit of the branch that was read",
        "commits": "commits of that branch, merges and odd dates too",
        "roots": "commits without parents",
        "merges": "commits with several parents",
        "squash_share": "of the commits that are no merges, the share whose subject ends as that "
        "of a squashed pull request, (#12); in [0, 1]",
        "identities": "different persons who committed",
        "absence_factor": "fewest persons who made half of the commits, without merges, of the 365 "
        "days before observed_at (CHAOSS: contributor absence factor)",
        "truck_factor": "persons without whom less than half of the files of source code have an "
        "author (Avelino et al. 2016); null where it was not asked for",
        "flags": "what is odd: shallow, partial, broken, empty, unreadable, ancient dates, future "
        "dates, several roots, squashed import, rewritten, emptied, nightly tags, "
        "replaced objects; older commits not counted: months before the first row with commits are "
        "not known",
        "reason": "why what is null is not known",
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
VIEWS = {
    "key": "of the document",
    "sha256": "of its text",
    "vector": "of the text, by the encoder of the topics",
    "code_vector": "of the text, by the encoder of the codes; null: they have none of their own",
    "words_shared": "how far it shares words with each code of the codebook that guides; null: "
    "none does",
    "words": "those of three characters or more, no stop words, that two documents at least say, "
    "sorted",
    "counts": "how often the document says each of them",
}
"""Of what stands in a bundle for texts that are withheld."""
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
FOUND = {
    "claims": {
        "project": "owner/name, as the source gives it",
        "repo_key": "of the repository",
        "framework": "that it is said to use; null: the source names candidates for all",
        "source": "list, snapshot, dependents-page, ecosystems or code-search",
        "evidence": "path of a file in the project, or what was asked",
        "repo_id": "GitHub's numeric id; null: the source does not tell it",
        "stars": "that the source tells",
    },
    "candidates": {
        "project": "owner/name",
        "repo_key": "of the repository",
        "repo_id": "GitHub's numeric id",
        "frameworks": "those that a source names for it; none: it is a candidate for all",
        "sources": "those that name it",
        "stars": "as the source tells that knows it best; null: none does",
        "has_enough_stars": "whether there are at least ten; null: they are not known",
        "description": "one line by its owner",
        "fork": "whether it is a copy of another",
        "tutorial": "whether its name or description is that of a tutorial or course; null: its "
        "name is not, and its description is not known",
    },
    "sources": {
        "source": "list, snapshot, dependents-page, ecosystems or code-search",
        "framework": "that it was asked for; null: for all",
        "status": "complete, partial or unknown",
        "reason": "why it is not complete",
        "found": "repositories that it names",
        "headline": "how many it says that there are; null: it does not say",
    },
}
"""Of what sources say of dependents."""
USES = {
    "project": "owner/name",
    "channel": "api, cli, workflow, config or requirement",
    "kind": "what is done with the symbol: import, call, command, image, declared, …",
    "path": "of the file in the project",
    "feature": "code of the codebook of features; null: none is known for the symbol",
    "era": "versions of the framework that have the symbol; null: not known",
}
"""Of uses: what `Use` does not say."""
SCANNED = {
    "project": "owner/name",
    "status": "what became of it: scanned or unknown",
    "reason": "why it is unknown; or that its uses were handed in as facts",
    "commit": "SHA-1 of the commit that was read; null of a folder without git",
    "committed_at": "when that was made",
    "files": "files that it has",
    "bytes": "their size",
    "files_scanned": "files that were read",
    "bytes_scanned": "their size",
    "files_unread": "files that could not be read, wholly or in part",
    "copies": "frameworks whose own source it holds",
    "stars": "that a source tells; null: none does",
    "description": "one line by its owner",
    "fork": "whether it is a copy of another",
    "tutorial": "whether its name or description is that of a tutorial or course",
    "owner": "account that it belongs to, in lower case",
    "claimed": "frameworks that the sources which name it say it depends on; null: they name none",
}
"""Of the projects that were scanned."""
UNREAD = {
    "project": "owner/name",
    "path": "of the file in the project",
    "reason": "why it, or a part of it, could not be read",
}
"""Of what could not be read."""
_SAMPLE = "how they were found: census, random, or chosen (then there are counts alone)"
USAGE = {
    "dependents": {
        "project": "owner/name",
        "owner": "account that it belongs to, in lower case",
        "framework": "its name",
        "role": "uses, declares only, names only (a source does, and nothing is found), or copy "
        "or fork",
        "channels": "api, cli, workflow and config, as far as it uses the framework through them",
        "ways": "configures, extends, several features; else out of the box, or not told",
    },
    "figures": {
        "framework": "its name",
        "measure": "what dependents are counted by: feature, feature by channel, channel, channels "
        "(these and no other), defaults or era",
        "name": "code of a feature, a channel, channels joined by +, a way of use, or an era",
        "sample": _SAMPLE,
    },
    "pairs": {
        "first": "name of a framework",
        "second": "name of another, later in the alphabet",
        "lean": "together more or less often than by chance, or not told",
        "relation": "complementary, rival or not told, by the features where both are used",
        "sample": _SAMPLE,
    },
    "gap": {
        "framework": "its name",
        "what": "feature or channel",
        "n_used": "dependents that use it; null: use cannot be seen",
        "used": "their share of all dependents",
        "n_asked": "coded requests that ask for it first",
        "asked": "their share of all coded requests",
        "corner": "used and asked, used and not asked, asked and not used, or neither; null: not "
        "told",
        "why": "why no corner is told",
        "dependents_sample": _SAMPLE,
        "requests_sample": _SAMPLE,
    },
    "wishes": {
        "framework": "its name",
        "wish": "ci-cd or api",
        "n": "requests",
        "sample": _SAMPLE,
    },
}
"""Of how frameworks are used: these go before what the classes of the rows say."""

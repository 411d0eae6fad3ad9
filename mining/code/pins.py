"""The commit at which each project is read, found out before its code is fetched.

So what is fetched is one state of a project, whatever is pushed meanwhile, and can be had again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mining.code.store import CodeRecord
from mining.code.tarball import ATTRIBUTES, has_exports
from mining.github.api import Api
from mining.github.batches import Answered, Batching, ask_in_batches
from mining.github.queries import pins_query
from mining.github.shapes import (
    JsonShape,
    Maybe,
    is_flag,
    is_name,
    is_number,
    is_plain,
    is_text,
    is_time,
    is_word,
)
from mining.github.unknown import LEFT_OUT, Unknown, UnknownKind

SIZE: Final = 50
"""Projects that are asked for at once, at most."""
GONE: Final = "it is deleted or private, or was never there"
PRIVATE: Final = "it is private, and shown to this token alone"
NOTHING_PUSHED: Final = "nothing was ever pushed"
_COMMIT: JsonShape = {"oid": is_word, "committedDate": is_time}
_NEEDED: JsonShape = {
    "id": is_word,
    "databaseId": is_number,
    "nameWithOwner": is_name,
    "isPrivate": is_flag,
}
_SHAPE: JsonShape = {
    **_NEEDED,
    "description": Maybe(is_plain),
    "diskUsage": Maybe(is_number),
    "isArchived": is_flag,
    "isFork": is_flag,
    "stargazerCount": is_number,
    "repositoryTopics": {"nodes": [{"topic": {"name": is_plain}}]},
    "defaultBranchRef": Maybe({"target": _COMMIT}),
    "attributes": Maybe({"text": Maybe(is_text)}),
}
CandidateKey = tuple[str, str | None]


@dataclass(frozen=True, order=True)
class CodeCandidate:
    """A project that may use a framework: ``owner/name``, and a commit (None: its HEAD)."""

    project: str
    commit: str | None = None

    @property
    def key(self) -> CandidateKey:
        """Return what is the same in candidates that mean the same."""
        return self.project.lower(), self.commit and self.commit.lower()


def vanished(commit: str) -> str:
    """Return why there is no code of a commit that is not there."""
    return f"commit {commit} is not there any more, or never was"


def find_pins(api: Api, candidates: Sequence[CodeCandidate]) -> Iterator[CodeRecord]:
    """Yield what each candidate is, where it is now, and its commit; or why that is unknown."""
    batching = Batching[CodeCandidate](
        query=pins_query,
        variables=_variables,
        place=lambda number: (f"r{number}",),
        shape=lambda each: _SHAPE if each.commit is None else {**_SHAPE, "object": Maybe(_COMMIT)},
        needs=frozenset(_NEEDED),
    )
    for answered in ask_in_batches(api, candidates, batching, size=SIZE):
        yield _record(answered, api.last_at)


def _variables(batch: Sequence[CodeCandidate]) -> dict[str, Any]:
    variables: dict[str, Any] = {}
    for number, each in enumerate(batch):
        owner, name = each.project.split("/")
        variables[f"owner{number}"], variables[f"name{number}"] = owner, name
        variables[f"oid{number}"] = each.commit
        variables[f"named{number}"] = each.commit is not None
        variables[f"attributes{number}"] = f"{each.commit or 'HEAD'}:{ATTRIBUTES}"
    return variables


def _record(answered: Answered[CodeCandidate], now: datetime) -> CodeRecord:
    asked, value = answered.item, answered.value
    about: dict[str, Any] = {
        "asked": asked.project,
        "asked_commit": asked.commit,
        "observed_at": now if answered.answer is None else answered.answer.received_at,
    }
    if value is None:
        gone = Unknown(UnknownKind.REFUSED, GONE)
        return CodeRecord(project=asked.project, **about, **_unknown(answered.unknown or gone))
    about |= {
        "project": value["nameWithOwner"],
        "repo_id": value["databaseId"],
        "node_id": value["id"],
        "size_kb": value["diskUsage"],
        "stars": value["stargazerCount"],
        "is_archived": value["isArchived"],
        "is_fork": value["isFork"],
        "is_private": value["isPrivate"],
        "description": value["description"],
        "topics": _topics(value["repositoryTopics"]),
        "has_exports": has_exports((value["attributes"] or {}).get("text") or ""),
    }
    return CodeRecord(**about, **_pin(answered, value))


def _pin(answered: Answered[CodeCandidate], value: Any) -> dict[str, Any]:
    """Return the commit, or why there is none."""
    asked = answered.item.commit
    if value["isPrivate"]:
        return _unknown(Unknown(UnknownKind.REFUSED, PRIVATE))
    if lacking := answered.lacks("defaultBranchRef" if asked is None else "object"):
        return _unknown(lacking)
    if asked is not None:
        commit = value["object"]
    else:
        commit = value["defaultBranchRef"] and value["defaultBranchRef"]["target"]
    if commit is None and value["defaultBranchRef"] is None:
        if answered.lacks("defaultBranchRef"):
            return _unknown(LEFT_OUT)
        return {"status": "empty", "reason": NOTHING_PUSHED, "is_final": True}
    if commit is None:
        return _unknown(Unknown(UnknownKind.REFUSED, vanished(str(asked))))
    made_at = datetime.fromisoformat(commit["committedDate"])
    return {"status": "pinned", "commit": commit["oid"], "committed_at": made_at}


def _unknown(why: Unknown) -> dict[str, Any]:
    is_final = why.kind is UnknownKind.REFUSED
    return {"status": "unknown", "reason": why.reason, "is_final": is_final}


def _topics(listed: Any) -> tuple[str, ...] | None:
    return None if listed is None else tuple(node["topic"]["name"] for node in listed["nodes"])

"""The types that issues of a repository may have: those of the study held against those there are.

An organisation defines them for its repositories (docs.github.com, "Managing issue types in an
organization"). An older Enterprise server knows of none, nor does it of a repository of a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from artifacts.errors import InputError
from mining.github.api import Api
from mining.github.batches import Batching, ask_one
from mining.github.errors import BlockedError, GoneError, NotAllowedError, NotStoredError
from mining.github.job import FrameworkJob
from mining.github.named import NamedRepository
from mining.github.outages import ONE_LESS, is_about_one
from mining.github.queries import TYPES
from mining.github.shapes import JsonShape, Maybe, is_flag, is_plain
from mining.github.unknown import LEFT_OUT, Unknown, UnknownKind, unknown_of

_TYPE: JsonShape = {"name": is_plain, "isEnabled": is_flag}
_ASKING = Batching[str](
    query=lambda _: TYPES,
    variables=lambda names: dict(zip(("owner", "name"), names[0].split("/"), strict=True)),
    place=lambda _: ("repository",),
    shape=lambda _: {"issueTypes": Maybe({"nodes": [_TYPE]})},
)
_UNKNOWN_FIELD = "issueTypes"
NO_TYPES = Unknown(UnknownKind.REFUSED, "this server knows no issue types of it")


def issue_types(api: Api, full_name: str, *, has_token: bool) -> tuple[str, ...] | Unknown:
    """Return the types that issues of a repository may have, or why they are not known."""
    if has_token:
        answered = ask_one(api, full_name, _ASKING)
        if answered.value is None or answered.holes:
            why = answered.unknown or answered.lacks("issueTypes") or LEFT_OUT
            return NO_TYPES if _UNKNOWN_FIELD in why.reason else why
        nodes = (answered.value["issueTypes"] or {"nodes": []})["nodes"]
        return tuple(node["name"] for node in nodes if node["isEnabled"])
    try:
        listed = api.get(f"/repos/{full_name}/issue-types", shape=[{"name": is_plain}]).json()
    except GoneError:
        return NO_TYPES
    except (*ONE_LESS, NotAllowedError, BlockedError) as error:
        if not is_about_one(error):
            raise
        return unknown_of(error)
    return tuple(each["name"] for each in listed if each.get("is_enabled") is not False)


def type_notes(
    api: Api, framework: FrameworkJob, named: NamedRepository, *, has_token: bool
) -> Iterator[str | Unknown]:
    """Yield what is to be said of a framework's issue types, or why they are unknown.

    They are asked for if the study names some; or if it names only labels that are not there.

    Raises
    ------
    InputError
        If the study names types, and the server knows of none.
    """
    labels = named.labels if isinstance(named.labels, tuple) else framework.labels
    low = {label.lower() for label in labels}
    lacks_all = bool(framework.labels) and not any(each.lower() in low for each in framework.labels)
    if not framework.types and not lacks_all:
        return
    try:
        there = issue_types(api, named.full_name, has_token=has_token)
    except NotStoredError:
        if framework.types:
            raise
        return  # what is only a hint, a mining by an earlier version did not ask for
    if framework.types:
        yield from _named_types(framework, named.full_name, there)
    elif not isinstance(there, Unknown) and there:
        shown = _shown(there)
        yield f"{named.full_name}: its issues have types; request_types may name some of: {shown}"


def _named_types(
    framework: FrameworkJob, full_name: str, there: tuple[str, ...] | Unknown
) -> Iterator[str | Unknown]:
    if there is NO_TYPES:
        raise InputError(
            f"GitHub knows no issue types of {full_name} (framework {framework.name}): it is not "
            "an organisation's, or the server is too old for them.",
            where="frameworks.request_types",
            fix="leave request_types out, and name request_labels",
        )
    if isinstance(there, Unknown):
        yield there
        return
    low = {each.lower() for each in there}
    for each in framework.types:
        if each.lower() not in low:
            shown = f"; there are: {_shown(there)}" if there else ""
            yield f"{full_name} has no issue type {each!r} today{shown}"


def _shown(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names, key=str.lower))

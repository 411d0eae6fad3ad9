"""Answers as values that a page holds: short, whole, and without markup."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from artifacts.intervals import Estimate
from reports.answers.facts import ENDED, LIFE_FACTS, SOURCE_FACTS
from reports.answers.life import LifeShape, life_shape
from reports.answers.tool import FeatureUse, GoesWith, ToolAnswer, ToolFact, ToolRequests, ToolUse
from reports.data import DESCRIPTION_CHARACTERS, beginning, clean, day, short_number, web_address
from reports.history.lives import NO_REASON, STAGES

FACTS: Final = tuple((each.key, each.name) for each in (*SOURCE_FACTS, *LIFE_FACTS, ENDED))
"""Keys and names of facts, in the order in which the page has their values."""


Shared = Callable[[str], str | int]
"""How a text is written that many answers have."""


def page_answers(answers: Mapping[str, ToolAnswer]) -> dict[str, Any]:
    """Return all answers for a page's script, what many of them share written once.

    ``facts`` are keys and names of facts, ``stages`` those of a life in their order, ``texts`` what
    many answers have, and ``tools`` an answer each (`as_values`), where another tool is its place
    in this list, and what is marked (T) there is a place in ``texts``.
    """
    places = {key: place for place, key in enumerate(answers)}
    texts: dict[str, int] = {}

    def text_place(text: str) -> int:
        return texts.setdefault(clean(text), len(texts))

    tools = [as_values(each, other=places.get, text=text_place) for each in answers.values()]
    return {
        "facts": [list(each) for each in FACTS],
        "stages": list(STAGES),
        "texts": list(texts),
        "tools": tools,
    }


def as_values(
    answer: ToolAnswer,
    *,
    other: Callable[[str], str | int | None] = clean,
    text: Shared = clean,
) -> dict[str, Any]:
    """Return an answer as JSON-compatible values; what is empty or not known has no entry.

    Parameters
    ----------
    other, text
        How another tool is written, by its key, and a text that many answers have (T).

    Returns
    -------
    dict
        Texts are clean, and are to be set as texts. Numbers that are not known are null.

        - ``key``, ``name`` (owner/name), ``former`` (names)
        - ``from`` (T): the snapshot that the first facts are of
        - ``beside``: 1 if it is not of the tools that the study describes; then ``about``, what it
          is, which of others the page's table of tools has
        - ``purpose``: [topic, category, 1 if it is placed there, 0 if that is only the nearest]
        - ``facts``: in the order of `FACTS` its value (a day is a text), or, where that is not
          known, [why (T)]
        - ``stage``, ``since`` (month), ``because`` (T), ``seen`` (day), ``life_from`` (T, a
          snapshot), ``people``: 1 if the commits are those of people
        - ``recent``: heights of the last 36 months, a digit to the base of 36 each
        - ``life``: [first month, width, known, top, heights, [[stage (a place), at, width]]] as in
          `reports.answers.life.LifeShape`
        - ``elsewhere``: of each other snapshot [its id (T), stage or null, why (T), day seen or
          null]
        - ``use``: framework, n, heading, wanted (asked for and not used, a sentence, or null),
          features and channels, each [code, name, n or null, share, low, high or null, key of
          evidence or ""]
        - ``asked``: n, open (or null), order (T), themes [topic, n, open or null], wanted [key of
          the request, reactions and comments or null]
        - ``with``: [name, other tool or null, "used" or "named", owners of both, by chance or null,
          lift, low, high or null, relation or null, source (T), key of evidence or ""]
        - ``near``: [other tool, likeness, 1 of the same topic, 0 not, null not known]
        - ``links``: [name, address]
        - ``why`` (T): reasons, by ``purpose``, ``stage``, ``use``, ``asked``, ``gap``, ``with``,
          ``near``
    """
    whole = {
        "key": clean(answer.key),
        "name": clean(answer.full_name),
        "former": [clean(name) for name in answer.former_names],
        "about": "" if answer.is_listed else _about(answer),
        "from": None if answer.snapshot is None else text(answer.snapshot),
        "beside": None if answer.is_listed else 1,
        "purpose": _purpose(answer),
        "facts": [_fact(each, text) for each in answer.facts],
        **_life(answer, text),
        "elsewhere": [
            [
                text(snapshot),
                row.stage,
                text(row.reason or row.unknown or NO_REASON),
                day(row.observed_at),
            ]
            for snapshot, row in answer.elsewhere
        ],
        "use": None if answer.use is None else _use(answer.use),
        "asked": None if answer.asked is None else _asked(answer.asked, text),
        "with": [_with(each, other, text) for each in answer.goes_with],
        "near": [
            [other(each.key), each.likeness, _flag(each.is_same_topic)]
            for each in answer.neighbours
        ],
        "links": [[name, url] for name, link in answer.links if (url := web_address(link))],
        "why": {part: text(why) for part, why in unknown_parts(answer)},
    }
    absent: tuple[Any, ...] = (None, "", [], {})
    return {name: value for name, value in whole.items() if value not in absent}


def unknown_parts(answer: ToolAnswer) -> list[tuple[str, str]]:
    """Return which parts of an answer are not there, each with the reason."""
    parts = (
        ("purpose", answer.purpose_unknown),
        ("stage", answer.stage_unknown),
        ("use", answer.use_unknown),
        ("asked", answer.asked_unknown),
        ("gap", None if answer.use is None else answer.use.gap_unknown),
        ("with", answer.goes_with_unknown),
        ("near", answer.neighbours_unknown),
    )
    return [(part, why) for part, why in parts if why is not None]


def _purpose(answer: ToolAnswer) -> list[int]:
    its = answer.purpose
    return [] if its is None else [its.topic, its.category, int(its.is_placed)]


def _about(answer: ToolAnswer) -> str:
    return beginning(answer.description or "", DESCRIPTION_CHARACTERS)


def _fact(fact: ToolFact, text: Shared) -> Any:
    if fact.value is None:
        return [text(fact.reason or NO_REASON)]
    return clean(fact.value) if isinstance(fact.value, str) else fact.value


def _life(answer: ToolAnswer, text: Shared) -> dict[str, Any]:
    life, shape = answer.life, life_shape(answer)
    if life is None:
        return {}
    return {
        "stage": life.stage,
        "since": life.since,
        "because": None if life.reason is None else text(life.reason),
        "seen": day(life.observed_at),
        "life_from": text(answer.life_snapshot or ""),
        "people": 1 if answer.by_people else None,
        "recent": "" if shape is None else shape.recent,
        "life": None if shape is None else _shape(shape),
    }


def _shape(shape: LifeShape) -> list[Any]:
    spells = [[STAGES.index(stage), at, width] for stage, at, width in shape.spells]
    return [shape.first, shape.width, shape.known, shape.top, shape.heights, spells]


def _use(use: ToolUse) -> dict[str, Any]:
    return {
        "framework": clean(use.framework),
        "n": use.n_users,
        "heading": clean(use.heading),
        "wanted": None if use.asked_and_not_used is None else clean(use.asked_and_not_used),
        "features": [_feature(each) for each in use.features],
        "channels": [_feature(each) for each in use.channels],
    }


def _feature(each: FeatureUse) -> list[Any]:
    return [
        clean(each.code),
        clean(each.name),
        each.n,
        *_estimate(each.share),
        clean(each.evidence),
    ]


def _estimate(figure: Estimate) -> list[float | None]:
    return [short_number(each) for each in (figure.value, figure.low, figure.high)]


def _asked(asked: ToolRequests, text: Shared) -> dict[str, Any]:
    return {
        "n": asked.n,
        "open": asked.n_open,
        "order": text(asked.order),
        "themes": [[each.topic, each.n, each.n_open] for each in asked.themes],
        "wanted": [[clean(each.key), each.weight] for each in asked.wanted],
    }


def _with(each: GoesWith, other: Callable[[str], str | int | None], text: Shared) -> list[Any]:
    return [
        clean(each.name),
        None if each.key is None else other(each.key),
        each.by,
        each.n_owners,
        short_number(each.expected),
        *_estimate(each.lift),
        each.relation,
        text(each.source),
        clean(each.evidence),
    ]


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)

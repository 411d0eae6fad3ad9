"""Which feature each request asks for, and through which channel: people's word, else likeness.

Requests are held against the codebook of features as a crosswalk holds documents against codes
(`taxonomy.guidance.scores`), each joined with the requests most like it, and with what its channel
says. A request that two features fit alike has none, with the reason. Nothing is learned from how
often a framework's features are used: the gap between what is used and what is asked for would
vanish by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pyarrow as pa

from artifacts.arrays import Doubles, Floats, unit_rows
from artifacts.errors import InputError
from artifacts.tables import table_from_rows
from configs.codebook import Code, Codebook
from insights.usage.tables import REQUESTS
from labels.label_set import LabelSet
from labels.records import Codes
from labels.results import final_codes
from labels.waves import closed_waves
from taxonomy.guidance.codes import CodeTexts
from taxonomy.guidance.scores import Coding, code_documents, own_scores
from taxonomy.space import nearest_documents
from taxonomy.types import Encode

FEATURE, CHANNEL = "feature", "channel"
"""The variables of the codebook."""

NEIGHBOURS = 5
"""The requests most like a request that have a say in its feature."""
NEIGHBOUR_WEIGHT = 0.2
"""How much of a request's score for a feature is the mean of theirs."""
CHANNEL_WEIGHT = 1.0
"""What a channel adds to the score of the feature that is the same thing, in standard deviations
of the scores."""
SAME_THING: Final = {"none": "developer-experience", "workflow": "ci-cd", "ui": "reports-and-ui"}
"""Channels that speak for a feature by the codebook's own words."""
FIRM = 0.3
"""A request whose best feature leads the second by less has none."""
ALSO = 1.0
"""The second feature of a request is told where the best leads it by less."""


@dataclass(frozen=True)
class FeatureRequest:
    """A request as it is coded.

    Attributes
    ----------
    issue_key
        ``repo_key#number``.
    framework
        The name of the framework whose issue it is.
    text
        As it was prepared for the encoder.
    """

    issue_key: str
    framework: str
    text: str


@dataclass(frozen=True)
class CodedRequest:
    """What a request asks for.

    Attributes
    ----------
    issue_key
        ``repo_key#number``.
    framework
        The name of the framework whose issue it is.
    feature
        A code of the codebook; None: abstained.
    second_feature
        The one that it asks for as well, if any.
    channel
        None where the codebook asks for none, or a person says that none applies.
    by
        Who says the feature: ``person`` or ``machine``.
    firmness
        By how much the best feature leads, in standard deviations of the scores; None of a person.
    nearest
        The feature that the machine holds nearest, whether it is given or not; None of a person.
    reason
        Why there is no feature; None if there is one.
    """

    issue_key: str
    framework: str
    feature: str | None
    second_feature: str | None
    channel: str | None
    by: Literal["machine", "person"]
    firmness: float | None
    nearest: str | None
    reason: str | None


Answers = Mapping[str, Codes]
"""Codes by variable, of one request."""


def answers_of_people(labels: LabelSet) -> dict[str, Answers]:
    """Return what people settled of each request, by its key: agreed, adjudicated, or one's word.

    Raises
    ------
    InputError
        If the labels have no variable ``feature``, or a wave is open.
    """
    labels.book.variable_named(FEATURE, where=str(labels.store.path))
    found = final_codes(labels, closed_waves(labels, ()))
    return {
        key: {variable: final.codes for variable, final in finals.items()}
        for key, finals in found.items()
        if FEATURE in finals
    }


def code_requests(
    requests: Sequence[FeatureRequest],
    vectors: Floats,
    book: Codebook,
    encode: Encode,
    people: Mapping[str, Answers] | None = None,
) -> list[CodedRequest]:
    """Say of each request which feature it asks for, and through which channel.

    Parameters
    ----------
    requests, vectors
        n_requests requests and the n_requests × n_dims vectors of their texts, of unit length.
    book
        A codebook with a variable ``feature``, or with one variable alone; its channels, if it has
        a variable ``channel``, are tried in their order (`channel_of`).
    encode
        The encoder of the vectors, for what the codebook says.
    people
        Answers by key, which go before the machine's.

    Returns
    -------
    list[CodedRequest]
        Sorted by key.

    Raises
    ------
    InputError
        If a request stands twice, the codebook has no features to tell apart, or a person's answer
        is none of its codes.
    """
    _refuse_repeated(requests)
    features, channels = features_in(book), book.codes_of(CHANNEL)
    said = {} if people is None else people
    _refuse_unknown_answers(said, features, channels)
    if not requests:
        return []
    texts = [request.text for request in requests]
    named = [channel_of(text, channels) for text in texts]
    codings = _code_features(texts, vectors, features, named, encode)
    coded = [
        _by_person(request, said[request.issue_key], channel)
        if request.issue_key in said
        else _by_machine(request, coding, channel)
        for request, coding, channel in zip(requests, codings, named, strict=True)
    ]
    return sorted(coded, key=lambda row: row.issue_key)


def requests_table(coded: Iterable[CodedRequest]) -> pa.Table:
    """Return coded requests as the table that `REQUESTS` describes."""
    return table_from_rows(map(vars, coded), REQUESTS)


def features_in(book: Codebook) -> tuple[Code, ...]:
    """Return the codes of a codebook that name features.

    Raises
    ------
    InputError
        If it asks several questions, none of them ``feature``, or has fewer than two such codes.
    """
    asked = [variable.id for variable in book.asked()]
    if FEATURE not in asked and len(asked) > 1:
        raise InputError(
            f"The codebook '{book.codebook.name}' has no variable '{FEATURE}': it asks for "
            f"{', '.join(asked)}.",
            fix=f"call the variable that names features '{FEATURE}'",
        )
    codes = book.codes_of(FEATURE if FEATURE in asked else asked[0])
    if len(codes) < 2:
        raise InputError(
            f"The codebook '{book.codebook.name}' has {len(codes) or 'no'} "
            f"feature{'s'[: len(codes) != 1]}.",
            fix="add codes: requests are sorted by what fits better, so it takes two",
        )
    return codes


def channel_of(text: str, channels: Sequence[Code]) -> str | None:
    """Return the first channel that a text names by an example of its code, else the last one.

    Words count whole, in either case and number. None: there are no channels.
    """
    for code in channels[:-1]:
        if _names(code).search(text):
            return code.id
    return channels[-1].id if channels else None


def _names(code: Code) -> re.Pattern[str]:
    """Return what finds the examples of a code in a text; one without examples is never found."""
    words = "|".join(re.escape(example) for example in code.examples) or "(?!)"
    return re.compile(rf"(?<!\w)(?:{words})s?(?!\w)", re.IGNORECASE)


def _code_features(
    texts: Sequence[str],
    vectors: Floats,
    features: Sequence[Code],
    channels: Sequence[str | None],
    encode: Encode,
) -> list[Coding]:
    codes = [CodeTexts.of(code) for code in features]
    phrases = encode([text for code in codes for text in code.texts])
    scores = _with_neighbours(own_scores(texts, vectors, codes, phrases), vectors)
    scores += CHANNEL_WEIGHT * _same_things(channels, codes)
    return code_documents(scores, vectors, phrases, codes, wanted_margin=FIRM)


def _with_neighbours(scores: Doubles, vectors: Floats) -> Doubles:
    """Join each request's scores with the mean of those of the requests most like it.

    One step of learning with local and global consistency (Zhou et al. 2004).
    """
    if len(scores) < 2:
        return scores.copy()
    centred = unit_rows(vectors - vectors.mean(axis=0))
    near = nearest_documents(centred, neighbours=NEIGHBOURS)
    joined: Doubles = (1 - NEIGHBOUR_WEIGHT) * scores + NEIGHBOUR_WEIGHT * scores[near].mean(axis=1)
    return joined


def _same_things(channels: Sequence[str | None], codes: Sequence[CodeTexts]) -> Doubles:
    """Return n_requests × n_codes: 1 where the channel speaks for the feature, else 0."""
    ids = [code.id for code in codes]
    spoken = [SAME_THING.get(channel or "") for channel in channels]
    return np.array([[one == other for other in ids] for one in spoken], dtype=np.float64)


def _by_machine(request: FeatureRequest, coding: Coding, channel: str | None) -> CodedRequest:
    also = coding.code is not None and coding.margin < ALSO
    return CodedRequest(
        request.issue_key,
        request.framework,
        feature=coding.code,
        second_feature=coding.second if also else None,
        channel=channel,
        by="machine",
        firmness=coding.margin,
        nearest=coding.best,
        reason=coding.reason,
    )


def _by_person(request: FeatureRequest, answers: Answers, channel: str | None) -> CodedRequest:
    first, *others = answers[FEATURE] or (None,)
    said = answers.get(CHANNEL)
    return CodedRequest(
        request.issue_key,
        request.framework,
        feature=first,
        second_feature=others[0] if others else None,
        channel=channel if said is None else next(iter(said), None),
        by="person",
        firmness=None,
        nearest=None,
        reason=None if first else "no feature, says a person",
    )


def _refuse_repeated(requests: Sequence[FeatureRequest]) -> None:
    seen: set[str] = set()
    for request in requests:
        if request.issue_key in seen:
            raise InputError(
                "A request stands twice.", where=request.issue_key, fix="keep one of the two"
            )
        seen.add(request.issue_key)


def _refuse_unknown_answers(
    people: Mapping[str, Answers], features: Sequence[Code], channels: Sequence[Code]
) -> None:
    known = {FEATURE: features, CHANNEL: channels}
    for key, answers in sorted(people.items()):
        for variable, codes in known.items():
            ids = [code.id for code in codes]
            for code in answers.get(variable, ()):
                if code not in ids:
                    raise InputError(
                        f"A person's answer '{code}' is no {variable} of the codebook.",
                        where=key,
                        fix=f"code with the study's codebook; it has {', '.join(ids) or 'none'}",
                    )

"""Does the machine hear in a request what people hear? Cohen's κ for features and channels.

Judged by two coders of 100 embedded requests; texts are the embedded summaries, and all 320 are
coded together. Over all: the nearest feature counts where the machine abstained.

What was seen of whom: the codebook's words were written from what the frameworks document, and
after 160 of the other 220 requests had been read; these one person coded with the codebook, and
weights and thresholds were chosen on them. Of the judged 100 no text and no label was looked at,
but totals were, three times: once before the neighbours, the channel's say and the last thirty
examples, once after them, and once for the figures that stand in the documentation.

Beside it stand each feature's name and definition alone (cosine, the best one, as many abstained as
ours), and the crosswalk's scores of documents by themselves. Channels are found by words; likeness
to what the codebook says of them stands beside.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from artifacts.arrays import Doubles, Floats
from artifacts.intervals import Interval
from benchmarks.common import arguments, publish, table
from benchmarks.ours import encode_cached
from configs import package_path
from configs.codebook import Code, Codebook, read_codebook
from insights.usage.requests import (
    CHANNEL,
    FEATURE,
    FIRM,
    CodedRequest,
    FeatureRequest,
    channel_of,
    code_requests,
    features_in,
)
from taxonomy.guidance.codes import CodeTexts
from taxonomy.guidance.gold import kappa_figure
from taxonomy.guidance.scores import Coding, code_documents, own_scores
from taxonomy.types import Encode

CODERS = ("a", "b")
OURS, DEFINITION, ALONE = "ours", "nearest definition", "documents alone"
Answer = tuple[str, float]
"""The nearest code of a request, and how firm it is."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Ground:
    """All requests, those that people coded by their places, and what they said of each."""

    requests: list[FeatureRequest]
    vectors: Floats
    book: Codebook
    encode: Encode
    places: list[int]
    said: Mapping[tuple[str, str], list[str]]

    @property
    def texts(self) -> list[str]:
        """Return the texts of all requests."""
        return [request.text for request in self.requests]


def main() -> None:
    """Measure, print, and write what was measured."""
    options = arguments(__doc__ or "").parse_args()
    with tempfile.TemporaryDirectory() as cache:
        figures, tables = _measured(_ground(options.data, Path(cache)))
    publish("request_features", figures, tables, options.out)


def _ground(data: Path, cache: Path) -> Ground:
    encode = partial(encode_cached, folder=cache)
    lines = package_path("snapshots/feature-requests.jsonl").read_text("utf-8").splitlines()
    requests = [_request(json.loads(line)) for line in lines]
    with (data / "usage-2026" / "requests_two_coders.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    place = {request.issue_key: number for number, request in enumerate(requests)}
    return Ground(
        requests,
        encode([request.text for request in requests]),
        read_codebook(package_path("codebooks/framework-features.toml")),
        encode,
        [place[_key(row["repository"], row["number"])] for row in rows],
        {
            (variable, coder): [row[f"{variable}_{coder}"] for row in rows]
            for variable in (FEATURE, CHANNEL)
            for coder in CODERS
        },
    )


def _request(issue: Mapping[str, Any]) -> FeatureRequest:
    name = issue["repository"].split("/")[1].lower()
    return FeatureRequest(_key(issue["repository"], issue["number"]), name, issue["summary"])


def _key(repository: str, number: object) -> str:
    return f"name:{repository}#{number}".lower()


def _measured(ground: Ground) -> tuple[dict[str, Any], list[Table]]:
    found = {
        row.issue_key: row
        for row in code_requests(ground.requests, ground.vectors, ground.book, ground.encode)
    }
    ours = [found[ground.requests[place].issue_key] for place in ground.places]
    features = [row for coder in CODERS for row in _feature_rows(ground, ours, coder)]
    channels = [row for coder in CODERS for row in _channel_rows(ground, ours, coder)]
    people = {variable: _people(ground, variable) for variable in (FEATURE, CHANNEL)}
    counts = {variable: _counts(ground, ours, variable) for variable in (FEATURE, CHANNEL)}
    of_all = float(np.mean([row.feature is None for row in found.values()]))
    figures = {
        "features": features,
        "channels": channels,
        "coders with each other": people,
        "by code": counts,
        "abstained of all requests": of_all,
    }
    return figures, _tables(figures)


def _feature_rows(ground: Ground, ours: Sequence[CodedRequest], coder: str) -> list[Row]:
    codes = [CodeTexts.of(code) for code in features_in(ground.book)]
    n_coded = sum(row.feature is not None for row in ours)
    methods = {
        OURS: [(str(row.nearest), float(row.firmness or 0.0)) for row in ours],
        ALONE: _alone(ground, codes),
        DEFINITION: _by_definition(ground, codes),
    }
    kept = {name: _firmest(answers, n_coded) for name, answers in methods.items()}
    kept[OURS] = [number for number, row in enumerate(ours) if row.feature is not None]
    theirs = ground.said[FEATURE, coder]
    return [
        {
            "method": name,
            "coder": coder,
            "abstained": 1 - len(kept[name]) / len(answers),
            "kappa": _kappa(theirs, [code for code, _ in answers], kept[name]),
            "over all": _kappa(theirs, [code for code, _ in answers]),
        }
        for name, answers in methods.items()
    ]


def _alone(ground: Ground, codes: Sequence[CodeTexts]) -> list[Answer]:
    phrases = ground.encode([text for code in codes for text in code.texts])
    scores = own_scores(ground.texts, ground.vectors, codes, phrases)
    return _answers(ground, scores, phrases, codes)


def _by_definition(ground: Ground, codes: Sequence[CodeTexts]) -> list[Answer]:
    said = ground.encode([f"{code.name}: {code.definition}" for code in codes])
    return _answers(ground, (ground.vectors @ said.T).astype(np.float64), said, codes)


def _answers(
    ground: Ground, scores: Doubles, phrases: Floats, codes: Sequence[CodeTexts]
) -> list[Answer]:
    found: list[Coding] = code_documents(scores, ground.vectors, phrases, codes, wanted_margin=FIRM)
    return [(str(found[place].best), found[place].margin) for place in ground.places]


def _firmest(answers: Sequence[Answer], n: int) -> list[int]:
    return sorted(range(len(answers)), key=lambda number: -answers[number][1])[:n]


def _channel_rows(ground: Ground, ours: Sequence[CodedRequest], coder: str) -> list[Row]:
    theirs = ground.said[CHANNEL, coder]
    channels = ground.book.codes_of(CHANNEL)
    codes = [CodeTexts.of(code) for code in channels]
    phrases = ground.encode([text for code in codes for text in code.texts])
    scores = own_scores(ground.texts, ground.vectors, codes, phrases)[ground.places]
    methods = {
        "words": [str(row.channel) for row in ours],
        "likeness": [codes[best].id for best in scores.argmax(axis=1)],
        "one for all": [_commonest(ground, channels)] * len(ours),
    }
    return [
        {"method": name, "coder": coder, "kappa": _kappa(theirs, said)}
        for name, said in methods.items()
    ]


def _commonest(ground: Ground, channels: Sequence[Code]) -> str:
    counts = Counter(str(channel_of(text, channels)) for text in ground.texts)
    return max(sorted(counts), key=counts.__getitem__)


def _kappa(
    theirs: Sequence[str], ours: Sequence[str], kept: Sequence[int] | None = None
) -> list[float] | None:
    rows = range(len(theirs)) if kept is None else kept
    figure: Interval | None = kappa_figure(
        [theirs[row] for row in rows], [ours[row] for row in rows], 0
    )
    return None if figure is None else [figure.value, figure.low, figure.high]


def _people(ground: Ground, variable: str) -> list[float] | None:
    one, other = (ground.said[variable, coder] for coder in CODERS)
    return _kappa(one, other)


def _counts(ground: Ground, ours: Sequence[CodedRequest], variable: str) -> list[list[Any]]:
    """Return by code how often a coder says it, how often we do, and how often both."""
    theirs = ground.said[variable, CODERS[0]]
    said = [str(row.nearest if variable == FEATURE else row.channel) for row in ours]
    both = Counter(one for one, other in zip(theirs, said, strict=True) if one == other)
    one, other = Counter(theirs), Counter(said)
    return [[code, one[code], other[code], both[code]] for code in sorted(one | other)]


def _tables(figures: Mapping[str, Any]) -> list[Table]:
    interval = ["κ", "from", "to"]
    features = [
        [r["method"], r["coder"], r["abstained"], *_three(r["kappa"]), *_three(r["over all"])]
        for r in figures["features"]
    ]
    channels = [[r["method"], r["coder"], *_three(r["kappa"])] for r in figures["channels"]]
    people = [[name, *_three(value)] for name, value in figures["coders with each other"].items()]
    head = ["method", "coder", "abstained", *interval, "over all", "from", "to"]
    return [
        table("features", head, features),
        table("channels", ["method", "coder", *interval], channels),
        table("the coders with each other", ["variable", *interval], people),
        *(
            table(f"by {variable}", ["code", "coder a", "ours", "both"], rows)
            for variable, rows in figures["by code"].items()
        ),
        table(
            "without a feature",
            ["of all requests"],
            [[f"{figures['abstained of all requests']:.0%}"]],
        ),
    ]


def _three(values: Sequence[float] | None) -> list[float | None]:
    return [None, None, None] if values is None else list(values)


if __name__ == "__main__":
    main()

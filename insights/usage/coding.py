"""The feature requests of a study, coded by the features of frameworks, as an artifact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from artifacts.hashing import hash_value
from artifacts.manifest import Counts, Manifest, package_versions
from artifacts.progress import Progress
from artifacts.step import Content, Step
from artifacts.tables import write_table
from configs.codebook import Codebook
from configs.framework import Framework
from embeddings.build import count_texts, read_documents
from embeddings.cache import open_cache, vectors_of
from embeddings.encoder import plan_encoder
from embeddings.settings import VectorSettings
from insights.usage.requests import (
    CodedRequest,
    FeatureRequest,
    answers_of_people,
    code_requests,
    requests_table,
)
from labels.label_set import LabelSet
from mining.names import read_owners
from taxonomy.space import neighbours_in_key

KIND = "requests"
FILE = "requests.parquet"
VERSION = 1
"""Raised whenever the same requests and codebook would give other codes."""
OTHER_FRAMEWORK = "of a framework that the study does not look at"


@dataclass(frozen=True)
class CodingParts:
    """What requests are coded, by what.

    Attributes
    ----------
    texts_folder, snapshot_folder
        Of the issues.
    labels
        A set of labels in which people coded them, if there is one.
    """

    texts_folder: Path
    snapshot_folder: Path
    codebook: Codebook
    frameworks: Sequence[Framework]
    vectors_folder: Path
    vector_settings: VectorSettings
    labels: Path | None = None

    def people(self) -> dict[str, Mapping[str, tuple[str, ...]]]:
        """Return what people answered, by request."""
        if self.labels is None:
            return {}
        with LabelSet.open(self.labels, read_only=True) as labels:
            return {key: dict(codes) for key, codes in answers_of_people(labels).items()}


def requests_step(parts: CodingParts, *, progress: Progress) -> Step:
    """Return the step that says which feature each request asks for."""
    texts = Manifest.read(parts.texts_folder)
    n_texts, people = count_texts(parts.texts_folder), parts.people()
    repositories = {each.framework.repository.lower(): each.name for each in parts.frameworks}

    def find(_key: str) -> Content:
        progress.say("coding feature requests by the features of frameworks")
        asked, left_out = _requests(parts, repositories)
        plan = plan_encoder(parts.vector_settings, n_texts=n_texts)
        encode = partial(
            vectors_of, plan=plan, cache=open_cache(parts.vectors_folder, plan), progress=progress
        )
        texts = [request.text for request in asked]
        # An encoder wants at least one text.
        vectors = encode(texts) if texts else np.empty((0, 0), dtype=np.float32)
        coded = code_requests(asked, vectors, parts.codebook, encode, people)
        return Content(
            write=lambda folder: write_table(folder / FILE, requests_table(coded)),
            about={**plan.identity.in_manifest(), **_about(coded, left_out)},
        )

    return Step(
        kind=KIND,
        version=VERSION,
        depends_on={
            "texts": texts.content_hash,
            "codebook": parts.codebook.model_dump(mode="json"),
            "frameworks": repositories,
            "vectors": parts.vector_settings.in_key(n_texts),
            "labels": hash_value(people),
            **neighbours_in_key(n_texts),
        },
        inputs={texts.name: texts.content_hash},
        find=find,
    )


def _requests(
    parts: CodingParts, repositories: Mapping[str, str]
) -> tuple[list[FeatureRequest], int]:
    """Return the requests of the frameworks, and how many are of others."""
    owners = read_owners(parts.snapshot_folder)
    found, left_out = [], 0
    for key, text in sorted(read_documents(parts.texts_folder).items()):
        framework = repositories.get(owners.name(key.rpartition("#")[0]).lower())
        if framework is None:
            left_out += 1
        else:
            found.append(FeatureRequest(key, framework, text))
    return found, left_out


def _about(coded: Sequence[CodedRequest], left_out: int) -> dict[str, Any]:
    """Return what the manifest says of the codes."""
    why = Counter(request.reason or "" for request in coded if request.feature is None)
    dropped = {**why, **({OTHER_FRAMEWORK: left_out} if left_out else {})}
    n_coded = len(coded) - why.total()
    return {
        "packages": package_versions("numpy", "pyarrow", "scikit-learn"),
        "counts": {"requests": Counts.of(len(coded) + left_out, n_coded, dropped)},
        "facts": {"by_person": sum(request.by == "person" for request in coded)},
    }

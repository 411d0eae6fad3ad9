"""Small sets of labels, and coders at work in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from configs.codebook import Codebook
from labels.label_set import LabelSet, new_label_set
from labels.records import Document
from labels.waves import WaveDocument, open_wave

KINDS = ("tool", "library", "list", "course")


def kinds_book(**values: Any) -> Codebook:
    """Return a codebook with two variables: the kind, and for tools what they are for.

    ``values`` replace parts of it: ``variables`` or ``codes``.
    """
    codes = [
        {"id": kind, "variable": "kind", "name": kind.title(), "definition": f"It is a {kind}."}
        for kind in KINDS
    ]
    codes += [
        {"id": name, "variable": "use", "name": name.title(), "definition": f"For {name}."}
        for name in ("serving", "tracking", "data")
    ]
    base: dict[str, Any] = {
        "codebook": {"name": "kinds", "title": "Kinds", "version": 1},
        "variables": [
            {"id": "kind", "name": "Kind", "question": "What is it?"},
            {"id": "use", "name": "Use", "multiple": True, "only_if": {"kind": ["tool"]}},
        ],
        "codes": codes,
    }
    return Codebook.model_validate({**base, **values})


def some_documents(n: int) -> list[Document]:
    """Return ``n`` documents with short texts."""
    return [
        Document(
            key=f"name:org/repo-{number:03}",
            title=f"org/Repo-{number:03}",
            text=f"# Repo {number}\n\nThis is the text of number {number}.",
            url=f"https://example.org/{number}",
            labels=("mlops", f"label-{number}"),
            facts={"stars": f"{number}"},
        )
        for number in range(n)
    ]


def label_set(
    path: Path,
    *,
    codebook: Codebook,
    documents: Sequence[Document],
    coders: Mapping[str, frozenset[str] | None],
    seed: int = 1,
) -> LabelSet:
    """Make and open a set of labels with one wave, ``w1``; no coders: whoever comes codes all."""
    drawn = [WaveDocument(each, "all") for each in documents]
    with new_label_set(path, codebook, coder="ada") as labels:
        open_wave(labels, "w1", drawn, coder="ada", coders=coders, design={}, seed=seed)
    return LabelSet.open(path)

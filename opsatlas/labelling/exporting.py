"""Labels written for other tools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from artifacts.errors import InputError
from artifacts.files import refuse_existing
from artifacts.locks import writing
from labels.exchange.bundle import Bundle
from labels.label_set import LabelSet
from labels.records import same_name
from labels.results import coded_items
from labels.waves import closed_waves, wave_named
from opsatlas.labelling.importing import format_named


def export(
    labels: LabelSet,
    path: Path,
    file_format: str | None,
    waves: Sequence[str] | None,
    coder: str | None,
) -> int:
    """Write what coders said, and adjudication; return how many codings the file holds.

    One coder's codings can be written at any time; those of all only once their wave is closed.

    Raises
    ------
    InputError
        If the file is there, or is called as one of another format, a wave is open, or the coder
        coded nothing.
    """
    refuse_existing(path)
    coder = coder and same_name(coder)
    kind = format_named(file_format, path)
    kind.check_name(path)
    if coder is None:
        chosen = closed_waves(labels, waves)
    else:
        chosen = [wave_named(labels, name) for name in waves or labels.state.waves]
    items = [item for item in coded_items(labels, chosen) if coder in (None, item.coder)]
    if coder is not None and not items:
        there = ", ".join(labels.coders()) or "nobody yet"
        raise InputError(f"'{coder}' coded nothing.", fix=f"coders: {there}")
    documents = tuple(labels.document(item) for wave in chosen for item in wave.items)
    bundle = Bundle(labels.name, labels.book.codebook(), documents, tuple(items))
    with writing(path):
        refuse_existing(path)
        kind.write(bundle, path)
    return len(items) if kind.read_into else 0

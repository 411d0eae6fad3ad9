"""The agreement in a set of labels."""

from __future__ import annotations

from collections.abc import Sequence

from labels.agreement.report import measure
from labels.agreement.results import Report, Settings
from labels.label_set import LabelSet
from labels.results import coded_by_version, coded_variables
from labels.waves import closed_waves


def agreement(
    labels: LabelSet, waves: Sequence[str] | None, *, seed: int, resamples: int
) -> Report:
    """Return how far the coders of closed waves agree.

    The coefficient that counts is the one that was named as the set was made. Labels are read
    under the present codebook; those of each version, as they were given then.

    Raises
    ------
    InputError
        If a wave is open, or nobody coded anything.
    """
    chosen = closed_waves(labels, waves)
    named = labels.named
    settings = Settings(
        seed=seed,
        named=None if named is None else named.coefficient,
        threshold=None if named is None else named.threshold,
        resamples=resamples,
    )
    # The log counts versions from 1; people, from that of the codebook's file.
    ahead = labels.book.head.version - 1
    by_version = coded_by_version(labels, chosen) if labels.state.changes else {}
    return measure(
        coded_variables(labels, chosen),
        by_version={version + ahead: coded for version, coded in by_version.items()},
        settings=settings,
    )

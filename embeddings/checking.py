"""Whether an encoder works on this machine, and how fast."""

from __future__ import annotations

import time
from collections.abc import Iterator

from artifacts.checks import CheckResult, works
from artifacts.progress import Progress
from embeddings.encoder import EncoderPlan, plan_encoder
from embeddings.models import KNOWN_MODELS
from embeddings.settings import FEW_TEXTS, VectorSettings

PROBE_S = 0.5
PROBE_TEXTS = tuple(f"Deploys, versions and watches models of kind {n}." for n in range(32))


def check_encoder(settings: VectorSettings, progress: Progress) -> Iterator[CheckResult]:
    """Yield whether the encoder of some settings can be used, and how fast it is here.

    Where more texts would be encoded in another number format, it is tried in both.
    """
    plan, of_many = (plan_encoder(settings, n_texts=n) for n in (0, FEW_TEXTS + 1))
    if plan.files is None:
        yield works("encoder", f"{plan.identity.model}: it needs no model")
        return
    is_known = settings.sha256 is not None or plan.files.name in KNOWN_MODELS or plan.files.commit
    judged = "as expected" if is_known else "not checked: give its sha256 in the study"
    at = f", commit {plan.files.commit[:12]}…" if plan.files.commit else ""
    said = f"{plan.identity.model}{at}; SHA-256 {plan.files.sha256[:12]}…, {judged}"
    yield works("encoder", said)
    progress.say("trying the encoder")
    said = _speed(plan)
    if of_many.identity.dtype != plan.identity.dtype:
        said += f"; for more than {FEW_TEXTS:,} texts {_speed(of_many)}"
    yield works("device", said)


def _speed(plan: EncoderPlan) -> str:
    each_s = _texts_a_second(plan)
    return f"{plan.device} in {plan.identity.dtype}: about {each_s:,.0f} short texts a second"


def _texts_a_second(plan: EncoderPlan) -> float:
    """Return how many texts an encoder takes in a second, once it is loaded and warm."""
    plan.encode(PROBE_TEXTS[:8])
    started, n_texts = time.perf_counter(), 0
    while time.perf_counter() < started + PROBE_S:
        plan.encode(PROBE_TEXTS)
        n_texts += len(PROBE_TEXTS)
    return n_texts / (time.perf_counter() - started)

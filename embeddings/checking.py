"""Whether an encoder works on this machine, and how fast."""

from __future__ import annotations

import time
from collections.abc import Iterator

from artifacts.checks import CheckResult, works
from artifacts.progress import Progress
from embeddings.encoder import EncoderPlan, plan_encoder
from embeddings.models import KNOWN_MODELS
from embeddings.settings import VectorSettings

PROBE_S = 0.5
PROBE_TEXTS = tuple(f"Deploys, versions and watches models of kind {n}." for n in range(32))


def check_encoder(settings: VectorSettings, progress: Progress) -> Iterator[CheckResult]:
    """Yield whether the encoder of some settings can be used, and how fast it is here."""
    plan = plan_encoder(settings)
    if plan.files is None:
        yield works("encoder", f"{plan.identity.model}: it needs no model")
        return
    is_known = settings.sha256 is not None or plan.files.name in KNOWN_MODELS
    judged = "as expected" if is_known else "not checked: give its sha256 in the study"
    said = f"{plan.identity.model}; SHA-256 of its weights {plan.files.sha256[:12]}…, {judged}"
    yield works("encoder", said)
    progress.say("trying the encoder")
    each_s = _texts_a_second(plan)
    said = f"{plan.device} in {plan.identity.dtype}: about {each_s:,.0f} short texts a second"
    yield works("device", said)


def _texts_a_second(plan: EncoderPlan) -> float:
    """Return how many texts an encoder takes in a second, once it is loaded and warm."""
    plan.encode(PROBE_TEXTS[:8])
    started, n_texts = time.perf_counter(), 0
    while time.perf_counter() < started + PROBE_S:
        plan.encode(PROBE_TEXTS)
        n_texts += len(PROBE_TEXTS)
    return n_texts / (time.perf_counter() - started)

"""Two taxonomies compared: `compare` is all that the outside needs."""

from __future__ import annotations

import numpy as np

from artifacts.progress import Progress
from taxonomy.lineage.checks import check_sides
from taxonomy.lineage.events import Judge, candidates
from taxonomy.lineage.exchange import exchange
from taxonomy.lineage.ground import Ground, lay_ground
from taxonomy.lineage.growth import Floors, flows, growth, moves
from taxonomy.lineage.links import links, read_links
from taxonomy.lineage.noise_floor import STATISTICS, Reruns, rerun
from taxonomy.lineage.settings import LineageSettings
from taxonomy.lineage.values import Lineage, NoiseFloor, Side


def compare(
    earlier: Side, later: Side, *, settings: LineageSettings, progress: Progress
) -> Lineage:
    """Compare two taxonomies of one study: links, events and growth, each against noise.

    Raises
    ------
    InputError
        If the two cannot be compared; see `taxonomy.lineage.checks`.
    """
    check_sides(earlier, later)
    progress.say(f"linking {earlier.name} and {later.name}")
    ground = lay_ground(earlier, later)
    readings = read_links(ground, settings)
    progress.say("measuring the noise floor")
    reruns = tuple(
        rerun(ground.codes[s], len(side.nodes), ground.points[s], side.resampled)
        for s, side in enumerate(ground.sides)
    )
    both = (reruns[0], reruns[1])
    exchanged = exchange(ground, n=settings.shuffles, seed=settings.seed)
    judge = Judge(ground, both, exchanged, settings)
    events = judge.judge(candidates(ground, readings))
    found_links = links(ground, readings)
    continuation = {link.earlier: link.later for link in found_links if link.is_assigned}
    found_moves = moves(ground, continuation)
    return Lineage(
        earlier=earlier.name,
        later=later.name,
        layer=earlier.layer,
        links=found_links,
        events=events,
        growth=growth(ground, found_moves, continuation, Floors(both, exchanged, events), settings),
        moves=found_moves,
        flows=flows(found_moves),
        floor=_floor(ground, both, settings),
    )


def _floor(ground: Ground, reruns: tuple[Reruns, Reruns], settings: LineageSettings) -> NoiseFloor:
    spread = {
        f"{statistic} {name}": reruns[s].spread(statistic)
        for statistic in STATISTICS
        for s, name in enumerate(("earlier", "later"))
    }
    return NoiseFloor(
        n_resamples=(len(ground.sides[0].resampled), len(ground.sides[1].resampled)),
        agreement=(reruns[0].agreement, reruns[1].agreement),
        observed_agreement=_agreement(ground),
        spread=spread,
        n_shuffles=settings.shuffles,
    )


def _agreement(ground: Ground) -> float | None:
    from sklearn.metrics import adjusted_mutual_info_score

    if len(ground.common) == 0:
        return None
    labels = [ground.codes[s][ground.common[:, s]] for s in (0, 1)]
    return float(np.asarray(adjusted_mutual_info_score(*labels)))

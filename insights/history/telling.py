"""All that is known of the histories of a population of tools."""

from __future__ import annotations

from artifacts.progress import Progress
from insights.history.build import HistoryParts
from insights.history.changes import change_points
from insights.history.concentration import concentrations
from insights.history.cycle import cycle_positions
from insights.history.figures import Separation
from insights.history.growth import growth
from insights.history.health import health_signals
from insights.history.history import History, PopulationFigures
from insights.history.population import HistoryPopulation
from insights.history.returns import transitions
from insights.history.separation import separations
from insights.history.shares import family_shares, members_of
from insights.history.stages import lifecycles, stage_counts
from insights.history.survival import survival
from insights.history.together import tools_together
from insights.history.tools import tool_months, tool_rows


def history_of(population: HistoryPopulation, parts: HistoryParts, progress: Progress) -> History:
    """Return what is known of the histories of a population; `parts.snapshot` is not read."""
    settings = parts.settings
    progress.say(f"telling the stages of the tools of {population.snapshot}")
    lives = lifecycles(population, settings)
    signals = health_signals(population, lives)
    changes = change_points(population, seed=settings.seed)
    progress.say(f"fitting the growth of {population.snapshot}")
    grown = growth(population, settings)
    unequal = concentrations(population, seed=settings.seed)
    progress.say(f"estimating how long the tools of {population.snapshot} last")
    lasting = survival(population, settings)
    progress.say(f"counting what goes together in {population.snapshot}")
    together = tools_together(population, parts.named)
    return History(
        snapshot=population.snapshot,
        population=PopulationFigures.of(population),
        tools=tool_rows(population, lives, signals),
        tool_months=tool_months(population),
        spells=tuple(spell for life in lives.values() for spell in life.spells),
        change_points=changes,
        months=grown.months,
        fits=grown.fits,
        fitted=grown.fitted,
        verdicts=grown.verdicts,
        concentration=unequal.figures,
        lorenz=unequal.curves,
        stages=stage_counts(population, lives),
        cycle=cycle_positions(population, settings),
        curves=lasting.curves,
        survival=lasting.figures,
        log_rank=lasting.tests,
        transitions=transitions(population, lives),
        shares=family_shares(population, parts.families, settings),
        separation=_separated(population, parts),
        items=together.items,
        pairs=together.pairs,
        signals=signals,
    )


def _separated(population: HistoryPopulation, parts: HistoryParts) -> tuple[Separation, ...]:
    """Return how families separate in the taxonomy; nothing where there is none."""
    placed, families = parts.placed, parts.families
    if placed is None or not families.apart:
        return ()
    return separations(
        members_of(population, families, searched=parts.searched),
        placed.topic_of,
        placed.vectors(),
        placed.keys,
        families.apart,
        seed=parts.settings.seed,
        smallest=parts.settings.smallest_group,
    )

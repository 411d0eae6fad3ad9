"""What is known of the histories of a snapshot's tools, as an artifact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from insights.history import rows

KIND: Final = "history"
FOLDER: Final = "insights/history"
VERSION: Final = 1
"""Raised whenever the same snapshot and settings would give other figures."""

TABLES: Final[Mapping[str, type[Any]]] = {
    "tools": rows.ToolRow,
    "tool-months": rows.ToolMonth,
    "spells": rows.StageSpell,
    "change-points": rows.ChangePoint,
    "months": rows.MonthCount,
    "fits": rows.GrowthFit,
    "fitted": rows.FittedMonth,
    "verdicts": rows.GrowthVerdict,
    "concentration": rows.Concentration,
    "lorenz": rows.LorenzPoint,
    "stages": rows.StageCount,
    "cycle": rows.CyclePosition,
    "curves": rows.SurvivalPoint,
    "survival": rows.SurvivalFigure,
    "log-rank": rows.SurvivalTest,
    "transitions": rows.Transition,
    "shares": rows.FamilyShare,
    "separation": rows.Separation,
    "items": rows.StackItem,
    "pairs": rows.ItemPair,
    "signals": rows.HealthSignal,
}
"""Class of the rows of each table, by the name of its file."""

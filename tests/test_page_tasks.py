"""What a practitioner comes for, walked through on the page by clicks."""

from __future__ import annotations

from pathlib import Path

from mined_study import ANSWER, ASKED, DRIFT_TOOLS, GROWN, TOOLS

from insights.history.history import read_history
from mining.snapshots import load_table


def test_the_field_is_what_it_was_made_to_be(mined_study: Path) -> None:
    """Each tool has its stage by the pipeline's own rules; and what users asked for is there."""
    history = read_history(next((mined_study / "insights" / "history").iterdir()))
    found = {tool.full_name: tool for tool in history.tools}
    stages = {name: tool.stage for name, tool in found.items()}
    ends = {"archived": "dead", "unknown": None}
    assert stages == {tool.full_name: ends.get(tool.life, tool.life) for tool in TOOLS}
    assert len(ANSWER) == 3
    for tool in DRIFT_TOOLS:
        assert (found[tool.full_name].people is not None) == tool.is_cloned
    issues = load_table(mined_study / "snapshots" / GROWN, "issues")
    assert issues.num_rows == sum(ASKED.values())

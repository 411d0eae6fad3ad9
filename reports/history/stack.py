"""An opinionated workflow as others use it: what goes with what one has, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.tables import Table, plain

if TYPE_CHECKING:
    from insights.history.stacks import Stack


def stack_parts(stack: Stack) -> list[Table | str]:
    """Return what a terminal shows of a stack: each step in a sentence, and why it ends."""
    steps = [f"{place}. {step.sentence}." for place, step in enumerate(stack.steps, 1)]
    have = " and ".join(stack.have)
    head = f"Those who use {have}:" if steps else f"From {have} there is no step."
    skipped = [f"Left out: {each.item} ({each.why})." for each in stack.skipped]
    stopped = f"{stack.stopped[:1].upper()}{stack.stopped[1:]}."
    whose = f"By {stack.source}." if stack.source else ""
    blocks = ["\n".join([head, *steps]), "\n".join(skipped), stopped, whose]
    return [block for block in blocks if block]


def stack_values(stack: Stack) -> dict[str, Any]:
    """Return what `stack_parts` says as JSON-compatible values."""
    values: dict[str, Any] = plain(stack)
    return values

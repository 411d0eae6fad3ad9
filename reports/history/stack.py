"""A workflow, as others have it: what goes with what one has, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reports.tables import Table, plain

if TYPE_CHECKING:
    from insights.history.stacks import Stack

NO_PROOF: Final = (
    "Who names two tools as topics of one repository says what it is about; whether they are used "
    "together by its owner was not seen."
)


def stack_parts(stack: Stack) -> list[Table | str]:
    """Return what a terminal shows of a stack: each step in a sentence, and why it ends."""
    steps = [f"{place}. {step.sentence(stack.verb)}." for place, step in enumerate(stack.steps, 1)]
    have = " and ".join(stack.have)
    head = f"Owners who {stack.verb} {have}:" if steps else f"From {have} there is no step."
    skipped = [f"Left out: {each.item} ({each.why})." for each in stack.skipped]
    stopped = f"{stack.stopped[:1].upper()}{stack.stopped[1:]}."
    whose = f"By {stack.source}." if stack.source else ""
    if stack.verb == "named":
        whose = f"{whose} {NO_PROOF}".lstrip()
    blocks = ["\n".join([head, *steps]), "\n".join(skipped), stopped, whose]
    return [block for block in blocks if block]


def stack_values(stack: Stack) -> dict[str, Any]:
    """Return what `stack_parts` says as JSON-compatible values."""
    values: dict[str, Any] = plain(stack)
    return values

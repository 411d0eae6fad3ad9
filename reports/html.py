"""What every page stands on: its assets, its templates, and a policy that forbids every request."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined


def asset(name: str) -> str:
    """Return a template, style or script of the pages."""
    return resources.files("reports").joinpath("assets", name).read_text(encoding="utf-8")


def environment() -> Environment:
    """Return the environment of the templates: it escapes texts, and refuses what is not given."""
    made = Environment(
        loader=FunctionLoader(asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["thousands"] = lambda value: f"{value:,}"
    made.filters["decimals"] = lambda value: f"{value:.2f}"
    return made


def policy(scripts: Sequence[str]) -> str:
    """Return the policy that lets these scripts run, by hash, and forbids every request."""
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        f"img-src data:; base-uri 'none'; form-action 'none'"
    )

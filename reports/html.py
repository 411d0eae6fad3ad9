"""What every page stands on: its assets, its templates, and a policy that forbids every request."""

from __future__ import annotations

import base64
import hashlib
import re
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
    made.filters["css_text"] = css_text
    made.filters["place"] = lambda value: f"{value:g}"
    made.filters["decimals"] = lambda value: f"{value:.2f}"
    return made


def css_text(text: str) -> str:
    """Return a text as CSS has it; whatever is no letter or digit is escaped, and ends nothing."""
    return "'" + re.sub(r"[^A-Za-z0-9]", lambda found: f"\\{ord(found[0]):x} ", text) + "'"


def script_hashes(scripts: Sequence[str]) -> str:
    """Return the hashes of scripts as a policy lists them."""
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def policy(scripts: Sequence[str], *, more: str = "") -> str:
    """Return the policy that lets these scripts run, by hash, and forbids every request.

    Parameters
    ----------
    more
        Further sources of scripts, as a policy lists them.
    """
    allowed = " ".join(filter(None, [script_hashes(scripts), more]))
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        f"img-src data:; base-uri 'none'; form-action 'none'"
    )

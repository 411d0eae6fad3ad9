"""The page of a comparison alone: one HTML file with all that it needs, and no network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from artifacts.manifest import Manifest
from reports.comparison.inputs import ShownComparison
from reports.comparison.views import changes_view
from reports.data import clean
from reports.html import asset, environment, policy
from reports.palette import hue_rules
from reports.provenance import stages


def render_lineage(
    shown: ShownComparison, *, title: str, manifests: Sequence[Manifest], version: str
) -> str:
    """Return the page as HTML: equal comparisons give equal text, but for clocks in manifests.

    Parameters
    ----------
    title
        Of the study.
    manifests
        Of all that went in, in the order of making.
    """
    script = asset("changes.js") + asset("lineage.js")
    return (
        _environment()
        .get_template("lineage.html.j2")
        .render(
            title=clean(title),
            changes=changes_view(shown),
            stages=stages(manifests),
            version=version,
            style=Markup(asset("page.css") + asset("changes.css") + hue_rules()),
            script=Markup(script),
            policy=policy([script]),
        )
    )


@cache
def _environment() -> Environment:
    return environment()

"""Read Python that stands in a file of a repository."""

from __future__ import annotations

from usage.catalog import Catalog
from usage.python.project import Project
from usage.uses import Found, LineLabel, Place


def python_uses(
    text: str,
    *,
    at: LineLabel,
    place: Place,
    catalog: Catalog,
    project: Project,
    how: str = "",
) -> Found:
    """Return the uses in Python that stands somewhere in a file.

    Parameters
    ----------
    at
        Turns lines of ``text``, from 1, into lines of the file.
    project
        Of the repository and the same catalog: what own modules hand on.
    how
        What goes before ``how`` of each use: ``heredoc:``, ``template:``.
    """
    return project.read(text, at, place, how)

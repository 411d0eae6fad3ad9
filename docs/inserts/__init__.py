"""What stands in the manual's pages from the code, made anew whenever they are built.

A page asks for it by a line of its own: ``<!-- insert: NAME -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from docs.inserts import api, commands, errors, formats, settings

INSERTS: Mapping[str, Callable[[], str]] = {
    "api": api.public_names,
    "columns": formats.import_columns,
    "commands": commands.every_command,
    "codebook": settings.codebook_file,
    "ends": settings.ends,
    "errors": errors.every_error,
    "exit-codes": errors.exit_codes,
    "families": settings.families_file,
    "labels": formats.label_tables,
    "manifest": formats.manifest,
    "script": settings.coding_script,
    "settling": settings.settling_script,
    "stage-rules": settings.stage_rules,
    "study": settings.study_file,
    "tables": formats.every_table,
}
_LINE = re.compile(r"^<!-- insert: ([a-z-]+) -->$", re.MULTILINE)


def asked_for(markdown: str) -> list[str]:
    """Return the names of the inserts that a page asks for."""
    return _LINE.findall(markdown)


def fill(markdown: str) -> str:
    """Return a page with what it asks for.

    Raises
    ------
    KeyError
        If there is no insert of that name.
    """
    return _LINE.sub(lambda found: INSERTS[found[1]](), markdown)

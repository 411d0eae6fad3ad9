"""The file of people's decisions about a taxonomy: TOML that survives every rebuild.

It lies beside the taxonomy's folder (``taxonomies/NAME.overrides.toml``), because the folder is
replaced when the taxonomy is built again, and may be deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import tomli_w
from pydantic import Field, TypeAdapter, ValidationError

from artifacts.errors import ArtifactError, InputError
from artifacts.explaining import first_fault
from artifacts.files import write_text
from artifacts.locks import MOMENT_S, writing
from artifacts.notation import read_toml
from taxonomy.decisions.decisions import VERSION, AnyDecision, Log

SUFFIX = ".overrides.toml"
HEADER = """\
# What people decided about the taxonomy {taxonomy}. Written by `opsatlas`; keep it with
# your study. Entries name nodes by the keys of their documents, so they survive a rebuild.
"""
_ENTRY: TypeAdapter[AnyDecision] = TypeAdapter(
    Annotated[AnyDecision, Field(discriminator="action")]
)


def overrides_path(folder: Path) -> Path:
    """Return where the decisions about the taxonomy in ``folder`` are kept."""
    return folder.parent / f"{folder.name}{SUFFIX}"


def read_log(folder: Path) -> Log:
    """Read the decisions about the taxonomy in ``folder``; an empty log where there are none.

    Raises
    ------
    InputError
        If the file is not TOML, or holds what is not allowed; says file and line.
    ArtifactError
        If it was written by a newer version, or is about another taxonomy.
    """
    path = overrides_path(folder)
    if not path.exists():
        return Log(taxonomy=folder.name)
    values, text = read_toml(
        path,
        what="The file of people's decisions",
        error=InputError,
        fix="mend that line, or restore the file from a copy",
    )
    _refuse_other(values, folder.name, path)
    return checked_log(values, text, path)


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Be the only one, for a moment, who changes what people decided, or the taxonomy itself."""
    with writing(folder.parent, patience_s=MOMENT_S):
        yield


def write_log(folder: Path, log: Log) -> None:
    """Write the decisions about the taxonomy in ``folder``, whole or not at all."""
    write_text(overrides_path(folder), as_toml(log))


def as_toml(log: Log) -> str:
    """Return the text of the file: what is short comes first in each entry."""
    values = {
        "version": log.version,
        "taxonomy": log.taxonomy,
        "decisions": [_entry(decision) for decision in log.decisions],
    }
    return HEADER.format(taxonomy=log.taxonomy) + tomli_w.dumps(values)


def _entry(decision: AnyDecision) -> dict[str, Any]:
    values = decision.model_dump(mode="python", exclude_none=True)
    first = {name: values.pop(name) for name in ("id", "action", "layer")}
    anchors = {"anchors": values.pop("anchors")}
    return {
        name: _plain(value) for name, value in (first | values | anchors).items() if value != ()
    }


def _plain(value: Any) -> Any:
    """Return the value in the types that TOML has."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


def _refuse_other(values: dict[str, Any], name: str, path: Path) -> None:
    version = values.get("version")
    if isinstance(version, int) and version > VERSION:
        raise ArtifactError(
            f"People's decisions have version {version}; this opsatlas knows version {VERSION}.",
            where=str(path),
            fix="use the opsatlas that wrote them",
        )
    other = values.get("taxonomy")
    if isinstance(other, str) and other != name:
        raise ArtifactError(
            f"These decisions are about the taxonomy {other}, not {name}.",
            where=str(path),
            fix=f"put the file beside that taxonomy, or, to carry the decisions over, set "
            f'taxonomy = "{name}" in it: what finds no like node is listed as lost',
        )


def checked_log(values: dict[str, Any], text: str, path: Path) -> Log:
    """Return the log that the values of a TOML text hold; raise `InputError` with their line."""
    values = dict(values)
    entries = values.pop("decisions", [])
    if not isinstance(entries, list):
        raise InputError("decisions must be tables, each headed [[decisions]].", where=str(path))
    try:
        head = Log.model_validate(values)
    except ValidationError as error:
        raise _explained(error, str(path)) from None
    if head.version != VERSION:
        raise InputError(f"There is no version {head.version}.", where=f"{path}, version")
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "[[decisions]]"]
    decisions: list[AnyDecision] = []
    for number, entry in enumerate(entries):
        line = f", line {lines[number]}" if number < len(lines) else ""
        where = f"{path}{line}, entry {number + 1}"
        try:
            decision = _ENTRY.validate_python(entry)
        except ValidationError as error:
            raise _explained(error, where) from None
        if decision.id <= max((each.id for each in decisions), default=0):
            raise InputError(f"The id {decision.id} does not count up.", where=where)
        decisions.append(decision)
    return head.model_copy(update={"decisions": tuple(decisions)})


def _explained(error: ValidationError, where: str) -> InputError:
    fault = first_fault(error)
    if fault.kind in ("union_tag_invalid", "union_tag_not_found"):
        given = fault.context.get("tag")
        actions = fault.context.get("expected_tags", "")
        what = f"There is no action '{given}'." if given else "The entry has no action."
        return InputError(what, where=where, fix=f"known: {actions}" if actions else "add it")
    return InputError(
        f"People's decisions cannot be used: {fault}.",
        where=where,
        fix="mend the entry, or restore the file from a copy",
    )

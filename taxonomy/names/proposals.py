"""Names that a service proposed, kept beside those made from the documents; which are shown.

They lie beside the taxonomy's folder (``taxonomies/NAME.proposals.json``), because the folder is
replaced when the taxonomy is built again. A name means the node whose documents it was made for,
and follows it while at least half of them are still its documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from artifacts.errors import ArtifactError, InputError
from artifacts.explaining import first_fault
from artifacts.files import write_text
from artifacts.words import LAYERS, Layer
from taxonomy.decisions.decision_file import changing
from taxonomy.decisions.draft import FOLLOWED, jaccard
from taxonomy.names.candidates import name_key
from taxonomy.names.naming import Names, read_names
from taxonomy.nodes import AnyNode, Node
from taxonomy.taxonomy import Taxonomy

SUFFIX = ".proposals.json"
VERSION = 1
LONGEST = 60
"""Characters of the longest name that may be proposed."""

NameSource = Literal["documents", "service"]


class Proposal(BaseModel):
    """A name for the node of a layer that holds these documents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layer: Layer
    name: str = Field(min_length=1, max_length=LONGEST)
    members: tuple[str, ...] = Field(min_length=1)


class Proposals(BaseModel):
    """All names that one service proposed for a taxonomy.

    Attributes
    ----------
    shown
        Which names are shown: these, or those made from the documents.
    endpoint, model, asked_at
        Who proposed them, and when.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = VERSION
    taxonomy: str
    shown: NameSource
    endpoint: str
    model: str
    asked_at: datetime
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True)
class Matched:
    """Proposals with the nodes that they mean now.

    Attributes
    ----------
    names
        Proposed name by layer and node number.
    lost
        Proposals that mean no node any more, or whose name another node has by now.
    """

    names: dict[tuple[Layer, int], str]
    lost: tuple[Proposal, ...]


def proposals_path(folder: Path) -> Path:
    """Return where the proposals for the taxonomy in ``folder`` are kept."""
    return folder.parent / f"{folder.name}{SUFFIX}"


def read_proposals(folder: Path) -> Proposals | None:
    """Read the proposals for the taxonomy in ``folder``; None where there are none.

    Raises
    ------
    InputError
        If the file cannot be read or holds what is not allowed.
    ArtifactError
        If it is of another version, or about another taxonomy.
    """
    path = proposals_path(folder)
    fix = "restore the file from a copy, or delete it: the names are asked for again"
    try:
        found = Proposals.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"The proposed names cannot be read: {error}.", where=str(path)) from error
    except ValidationError as error:
        what = f"The proposed names cannot be used: {first_fault(error)}."
        raise InputError(what, where=str(path), fix=fix) from None
    if found.version != VERSION:
        raise ArtifactError(
            f"The proposed names have version {found.version}; known is {VERSION}.",
            where=str(path),
            fix="use the opsatlas that wrote them, or delete the file",
        )
    if found.taxonomy != folder.name:
        raise ArtifactError(
            f"These names are proposed for the taxonomy {found.taxonomy}, not {folder.name}.",
            where=str(path),
            fix=fix,
        )
    return found


def write_proposals(folder: Path, proposals: Proposals) -> None:
    """Write the proposals for the taxonomy in ``folder``, whole or not at all."""
    write_text(proposals_path(folder), proposals.model_dump_json(indent=2) + "\n")


def match(shown: Taxonomy, proposals: Proposals) -> Matched:
    """Find the node that each proposal means: the most like one, each node once."""
    names: dict[tuple[Layer, int], str] = {}
    met: set[int] = set()
    for layer in LAYERS:
        members = shown.members_of(layer)
        likeness = sorted(
            (-like, number, node)
            for number, proposal in enumerate(proposals.proposals)
            if proposal.layer == layer
            for node, keys in members.items()
            if (like := jaccard(proposal.members, keys)) >= FOLLOWED
        )
        for _, number, node in likeness:
            if number not in met and (layer, node) not in names:
                names[layer, node] = proposals.proposals[number].name
                met.add(number)
        met -= _clashing(shown, layer, names, proposals)
    lost = [p for number, p in enumerate(proposals.proposals) if number not in met]
    return Matched(names, tuple(lost))


def _clashing(
    shown: Taxonomy,
    layer: Layer,
    names: dict[tuple[Layer, int], str],
    proposals: Proposals,
) -> set[int]:
    """Take names back that nodes without a proposal have, and return the proposals' numbers."""
    gone: set[int] = set()
    while True:
        others = {name_key(n.name) for n in shown.nodes(layer) if (layer, n.number) not in names}
        clash = [at for at, name in names.items() if at[0] == layer and name_key(name) in others]
        if not clash:
            return gone
        for at in clash:
            name = names.pop(at)
            gone |= {
                number
                for number, p in enumerate(proposals.proposals)
                if p.layer == layer and p.name == name
            }


def apply_proposals(shown: Taxonomy, proposals: Proposals | None) -> Taxonomy:
    """Return the taxonomy with the proposed names, if these are to be shown."""
    if proposals is None or proposals.shown == "documents":
        return shown
    names = match(shown, proposals).names
    return replace(
        shown,
        topic_nodes=tuple(_renamed(topic, names) for topic in shown.topic_nodes),
        category_nodes=tuple(_renamed(category, names) for category in shown.category_nodes),
    )


def _renamed(node: AnyNode, names: Mapping[tuple[Layer, int], str]) -> AnyNode:
    name = names.get((node.layer, node.number))
    return node if name is None else replace(node, name=name, named_by="service")


def problem_of(name: object, taken: set[str]) -> str | None:
    """Return what is wrong with a proposed name, or None; ``taken`` are keys of other names."""
    if not isinstance(name, str) or not name.strip():
        return "the name is empty"
    if len(name) > LONGEST:
        return f"the name has {len(name)} characters; {LONGEST} are the most"
    if not name.isprintable() or name != " ".join(name.split()):
        return f"the name is not one plain line: {name!r}"
    if not name_key(name):
        return f"the name has no words: {name!r}"
    if name_key(name) in taken:
        return f"the name is another node's already: {name!r}"
    return None


def anchored(node: Node, name: str, members: list[str]) -> Proposal:
    """Return a proposal for a node, anchored to its documents."""
    return Proposal(layer=node.layer, name=name, members=tuple(sorted(members)))


@dataclass(frozen=True)
class Named:
    """A taxonomy with all names that its nodes have.

    Attributes
    ----------
    found
        As it was found, with the names made from the documents.
    shown
        As people see it.
    names
        What the names made from the documents rest on.
    proposals, matched
        Names that a service proposed, and whose they are now; None where it was never asked.
    """

    found: Taxonomy
    shown: Taxonomy
    names: Names
    proposals: Proposals | None
    matched: Matched | None


def current(folder: Path) -> Named:
    """Return the names of the taxonomy in ``folder`` as they are now."""
    shown = Taxonomy.open(folder)
    proposals = shown.proposals
    matched = None if proposals is None else match(shown.found, proposals)
    return Named(shown.found, shown, read_names(folder), proposals, matched)


def switch(folder: Path, shown: NameSource) -> None:
    """Show the names of a service, or those made from the documents, from now on.

    Raises
    ------
    InputError
        If there are no names of a service to show.
    """
    with changing(folder):
        proposals = read_proposals(folder)
        if proposals is not None:
            write_proposals(folder, proposals.model_copy(update={"shown": shown}))
        elif shown == "service":
            raise InputError(
                "No service has proposed names.",
                where=str(proposals_path(folder)),
                fix="ask one: add --endpoint URL --model NAME",
            )

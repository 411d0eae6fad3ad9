"""What people did to a study, without their names.

Coders and whoever decided go by ``coder-1``, ``coder-2`` …, the same everywhere in a bundle. The
numbers are in an order that nobody can tell who does not have the originals. Logs of labels are
written anew: an event's name is a hash of its content, its coder's name among it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifacts.hashing import hash_file, hash_text
from artifacts.tables import read_table, to_bytes
from labels.history.events import LogEvent, dumped, in_order, uid_of
from labels.history.store import EventStore, text_hash
from labels.label_set import LabelSet, refuse_damaged
from labels.records import ADJUDICATED, Document
from taxonomy.decisions import audits
from taxonomy.decisions.decision_file import SUFFIX as DECISIONS
from taxonomy.decisions.decision_file import as_toml, read_log

NAMES = "coder-{}"
NO_TEXT = "(not in this bundle)"


@dataclass(frozen=True)
class Pseudonyms:
    """What each person is called in a bundle; nothing is changed where there are none."""

    of: Mapping[str, str]

    def __call__(self, name: str) -> str:
        """Return what stands for a name."""
        return self.of.get(name, name)


def pseudonyms_of(labels: Iterable[Path], beside: Iterable[Path]) -> Pseudonyms:
    """Return a pseudonym for everybody who coded or decided something.

    Parameters
    ----------
    labels
        Sets of labels.
    beside
        Files of decisions and of audits; others are passed over.

    Raises
    ------
    ArtifactError
        If a set is damaged.
    InputError
        If decisions cannot be read.
    """
    names: set[str] = set()
    originals = []
    for path in labels:
        with LabelSet.open(path, read_only=True) as opened:
            refuse_damaged(opened.store)
            names |= {*opened.coders(), *(event.coder for event in opened.store.all_events())}
        originals.append(hash_file(path))
    for path in beside:
        names |= _deciders(path)
        originals.append(hash_file(path))
    salt = hash_text("\n".join(originals))
    ordered = sorted(names - {ADJUDICATED}, key=lambda name: hash_text(f"{salt}\n{name}"))
    return Pseudonyms({name: NAMES.format(n) for n, name in enumerate(ordered, start=1)})


def _deciders(path: Path) -> set[str]:
    if path.name.endswith(audits.SUFFIX):
        return set(read_table(path, audits.VERDICTS)["by"].to_pylist())
    if not path.name.endswith(DECISIONS):
        return set()
    decisions = read_log(path.with_name(path.name.removesuffix(DECISIONS))).decisions
    return {d.by for d in decisions} | {d.undone.by for d in decisions if d.undone is not None}


def decided_by_nobody(path: Path, called: Pseudonyms) -> bytes:
    """Return a file of decisions or of audits with pseudonyms; another as it is.

    What people wrote beside their decisions, such as comments, is not in it.
    """
    if not called.of:
        return path.read_bytes()
    if path.name.endswith(audits.SUFFIX):
        table = read_table(path, audits.VERDICTS)
        by = table.schema.get_field_index("by")
        names = [called(name) for name in table["by"].to_pylist()]
        return to_bytes(table.set_column(by, table.schema.field(by), [names]))
    if not path.name.endswith(DECISIONS):
        return path.read_bytes()
    log = read_log(path.with_name(path.name.removesuffix(DECISIONS)))
    decisions = []
    for decision in log.decisions:
        undone = decision.undone
        if undone is not None:
            undone = undone.model_copy(update={"by": called(undone.by)})
        changed = {"by": called(decision.by), "undone": undone}
        decisions.append(decision.model_copy(update=changed))
    return as_toml(log.model_copy(update={"decisions": tuple(decisions)})).encode()


def snapshot_of_labels(path: Path) -> str | None:
    """Return the snapshot whose documents a set of labels is of; None: it does not say."""
    with LabelSet.open(path, read_only=True) as opened:
        snapshot = opened.state.begin["facts"].get("snapshot")
    return None if snapshot is None else str(snapshot)


def write_coded(
    path: Path, target: Path, called: Pseudonyms, *, with_texts: bool, with_memos: bool
) -> None:
    """Write a set of labels anew: by pseudonyms, and without texts and memos unless asked.

    Codes, changes of the codebook with their reasons, waves, and times are as they were.
    """
    with LabelSet.open(path, read_only=True) as opened:
        events = in_order(opened.store.all_events())
        hashes = {row[2] for each in events if each.kind == "wave" for row in each.body["items"]}
        documents = {name: opened.store.document(name) for name in sorted(hashes)}
    kept = {
        name: document if with_texts else _without_text(document)
        for name, document in documents.items()
    }
    texts = {name: text_hash(document) for name, document in kept.items()}
    renamed = _Renaming(called, texts, with_memos=with_memos)
    ordered = sorted(kept.values(), key=text_hash)
    with closing(EventStore.create(target)) as store:
        store.add([renamed.event(event) for event in events], ordered)
    target.chmod(0o644)


def _without_text(document: Document) -> Document:
    is_issue = "#" in document.key
    return Document(
        key=document.key,
        title=document.key if is_issue else document.title,
        text=NO_TEXT,
        url=document.url,
        labels=document.labels,
        facts=document.facts,
    )


class _Renaming:
    """Events under other names, which what follows refers to."""

    def __init__(self, called: Pseudonyms, texts: Mapping[str, str], *, with_memos: bool) -> None:
        self._called = called
        self._with_memos = with_memos
        self._texts = texts
        self._uids: dict[str, str] = {}

    def event(self, event: LogEvent) -> LogEvent:
        """Return an event with pseudonyms; those that it follows come before it."""
        # One event after the other: two that were concurrent stay in their order, whatever their
        # names are now.
        lamport = len(self._uids) + 1
        parents = tuple(sorted(self._uids[parent] for parent in event.parents))
        coder = self._called(event.coder)
        body = self._body(event)
        uid = uid_of(lamport, parents, event.at, coder, event.kind, event.item, dumped(body))
        self._uids[event.uid] = uid
        return LogEvent(uid, lamport, parents, event.at, coder, event.kind, event.item, body)

    def _body(self, event: LogEvent) -> dict[str, Any]:
        body = dict(event.body)
        if event.kind == "memo" and not self._with_memos and body.get("value"):
            body["value"] = ""
        for key in ("target", "opened"):
            if key in body:
                body[key] = self._uids[body[key]]
        if event.kind == "wave":
            body["items"] = [[*row[:2], self._texts[row[2]], *row[3:]] for row in body["items"]]
            body["coders"] = {self._called(name): keys for name, keys in body["coders"].items()}
        if "by" in body:
            by = body["by"]
            body["by"] = self._called(by) if isinstance(by, str) else [*map(self._called, by)]
        return body

"""Carries out what people decide at the command line, and says what it changed."""

from __future__ import annotations

import getpass
import subprocess
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from artifacts.errors import InputError
from artifacts.files import decoded
from artifacts.words import DOCUMENTS, Corpus
from embeddings.build import read_documents
from mining.names import document_names
from opsatlas.cli.console import out, progress
from opsatlas.cli.session import open_study
from opsatlas.cli.views.decisions import as_json as to_json
from opsatlas.cli.views.decisions import change_lines, decisions_table
from opsatlas.pipeline import Pipeline
from taxonomy.decisions import deciding
from taxonomy.decisions.deciding import Done, Signature
from taxonomy.decisions.decisions import AnyDecision, Log, Split, now
from taxonomy.decisions.splitting import as_parts, evidence_in, pieces_of, with_rest
from taxonomy.taxonomy import Taxonomy

NEW = "new"


@dataclass(frozen=True)
class OpenTaxonomy:
    """A taxonomy that is built, in its study."""

    pipeline: Pipeline
    corpus: Corpus
    folder: Path

    @property
    def command(self) -> str:
        """Return the group of commands that is about it."""
        return "taxonomy" if self.corpus == "tools" else self.corpus

    @cached_property
    def titles(self) -> dict[str, str]:
        """Return how people know the documents, by key."""
        return self.pipeline.titles(self.corpus)

    def names(self) -> dict[str, set[str]]:
        """Return the keys by every name, in lower case, that a document may go by."""
        found: dict[str, set[str]] = defaultdict(set)
        for key, title in self.titles.items():
            found[key.lower()].add(key)
            found[title.lower()].add(key)
        snapshot = self.pipeline.snapshot_folder(self.corpus)
        for name, key in document_names(snapshot, DOCUMENTS[self.corpus]).items():
            found[name].add(key)
        return found

    def texts(self) -> dict[str, str]:
        """Return the documents' texts by key."""
        return read_documents(self.pipeline.texts_folder(self.corpus))

    def decided(self) -> Taxonomy:
        """Return the taxonomy as it is shown, and what became of people's decisions."""
        return Taxonomy.open(self.folder)


def open_taxonomy(corpus: Corpus, workspace: Path | None) -> OpenTaxonomy:
    """Open the study's taxonomy of a corpus, which must be built."""
    pipeline = open_study(None, workspace, progress=progress())
    return OpenTaxonomy(pipeline, corpus, pipeline.built_taxonomy(corpus))


def person(by: str | None) -> str:
    """Return who decides: as given, else as git knows them, else the user of the system.

    Raises
    ------
    InputError
        If nobody is known.
    """
    if by is not None:
        return by
    try:
        asked = (
            subprocess.run(
                ["git", "config", "user.name"], capture_output=True, check=False, timeout=5
            )
            .stdout.decode("utf-8", "replace")
            .strip()
        )
    except (OSError, subprocess.TimeoutExpired):
        asked = ""
    if asked:
        return asked
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise InputError("Nobody is known to decide this.", fix="say who: --by NAME") from None


class Desk:
    """Where one person decides about one taxonomy."""

    def __init__(self, taxonomy: OpenTaxonomy, *, by: str | None, because: str | None) -> None:
        self._taxonomy = taxonomy
        self._sign = Signature(by=person(by), at=now(), because=because)

    def rename(self, node: str, name: str) -> None:
        """Give a node a name."""
        self._record(lambda shown, log: deciding.rename(shown, log, self._sign, node, name))

    def hide(self, node: str) -> None:
        """Hide a node."""
        self._record(lambda shown, log: deciding.hide(shown, log, self._sign, node))

    def unhide(self, node: str) -> None:
        """Show a node again."""
        self._record(lambda shown, log: deciding.unhide(shown, log, self._sign, node))

    def note(self, node: str, text: str) -> None:
        """Write something about a node."""
        self._record(lambda shown, log: deciding.note(shown, log, self._sign, node, text))

    def merge(self, nodes: Sequence[str], name: str | None) -> None:
        """Join nodes."""
        self._record(lambda shown, log: deciding.merge(shown, log, self._sign, nodes, name))

    def move(self, what: Sequence[str], to: str, name: str | None) -> None:
        """Move documents to a topic, or topics to a category."""

        def make(shown: Taxonomy, log: Log) -> AnyDecision:
            if to == NEW:
                return deciding.move_topics(shown, log, self._sign, what, None, name)
            if to != "-1" and deciding.find_node(shown, to)[0] == "categories":
                return deciding.move_topics(shown, log, self._sign, what, to, name)
            if name is not None:
                raise InputError("--name is for a new category.", fix="--to new --name NAME")
            keys = deciding.find_documents(shown, self._taxonomy.names(), what)
            return deciding.move_documents(shown, log, self._sign, keys, to)

        self._record(make)

    def split(
        self,
        node: str,
        *,
        into: int | None,
        documents: Sequence[str],
        files: Sequence[Path],
        topics: Sequence[str],
        names: Sequence[str],
    ) -> None:
        """Part a node: into so many by what the runs tell, or as the person says."""
        said = [into is not None, bool(documents or files), bool(topics)]
        if sum(said) != 1:
            raise InputError(
                "How is it to be split?",
                fix="--into N; or --documents NAME or --keys FILE of a topic; or --topics of a "
                "category",
            )

        def make(shown: Taxonomy, log: Log) -> Split:
            layer, found = deciding.find_node(shown, node)
            evidence = evidence_in(shown)
            whole = shown.members(found)
            if into is not None:
                pieces = pieces_of(shown, layer, found, evidence, into)
            elif topics:
                numbers = _topics_within(shown, node, topics)
                pieces = with_rest([[k for k in whole if shown.topic_of[k] in numbers]], whole)
            elif layer == "categories":
                raise InputError("A category is split by topics.", fix="--topics NUMBER")
            else:
                pieces = with_rest(self._named_parts(shown, documents, files), whole)
            parts = as_parts(
                pieces,
                evidence,
                texts=self._taxonomy.texts(),
                stop_words=self._taxonomy.pipeline.stop_words(self._taxonomy.corpus),
                names=names,
            )
            return deciding.split(shown, log, self._sign, found, layer, parts)

        self._record(make)

    def undo(self, which: int | None) -> None:
        """Take an entry back."""
        taxonomy = self._taxonomy
        done = deciding.undo(taxonomy.folder, which, by=self._sign.by, at=self._sign.at)
        self._tell(done)

    def _named_parts(
        self, shown: Taxonomy, documents: Sequence[str], files: Sequence[Path]
    ) -> list[list[str]]:
        names = self._taxonomy.names()
        lists = [list(documents)] if documents else []
        for path in files:
            try:
                data = path.read_bytes()
            except OSError as error:
                raise InputError(f"The list cannot be read: {error}.", where=str(path)) from error
            lines = decoded(data, what="list", where=str(path)).splitlines()
            lists.append([line for line in lines if line.strip()])
        return [deciding.find_documents(shown, names, each) for each in lists]

    def _record(self, make: Callable[[Taxonomy, Log], AnyDecision]) -> None:
        self._tell(deciding.record(self._taxonomy.folder, make))

    def _tell(self, done: Done) -> None:
        for line in change_lines(done, self._taxonomy.command):
            out().print(line, soft_wrap=True)


def _topics_within(shown: Taxonomy, category: str, topics: Sequence[str]) -> set[int]:
    layer, found = deciding.find_node(shown, category)
    if layer != "categories":
        raise InputError("--topics is for a category.", fix="--documents NAME, or --into N")
    of_layer, nodes = deciding.find_nodes(shown, topics)
    within = {topic.number for topic in shown.topics_in(found.number)}
    for node in nodes:
        if of_layer != "topics" or node.number not in within:
            raise InputError(f"{node.number} is not a topic of {category}.")
    return {node.number for node in nodes}


def list_decisions(taxonomy: OpenTaxonomy, *, as_json: bool) -> None:
    """Print the log, and what became of each entry."""
    outcomes = taxonomy.decided().outcomes
    if as_json:
        out().print_json(data=to_json(outcomes))
    elif not outcomes:
        out().print("Nobody has decided anything yet.")
    else:
        out().print(decisions_table(outcomes))

"""What is exported for papers: a taxonomy as it is shown, and its documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from artifacts.words import NOISE, Corpus
from embeddings.build import read_titles
from mining.names import read_owners
from reports.data import one_line
from reports.page.gather import texts_of
from taxonomy.nodes import AnyNode
from taxonomy.taxonomy import Taxonomy


@dataclass(frozen=True, kw_only=True)
class PaperCorpus:
    """A corpus as it is exported.

    Attributes
    ----------
    taxonomy
        Without what people hid, the largest nodes first, every text on one line.
    titles
        How people know the documents, by key.
    frameworks
        The one that was asked, by key of the request; of tools none.
    n_documents
        All documents of the taxonomy, those of hidden topics included.
    notes
        What was left out.
    """

    name: Corpus
    taxonomy: Taxonomy
    titles: Mapping[str, str]
    frameworks: Mapping[str, str]
    n_documents: int
    notes: tuple[str, ...] = ()

    @property
    def n_unplaced(self) -> int:
        """Return how many documents have no topic."""
        return sum(topic == NOISE for topic in self.taxonomy.topic_of.values())


def read_corpus(
    taxonomy: Path, snapshot: Path, corpus: Corpus, frameworks: Mapping[str, str]
) -> PaperCorpus:
    """Read a corpus with people's decisions applied, from its taxonomy's and its snapshot's folder.

    Parameters
    ----------
    frameworks
        How frameworks are called, by full name in lower case; others go by their full name.

    Raises
    ------
    ArtifactError
        If a table is missing or damaged.
    """
    whole = Taxonomy.open(taxonomy)
    visible = whole.visible()
    titles = read_titles(texts_of(snapshot, corpus))
    return PaperCorpus(
        name=corpus,
        taxonomy=replace(
            visible,
            topic_nodes=tuple(map(_plain, visible.topic_nodes)),
            category_nodes=tuple(map(_plain, visible.category_nodes)),
        ),
        titles={key: one_line(title) for key, title in titles.items()},
        frameworks={} if corpus == "tools" else _asked(snapshot, visible, frameworks),
        n_documents=len(whole.topic_of),
        notes=_left_out(corpus, whole, visible),
    )


def _plain(node: AnyNode) -> AnyNode:
    """Return a node with texts of one line each."""
    return replace(
        node,
        name=one_line(node.name),
        description=one_line(node.description),
        keywords=tuple(one_line(word) for word in node.keywords),
        notes=tuple(one_line(note) for note in node.notes),
    )


def _left_out(corpus: Corpus, whole: Taxonomy, visible: Taxonomy) -> tuple[str, ...]:
    n_hidden = len(whole.topic_nodes) - len(visible.topic_nodes)
    if n_hidden == 0:
        return ()
    return (
        f"{corpus}: {n_hidden} of {len(whole.topic_nodes)} topics are hidden and left out, "
        f"with {len(whole.topic_of) - len(visible.topic_of):,} documents",
    )


def _asked(snapshot: Path, visible: Taxonomy, frameworks: Mapping[str, str]) -> dict[str, str]:
    """Return the name of the framework that each issue asks, by the issue's key."""
    owners = read_owners(snapshot)
    names = {key: owners.name(key) for key in visible.topic_of}
    return {key: one_line(frameworks.get(name.lower(), name)) for key, name in names.items()}

"""The tables that are exported for papers, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from artifacts.words import DOCUMENTS, NOISE, Corpus
from reports.data import one_line
from reports.paper.figure_frameworks import crosstab
from reports.paper.inputs import PaperCorpus
from reports.tables import Cell, Column, Marked, Row, Table, for_data, number
from taxonomy.evaluation import Agreement, Evaluation
from taxonomy.guidance.crosswalk import Crosswalk
from taxonomy.guidance.scores import Coding
from taxonomy.nodes import STABLE, Category, Node, Topic

KEYWORDS_SHOWN = 5
EXEMPLARS_SHOWN = 3
UNPLACED = "unplaced"
DAGGER = f"† Stability below {STABLE}, or not measured."


def taxonomy_table(corpus: PaperCorpus) -> Table:
    """Return the categories, each with its topics below: size, share, stability, words, examples.

    Shares are of all documents, the unplaced included.
    """
    rows = []
    for category in corpus.taxonomy.category_nodes:
        rows.append(Row(_node_cells(corpus, category, category), is_group=True))
        rows += [
            Row(_node_cells(corpus, topic, category), is_member=True)
            for topic in corpus.taxonomy.topics_in(category.number)
        ]
    return Table(
        name=f"taxonomy-{corpus.name}",
        caption=f"Categories and topics of {_documents(corpus)}. "
        f"{corpus.n_unplaced:,} of {corpus.n_documents:,} documents are unplaced; shares (%) are "
        f"of all. {DAGGER}",
        columns=(
            *for_data("level", "number", "category"),
            Column("name", "Name", width=0.22),
            number("size", "Size"),
            Column("share", "%", is_number=True, decimals=1, scale=100),
            number("stability", "Stability", 2),
            *for_data("stable", "code", "named_by", "description", "keywords"),
            Column("words", "Keywords", width=0.21, in_data=False),
            *for_data("exemplars"),
            Column("such_as", "Such as", width=0.21, in_data=False),
            *for_data("notes"),
        ),
        rows=tuple(rows),
    )


def _node_cells(corpus: PaperCorpus, node: Node, category: Category) -> dict[str, Cell]:
    exemplars = [corpus.titles[key] for key in node.exemplars]
    return vars(node) | {
        "level": "topic" if isinstance(node, Topic) else "category",
        "category": category.name,
        "share": node.size / corpus.n_documents,
        "stability": _stability(node),
        "stable": "not measured" if node.stability is None else "yes" if node.is_stable else "no",
        "keywords": "; ".join(node.keywords),
        "words": ", ".join(node.keywords[:KEYWORDS_SHOWN]),
        "exemplars": "; ".join(exemplars),
        "such_as": ", ".join(exemplars[:EXEMPLARS_SHOWN]),
        "notes": "; ".join(node.notes),
    }


def _stability(node: Node) -> Cell:
    if node.stability is None or node.is_stable:
        return node.stability
    return Marked(node.stability)


def _printed(node: Node) -> str:
    """Return a node's name as it is printed: marked where it is not known to be stable."""
    return node.name if node.is_stable else f"{node.name} †"


def _documents(corpus: PaperCorpus) -> str:
    return "the tools" if corpus.name == "tools" else "the feature requests"


def documents_table(corpus: PaperCorpus) -> Table:
    """Return every document that is shown with its topic, category and strength, firmest first."""
    shown = corpus.taxonomy
    in_order = (t for c in shown.category_nodes for t in shown.topics_in(c.number))
    order = {t.number: n for n, t in enumerate(in_order)}
    order[NOISE] = len(order)
    rows = []
    for key, topic_number in shown.topic_of.items():
        topic = shown.node("topics", topic_number)
        category = shown.node("categories", shown.category_of.get(topic_number, NOISE))
        title, strength = corpus.titles[key], shown.strength(key)
        cells: dict[str, Cell] = {
            "document": title,
            "key": key,
            "category": UNPLACED if category is None else category.name,
            "topic": "" if topic is None else topic.name,
            "topic_number": None if topic is None else topic.number,
            "topic_stability": None if topic is None else topic.stability,
            "in_category": UNPLACED if category is None else _printed(category),
            "in_topic": "" if topic is None else _printed(topic),
            "strength": strength,
        }
        rows.append((order[topic_number], -(strength or 0.0), title, key, Row(cells)))
    rows.sort(key=lambda row: row[:4])
    return Table(
        name=f"documents-{corpus.name}",
        caption=f"{len(rows):,} {DOCUMENTS[corpus.name]} and their topics. Strength: share of the "
        "runs in which a document was with its topic, or an unplaced one with the nearest. "
        f"{DAGGER}",
        columns=(
            Column("document", "Document", width=0.30),
            *for_data("key", "category"),
            Column("in_category", "Category", width=0.23, in_data=False),
            *for_data("topic"),
            Column("in_topic", "Topic", width=0.27, in_data=False),
            *for_data("topic_number", "topic_stability"),
            number("strength", "Strength", 2),
        ),
        rows=tuple(row for *_, row in rows),
    )


def frameworks_table(corpus: PaperCorpus) -> Table:
    """Return how many requests of each theme each framework gets, the unplaced last."""
    table = crosstab(corpus)
    rows = []
    head: dict[str, Cell]
    for category in corpus.taxonomy.category_nodes:
        for topic in corpus.taxonomy.topics_in(category.number):
            head = {
                "category": category.name,
                "topic": topic.name,
                "topic_stability": topic.stability,
                "printed": _printed(topic),
            }
            rows.append(Row({**head, **_counts(table.row(topic.number, table.frameworks))}))
    head = {"category": UNPLACED, "topic": "", "topic_stability": None, "printed": UNPLACED}
    rows.append(Row({**head, **_counts(table.row(NOISE, table.frameworks))}))
    return Table(
        name="themes-by-framework",
        caption=f"Feature requests by theme and framework. {DAGGER}",
        columns=(
            *for_data("category", "topic", "topic_stability"),
            Column("printed", "Theme", in_data=False, width=0.30),
            *(
                Column(key=f"n{place}", csv_name=name, heading=name, is_number=True)
                for place, name in enumerate(table.frameworks)
            ),
            number("all", "All"),
        ),
        rows=tuple(rows),
    )


def _counts(row: Sequence[int]) -> dict[str, Cell]:
    return {**{f"n{place}": count for place, count in enumerate(row)}, "all": sum(row)}


def evaluation_table(evaluations: Mapping[Corpus, Evaluation]) -> Table:
    """Return how well lists made by people agree with the topics, and with each other."""
    rows = []
    notes = dict.fromkeys(note for each in evaluations.values() for note in each.notes)
    for corpus, evaluation in evaluations.items():
        rows += [_agreement_row(corpus, "topics", agreement) for agreement in evaluation.lists]
        rows += [_agreement_row(corpus, "unguided", alone) for alone in evaluation.unguided]
        rows += [_agreement_row(corpus, "ceiling", agreement) for agreement in evaluation.ceiling]
    return Table(
        name="evaluation",
        caption="Topics as the ensemble found them against lists that people made, and the lists "
        "against each other (the ceiling). AMI: adjusted mutual information with its 95 % "
        f"interval; unplaced documents count as one class.{''.join(f' {note}' for note in notes)}",
        columns=(
            Column("layer", "Layer"),
            *for_data("what", "list"),
            Column("printed", "Against", in_data=False, width=0.28),
            number("documents", "Docs"),
            number("categories", "Classes"),
            number("ami", "AMI", 3),
            number("ami_low", "low", 2),
            number("ami_high", "high", 2),
            number("v_measure", "V", 2),
            number("purity", "Purity", 2),
            Column("placed", "Placed (%)", is_number=True, scale=100),
            *for_data("noise_recall"),
        ),
        rows=tuple(rows),
    )


def _agreement_row(corpus: Corpus, what: str, agreement: Agreement) -> Row:
    is_ceiling = what == "ceiling"
    cells = {
        "layer": corpus,
        "what": what,
        "list": agreement.name,
        "printed": agreement.name if what == "topics" else f"{what}: {agreement.name}",
        "documents": agreement.n_docs,
        "categories": agreement.n_categories,
        "ami": agreement.ami.value,
        "ami_low": agreement.ami.low,
        "ami_high": agreement.ami.high,
    }
    # Of two lists, every document has its place in both.
    return Row(
        vars(agreement) | cells | ({"placed": None, "noise_recall": None} if is_ceiling else {})
    )


def crosswalk_table(corpus: PaperCorpus, crosswalk: Crosswalk) -> Table:
    """Return the code of a codebook that each category and topic has, or why it has none."""
    names = {code.id: one_line(code.name) for code in crosswalk.codebook.codes}
    rows = []
    for category in corpus.taxonomy.category_nodes:
        coding = crosswalk.categories.get(category.number)
        rows.append(Row(_coding_cells("category", category, coding, names), is_group=True))
        rows += [
            Row(
                _coding_cells("topic", topic, crosswalk.topics.get(topic.number), names),
                is_member=True,
            )
            for topic in corpus.taxonomy.topics_in(category.number)
        ]
    title = one_line(crosswalk.codebook.title)
    return Table(
        name=f"crosswalk-{corpus.name}-{crosswalk.codebook.name}",
        caption=f"Categories and topics of {_documents(corpus)} by the codes of {title}. Coded: "
        "documents that have a code at all; share: of these, those with the code that fits best. "
        f"{DAGGER}",
        columns=(
            *for_data("level", "number", "name"),
            Column("marked", "Name", width=0.30, in_data=False),
            *for_data("code", "code_name"),
            Column("printed", "Code", width=0.30, in_data=False),
            number("size", "Size"),
            number("coded", "Coded"),
            *for_data("best"),
            Column("share", "Share (%)", is_number=True, scale=100),
            *for_data("reason"),
        ),
        rows=tuple(rows),
    )


def _coding_cells(
    level: str, node: Node, coding: Coding | None, names: Mapping[str, str]
) -> dict[str, Cell]:
    code = None if coding is None else coding.code
    name = None if code is None else names.get(code, code)
    return {
        "level": level,
        "number": node.number,
        "name": node.name,
        "marked": _printed(node),
        "code": code,
        "code_name": name,
        "printed": name or "none",
        "size": node.size,
        "coded": None if coding is None else coding.n_coded,
        "best": None if coding is None else coding.best,
        "share": None if coding is None else coding.share,
        "reason": None if coding is None else coding.reason,
    }

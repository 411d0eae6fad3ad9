"""What the page takes from a workspace: people's decisions, their verdicts, and codebooks."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from exported import NAMES, planted_workspace

from artifacts.progress import SilentProgress
from artifacts.tables import read_table, write_table
from artifacts.words import NOISE
from opsatlas.cli.session import open_study
from opsatlas.steps import make_crosswalk
from opsatlas.study import named_codebook
from reports.inputs import PageSection, Tool
from reports.page.gather import section
from taxonomy.decisions import deciding
from taxonomy.decisions.audits import add_verdict, look
from taxonomy.decisions.deciding import Signature, record
from taxonomy.nodes import Topic
from taxonomy.taxonomy import Taxonomy

AT = datetime(2026, 1, 2, tzinfo=UTC)
SIGNED = Signature(by="Ada", at=AT, because=None)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which Ada has decided about the tools."""
    made = planted_workspace(tmp_path_factory.mktemp("planted"))
    folder = taxonomy(made)
    record(folder, lambda shown, log: deciding.rename(shown, log, SIGNED, "0", "serving of models"))
    record(folder, lambda shown, log: deciding.note(shown, log, SIGNED, "0", "looks good"))
    record(folder, lambda shown, log: deciding.hide(shown, log, SIGNED, "3"))
    shown = Taxonomy.open(folder)
    verdict = look(shown, shown.topic_nodes[0], "accepted", because=None, by="Ada", at=AT)
    add_verdict(folder, verdict)
    pipeline = open_study(None, made, progress=SilentProgress())
    make_crosswalk(pipeline, "tools", named_codebook("mlops-tools", "tools"))
    return made


def taxonomy(workspace: Path) -> Path:
    """Return the folder of the taxonomy of tools."""
    return next((workspace / "taxonomies").glob("*.tools"))


@pytest.fixture(scope="module")
def tools(workspace: Path) -> PageSection[Tool]:
    """Return the tools as the page shows them."""
    folder = taxonomy(workspace)
    snapshot = workspace / "snapshots" / folder.name.removesuffix(".tools")
    return section(folder, snapshot, "tools", None, frameworks=())


def named(tools: PageSection[Tool], label: str) -> Topic:
    """Return the topic of that name."""
    return next(topic for topic in tools.topics if topic.name == label)


def test_a_persons_name_note_and_verdict_are_shown(tools: PageSection[Tool]) -> None:
    """A renamed topic has its new name and says whose it is, what was noted, and who accepted."""
    topic = named(tools, "serving of models")
    assert topic.named_by == "person"
    assert topic.notes == ("looks good",)
    assert tools.verdicts["topics", topic.number] == ("accepted by Ada, 2026-01-02",)
    assert named(tools, NAMES[1]).named_by == "documents"
    assert any(
        each.startswith("1: rename") and each.endswith("(Ada, 2026-01-02)")
        for each in tools.decisions
    )


def test_what_is_hidden_is_counted_and_not_shown(workspace: Path, tools: PageSection[Tool]) -> None:
    """A hidden topic, its documents and its category, which is now empty, are gone but counted."""
    whole = Counter(Taxonomy.open(taxonomy(workspace)).topic_of.values())
    assert NAMES[3] not in {topic.name for topic in tools.topics}
    assert len(tools.topics) == 3
    assert {category.number for category in tools.categories} == {0, 1}
    assert (tools.n_hidden, tools.n_hidden_topics) == (whole[3], 1)
    assert len(tools.documents) == sum(whole.values()) - whole[3]
    assert all(d.nearest_topic != 3 and d.topic != 3 for d in tools.documents)
    assert any(d.topic == NOISE and d.nearest_topic == NOISE for d in tools.documents)


def test_each_node_has_its_code_of_each_codebook(
    workspace: Path, tools: PageSection[Tool], tmp_path: Path
) -> None:
    """Codes stand beside nodes, by name or as none, as long as the nodes are still the same."""
    nodes = (*tools.topics, *tools.categories)
    codes = {(node.layer, node.number): tools.codes[node.layer, node.number] for node in nodes}
    assert {code.codebook for of_node in codes.values() for code in of_node} == {
        "Kinds of MLOps tool"
    }
    assert all(len(of_node) == 1 for of_node in codes.values())
    copy = shutil.copytree(workspace, tmp_path / "ws")
    folder = taxonomy(copy)
    record(folder, lambda shown, log: deciding.merge(shown, log, SIGNED, ["1", "2"], None))
    snapshot = copy / "snapshots" / folder.name.removesuffix(".tools")
    after = section(folder, snapshot, "tools", None, frameworks=())
    assert len(after.topics) == 2
    assert [node.standing for node in after.topics].count("unmeasured") == 1
    assert after.codes == {}


def test_a_tagline_stands_where_a_description_is_missing(workspace: Path, tmp_path: Path) -> None:
    """Readers are shown what the README says in one line, and else what the repository says."""
    copy = shutil.copytree(workspace, tmp_path / "ws")
    folder = taxonomy(copy)
    name = folder.name.removesuffix(".tools")
    texts = copy / "texts" / f"{name}.repositories" / "texts.parquet"
    table = read_table(texts)
    said = pa.array(["an engine"] * table.num_rows)
    place = table.schema.get_field_index("tagline")
    write_table(texts, table.set_column(place, table.schema.field("tagline"), said))
    rows = copy / "snapshots" / name / "repositories.parquet"
    repositories = read_table(rows)
    where = repositories.schema.get_field_index("description")
    plain = repositories["description"].to_pylist()
    less = pa.array([None if i % 2 else each for i, each in enumerate(plain)])
    write_table(rows, repositories.set_column(where, repositories.schema.field(where), less))
    shown = section(folder, copy / "snapshots" / name, "tools", None, frameworks=())
    expected = {
        key: description or "an engine"
        for key, description in zip(
            repositories["repo_key"].to_pylist(), less.to_pylist(), strict=True
        )
    }
    found = {tool.key: tool.description for tool in shown.documents}
    assert found == {key: expected[key] for key in found}
    assert {"an engine"} < set(found.values())

"""The command line: what commands print, what they refuse, and with which exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import opsatlas
from small_study import N_DOCUMENTS, SNAPSHOT, planted_rows, write_study
from warm import warm_opsatlas

from artifacts.manifest import Manifest
from configs import package_path

TAXONOMY = f"taxonomies/{SNAPSHOT}.tools"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which a small study was run; tests must leave it as it is."""
    folder = tmp_path_factory.mktemp("cli")
    done = warm_opsatlas().run("run", write_study(folder), "-w", folder / "ws")
    assert done.code == 0, done.err
    return folder / "ws"


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """Return a list in which people, as it were, sorted the tools by kind."""
    names = [row["full_name"] for row in planted_rows()]
    lines = [f"{name},ours,{name.split('/')[1].split('-')[0]}" for name in names]
    path = tmp_path / "gold.csv"
    path.write_text("full_name,list,category\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def refusal(*arguments: object, cwd: Path | None = None) -> str:
    """Return the one error of a command that ends with 2."""
    done = opsatlas(*arguments, cwd=cwd)
    assert done.code == 2, done.err
    assert done.out == ""
    assert done.err.count("error: ") == 1
    return done.err


def test_without_arguments_the_help_is_shown() -> None:
    """The bare command names what there is."""
    done = opsatlas()
    said = done.out + done.err
    for command in ("run", "import", "snapshot", "taxonomy", "themes"):
        assert command in said


def test_an_unknown_command_or_option_exits_with_two() -> None:
    """Typing errors are the user's to mend."""
    assert opsatlas("rum").code == 2
    assert opsatlas("run", "--workspaces", "x").code == 2
    assert opsatlas("taxonomy", "show", "first").code == 2
    assert opsatlas("taxonomy", "show", "0", "1").code == 2


def test_what_is_not_there_is_told_with_the_whole_command(workspace: Path) -> None:
    """Advice names the group of the command that was given, and the workspace."""
    said = refusal("taxonomy", "rename", "99", "x", "-w", workspace)
    assert "There is no topic 99." in said
    assert f"see `opsatlas taxonomy show -w {workspace}`" in said
    assert "There is no topic or category 'Nowhere'." in refusal(
        "taxonomy", "show", "Nowhere", "-w", workspace
    )


def test_a_file_that_is_not_there_is_told_in_words(workspace: Path, tmp_path: Path) -> None:
    """No number of an error, and no name of a codec."""
    said = refusal("run", tmp_path / "none.toml")
    assert "The study file cannot be read: there is no such file." in said
    said = refusal("taxonomy", "evaluate", "--gold", tmp_path, "-w", workspace)
    assert "The list cannot be read: it is a folder." in said
    (tmp_path / "picture.toml").write_bytes(b"\x89PNG")
    assert "it is not text in UTF-8" in refusal("run", tmp_path / "picture.toml")


def test_topics_are_shown(workspace: Path) -> None:
    """Each with a sentence and a count, without the words of the method, which an option shows."""
    done = opsatlas("taxonomy", "show", "-w", workspace)
    assert (done.code, done.err) == (0, "")
    assert f"of {N_DOCUMENTS} tools are in" in done.out
    assert "Tools that say" in done.out
    assert not [word for word in ("stability", "AMI", "ensemble", "unplaced") if word in done.out]
    assert "How sure is this?" in done.out
    figures = opsatlas("taxonomy", "show", "--how-sure", "-w", workspace).out
    assert "stability" in figures and "AMI" in figures


def test_the_documents_of_a_topic_are_shown(workspace: Path) -> None:
    """Topic 0 has documents, and so may -1, the unplaced; a topic that is not there is refused."""
    done = opsatlas("taxonomy", "show", "0", "-w", workspace)
    assert done.code == 0
    assert done.out.splitlines()[1].startswith(("Tools that say ", "Documents that say "))
    told = dict(row.values() for row in planted_rows())
    lines = [line.split() for line in done.out.splitlines()]
    listed = [n for n, words in enumerate(lines) if words[:1] == ["•"]]
    assert all(lines[n + 1][0] == told[lines[n][1]].split()[0] for n in listed)
    assert len(listed) >= 5
    assert "strength" not in done.out
    assert "strength" in opsatlas("taxonomy", "show", "0", "--how-sure", "-w", workspace).out
    every = opsatlas("taxonomy", "show", "c0", "--all", "-w", workspace).out
    some = opsatlas("taxonomy", "show", "c0", "-w", workspace).out
    assert every.count("•") - some.count("•") == (
        int(some.split(" more: --all")[0].split()[-1]) if "--all" in some else 0
    )
    topics = Manifest.read(workspace / TAXONOMY).facts["topics"]
    said = refusal("taxonomy", "show", topics, "-w", workspace)
    assert f"There is no topic {topics}" in said
    unplaced = opsatlas("taxonomy", "show", "-1", "-w", workspace)
    counts = Manifest.read(workspace / TAXONOMY).counts["documents"]
    if counts.read == counts.kept:
        assert unplaced.code == 2
        assert "topic -1" in unplaced.err or "unplaced" in unplaced.err
    else:
        assert unplaced.out.count("•") == min(counts.read - counts.kept, 20)


def test_a_taxonomy_is_built_by_its_own_command(workspace: Path, tmp_path: Path) -> None:
    """`taxonomy build` makes what `run` makes, shows it, and the second time does nothing."""
    ws = tmp_path / "ws"
    ws.mkdir()
    shutil.copy(workspace / "study.toml", ws)
    first = warm_opsatlas().run("taxonomy", "build", cwd=ws)
    assert first.code == 0, first.err
    assert "How sure is this?" in first.out
    built = Manifest.read(ws / TAXONOMY)
    assert built.content_hash == Manifest.read(workspace / TAXONOMY).content_hash
    second = opsatlas("taxonomy", "build", cwd=ws)
    assert second.out == first.out
    assert second.err == ""
    assert Manifest.read(ws / TAXONOMY) == built
    assert not (ws / "reports").exists()


def test_a_taxonomy_is_judged_by_lists(workspace: Path, gold: Path) -> None:
    """The planted kinds agree with the list that names them, as a table and as JSON."""
    done = opsatlas("taxonomy", "evaluate", "--gold", gold, "-w", workspace)
    assert done.code == 0, done.err
    assert "ours" in done.out
    assert "AMI" in done.out
    done = opsatlas("taxonomy", "evaluate", "--gold", gold, "--json", "-w", workspace)
    found = json.loads(done.out)
    assert found["mean_ami"] > 0.9
    assert found["lists"][0]["n_docs"] == N_DOCUMENTS
    assert done.err == ""


def test_json_parses_whatever_the_names(workspace: Path, gold: Path, tmp_path: Path) -> None:
    """Names longer than any terminal, with brackets and quotes, stay as they are."""
    name = "[bold]a 'long' name " * 20 + "é"
    path = tmp_path / "long.csv"
    path.write_text(gold.read_text(encoding="utf-8").replace(",ours,", f",{name},"), "utf-8")
    done = opsatlas("taxonomy", "evaluate", "--gold", path, "--json", "-w", workspace)
    assert json.loads(done.out)["lists"][0]["name"].strip() == name.strip()


def test_a_list_that_cannot_be_used_is_refused(workspace: Path, gold: Path, tmp_path: Path) -> None:
    """No list, a missing one, one of other documents and one without the columns: each is told."""
    evaluate = ("taxonomy", "evaluate", "-w", workspace)
    assert "no list to judge by" in refusal(*evaluate)
    missing = tmp_path / "missing.csv"
    assert str(missing) in refusal(*evaluate, "--gold", missing)
    other = tmp_path / "other.csv"
    other.write_text("full_name,category\nno/body,a\nno/one,b\n", encoding="utf-8")
    assert "The list 'other' shares 0 documents" in refusal(*evaluate, "--gold", other)
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    assert "other.csv" in refusal(*evaluate, "--gold", other)
    other.write_bytes(b"full_name,category\n\xff\xfe,a\n")
    assert "other.csv" in refusal(*evaluate, "--gold", other)


def test_what_is_not_built_yet_is_told(workspace: Path, tmp_path: Path) -> None:
    """Before the first build, show and evaluate name the command that builds."""
    (tmp_path / "study.toml").write_bytes((workspace / "study.toml").read_bytes())
    for command in (("show",), ("evaluate", "--gold", tmp_path / "study.toml")):
        assert "opsatlas taxonomy build" in refusal("taxonomy", *command, "-w", tmp_path)


def test_the_names_of_one_node_are_shown(workspace: Path) -> None:
    """A topic or category, by its number; one that is not there is refused."""
    done = opsatlas("taxonomy", "names", "0", "--json", "-w", workspace)
    values = json.loads(done.out)
    assert ([row["node"] for row in values["topics"]], values["categories"]) == (["0"], [])
    assert "There is no topic 99" in refusal("taxonomy", "names", "99", "-w", workspace)


def test_a_changed_taxonomy_is_not_shown(workspace: Path, tmp_path: Path) -> None:
    """A taxonomy that was changed by hand is refused until it is built again."""
    ws = tmp_path / "ws"
    shutil.copytree(workspace, ws)
    stability = ws / TAXONOMY / "stability.json"
    stability.write_text(stability.read_text(encoding="utf-8") + " ", encoding="utf-8")
    said = refusal("taxonomy", "show", "-w", ws)
    assert "stability.json" in said
    assert "opsatlas taxonomy build" in said


def test_without_a_study_the_advice_is_how_to_get_one(tmp_path: Path) -> None:
    """Neither an empty workspace nor a folder outside of any is an accident worth a traceback."""
    said = refusal("run", "-w", tmp_path)
    assert "no study yet" in said
    assert "opsatlas run mlops" in said
    assert "study.toml" in refusal("run", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_study_is_not_replaced_by_another(tmp_path: Path) -> None:
    """What was written in a workspace, and a copy of a study of another name, stay."""
    ws = tmp_path / "ws"
    own = write_study(ws)
    text = own.read_bytes()
    assert "has a study already: 'small'" in refusal("run", "mlops", "-w", ws)
    assert own.read_bytes() == text
    (tmp_path / "copied").mkdir()
    copy = tmp_path / "copied" / "study.toml"
    refusal("run", "data-science", "-w", copy.parent)  # it has no snapshot, and is remembered
    text = copy.read_bytes()
    assert "has a study already: 'data-science'" in refusal("run", "mlops", "-w", copy.parent)
    assert copy.read_bytes() == text
    assert "is a folder, not a study" in refusal("run", ws)


def test_a_study_without_the_section_says_which(workspace: Path, tmp_path: Path) -> None:
    """Themes of a study that has none, and a study with no taxonomy, name the section."""
    assert "no section [themes]" in refusal("themes", "build", "-w", workspace)
    path = write_study(tmp_path / "s")
    path.write_text(path.read_text().split("[taxonomy]")[0], encoding="utf-8")
    assert "neither [taxonomy]" in refusal("run", path, "-w", tmp_path / "ws")
    assert not (tmp_path / "ws" / "snapshots").exists()


CHECKED_FIRST = [
    ('codebooks = ["kinds"]\n', "", "There is no codebook 'kinds'", "mlops-tools"),
    ("", 'gold = ["nowhere.csv"]\n', "no such list to judge by", "nowhere.csv"),
    ("", "\n[page]\nnote = 1\n", "Unknown key 'note'", "notes"),
]


@pytest.mark.parametrize(("before", "after", "said", "advice"), CHECKED_FIRST)
def test_what_the_study_names_is_looked_for_first(
    tmp_path: Path, before: str, after: str, said: str, advice: str
) -> None:
    """A codebook, a list or a key that is not there is told before any work is done."""
    path = write_study(tmp_path / "s", more=after)
    path.write_text(before + path.read_text(encoding="utf-8"), encoding="utf-8")
    error = refusal("run", path, "-w", tmp_path / "ws")
    assert said in error
    assert advice in error
    assert not (tmp_path / "ws" / "snapshots").exists()


def test_a_snapshot_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A study that names a snapshot without sources says what is there and how to get one."""
    path = write_study(tmp_path / "s")
    text = path.read_text(encoding="utf-8")
    head, taxonomy = text.split("[taxonomy]")
    path.write_text(head + "[taxonomy]" + taxonomy.replace(SNAPSHOT, "2025-01-01.tools"))
    said = refusal("run", path, "-w", tmp_path / "ws")
    assert "There is no snapshot 2025-01-01.tools" in said
    assert f"there: {SNAPSHOT}" in said
    assert f"mine it with `opsatlas mine -w {tmp_path / 'ws'}`" in said


def test_a_snapshot_of_another_kind_is_told(tmp_path: Path) -> None:
    """Themes over a snapshot of repositories are refused by what the snapshot holds."""
    path = write_study(tmp_path / "s", more=f'\n[themes]\nsnapshot = "{SNAPSHOT}"\n')
    done = warm_opsatlas().run("run", path, "-w", tmp_path / "ws")
    assert done.code == 2, done.err
    assert "Traceback" not in done.err
    assert f"Snapshot {SNAPSHOT} holds no issues" in done.err
    assert "it has repositories" in done.err


def test_a_draft_is_not_described(tmp_path: Path) -> None:
    """A snapshot that is still open for imports must be sealed first."""
    path = write_study(tmp_path / "s")
    text = path.read_text(encoding="utf-8")
    start, end = text.index("[[sources]]"), text.index("[vectors]")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    tools = path.parent / "tools.jsonl"
    done = opsatlas("import", "repositories", tools, "--snapshot", SNAPSHOT, "-w", tmp_path / "ws")
    assert done.code == 0
    said = refusal("run", path, "-w", tmp_path / "ws")
    assert "still a draft" in said
    assert f"opsatlas snapshot seal {SNAPSHOT}" in said


def test_the_study_that_is_shipped_passes_all_checks(tmp_path: Path) -> None:
    """The demo's study names only what is there; nothing is built to know it."""
    from artifacts.progress import SilentProgress
    from opsatlas.cli.session import open_study
    from opsatlas.steps import make_snapshots

    pipeline = open_study("mlops", tmp_path / "ws", progress=SilentProgress())
    pipeline.check()
    make_snapshots(pipeline)
    for layer in pipeline.corpora():
        assert pipeline.snapshot_folder(layer).is_dir()
        assert pipeline.gold(layer)
    remembered = (tmp_path / "ws" / "study.toml").read_text(encoding="utf-8")
    assert str(package_path("mlops.toml")) in remembered.splitlines()[0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_below_stdout_is_told(workspace: Path) -> None:
    """Output that cannot be written is an error, not a traceback."""
    done = warm_opsatlas().run("taxonomy", "show", "-w", workspace, out=Path("/dev/full"))
    assert done.code == 2
    assert "No space left on device" in done.err
    assert "Traceback" not in done.err

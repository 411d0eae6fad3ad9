"""Commands at once: one writes, the others say for whom they would wait; readers change nothing."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest
from label_studies import code_all, coded_set, opsatlas, study_workspace, write_book
from small_study import KINDS, SNAPSHOT
from warm import warm_opsatlas
from writers import held, tree

from artifacts import locks
from artifacts.errors import ArtifactError
from artifacts.manifest import Manifest
from artifacts.progress import SilentProgress
from mining.commits import STAGING, filling
from mining.drafts import open_draft
from mining.reading import Rejects
from mining.snapshots import load_table, open_snapshot, seal, verify
from mining.sources.tabular import import_repositories
from opsatlas.cli.session import open_study
from opsatlas.steps import make_page
from reports.inputs import PageInputs
from reports.page import build as report
from taxonomy.decisions import decision_file

DRAFT = "2025-01-01.more"
BUSY = "Another opsatlas is at work here (pid "


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with a page, labels, a decision, and a draft with a commit cut short."""
    folder = tmp_path_factory.mktemp("made")
    workspace = study_workspace(folder)
    coded_set(workspace, "coded", close=False)
    coded_set(workspace, "closed")
    assert opsatlas("label", "copy", "coded", folder / "copy.sqlite", "-w", workspace).code == 0
    assert opsatlas("taxonomy", "rename", "0", "Mine", "-w", workspace).code == 0
    assert warm_opsatlas().run("run", "-w", workspace).code == 0
    draft = workspace / "snapshots" / DRAFT
    import_repositories([tools(folder / "a.jsonl", "a", 3)], draft)
    (draft / STAGING).mkdir()
    shutil.copy(draft / "repositories.parquet", draft / STAGING)
    return workspace


@pytest.fixture
def ws(made: Path, tmp_path: Path) -> Path:
    """Return a workspace of one's own, with files to import beside it."""
    shutil.copy(made.parent / "copy.sqlite", tmp_path)
    tools(tmp_path / "a.jsonl", "a", 3)
    return Path(shutil.copytree(made, tmp_path / "ws"))


def tools(path: Path, name: str, n: int) -> Path:
    """Write a file of repositories."""
    rows = ({"full_name": f"{name}/{number}", "description": "Serves."} for number in range(n))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


# Whoever writes

STEPS = ("run", "compare a b", "export", "taxonomy build", "kinds build", "kinds issues")
STEPS += ("taxonomy crosswalk mlops-tools",)
DRAFTS = ("repositories", "issues", "readmes", "github-search")
LABELS = (
    "sample coded --size 20",
    "import coded {0}/labels.csv",
    "merge coded {0}/copy.sqlite",
    "wave close coded w1 --unfinished",
    "codebook create coded New --definition d --because b",
    "codebook rename coded drift New --because b",
    "codebook merge coded drift --into serving --because b",
    "codebook split coded drift --into serving --into tracking --because b",
    "codebook retire coded drift --because b",
    "codebook update coded {0}/book.toml --because b",
)
DECISIONS = ("rename 0 Other", "hide 0", "note 0 x", "merge 0 1", "undo", "names --show documents")
DECISIONS += ("audit 1 --accept", "split 0 --into 2", "move 0 --to c1")
WRITERS = [
    *((command.replace("a b", "2024-01-01.tools 2025-01-01.more"), "study.toml")
      for command in STEPS),
    *((f"import {kind} {{0}}/a.jsonl --snapshot {DRAFT}", f"snapshots/{DRAFT}") for kind in DRAFTS),
    (f"snapshot seal {DRAFT}", f"snapshots/{DRAFT}"),
    (f"snapshot extend {SNAPSHOT} --into {DRAFT}", f"snapshots/{DRAFT}"),
    ("run", f"snapshots/{SNAPSHOT}"),
    *((f"label {command}", "labels/coded.sqlite") for command in LABELS),
    ("label sample new --codebook {0}/book.toml --size 9", "labels/new.sqlite"),
    ("label copy coded {0}/ws/new.sqlite", "new.sqlite"),
    ("label export closed {0}/ws/new.csv", "new.csv"),
    ("label codebook save coded {0}/ws/new.toml", "new.toml"),
    *((f"taxonomy {command}", "taxonomies") for command in DECISIONS),
]  # fmt: skip


@pytest.fixture(scope="module")
def busy(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace on which every writer is refused, so that all tests can share it."""
    folder = tmp_path_factory.mktemp("busy")
    shutil.copy(made.parent / "copy.sqlite", folder)
    tools(folder / "a.jsonl", "a", 3)
    write_book(folder / "book.toml", ("serving", "tracking"), version=2)
    (folder / "labels.csv").write_text("key,coder,kind\nacme/serving-0,eve,serving\n")
    return Path(shutil.copytree(made, folder / "ws"))


@pytest.mark.parametrize(("command", "what"), WRITERS, ids=[each for each, _ in WRITERS])
def test_a_command_that_writes_says_who_is_at_work(
    busy: Path, command: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, who, where and --wait, which the command has; and no byte has changed."""
    monkeypatch.setattr(decision_file, "MOMENT_S", 0.02)
    monkeypatch.setattr(locks, "GRACE_S", 0.02)
    arguments = command.format(busy.parent).split()
    before = tree(busy.parent)
    with held(busy / what):
        done = opsatlas(*arguments, "-w", busy)
    assert done.code == 2, done.out + done.err
    assert BUSY in done.err
    assert str(busy / what) in done.err
    assert done.err.count("error: ") == 1
    assert tree(busy.parent) == before
    assert "with --wait" in " ".join(done.err.split())


def test_every_command_that_names_wait_has_it(busy: Path) -> None:
    """What the message advises works: --wait is an option of each of these commands."""
    for command, _ in WRITERS:
        words = command.format(busy.parent).split()
        assert "--wait" in opsatlas(*words, "--help").out, command


def test_another_study_is_not_remembered_while_one_is_run(ws: Path) -> None:
    """Who is refused has not made its study that of the workspace."""
    before = (ws / "study.toml").read_bytes()
    with held(ws / "study.toml"):
        for command in ("run", "mine"):
            assert BUSY in opsatlas(command, "mlops", "-w", ws).err
    assert (ws / "study.toml").read_bytes() == before


def test_with_wait_it_waits_and_goes_on(ws: Path) -> None:
    """It says for whom, once, and then does its work; coders and readers never wait."""
    with held(ws / "labels" / "coded.sqlite") as done:
        code_all(ws, "coded", "ben")
        threading.Timer(0.5, done.set).start()
        closed = opsatlas("label", "wave", "close", "coded", "w1", "--wait", "-w", ws)
        assert done.is_set()
    assert closed.code == 0, closed.err
    assert closed.err.count("waiting for another opsatlas (pid ") == 1


# Drafts


def test_two_imports_at_once_lose_nothing(ws: Path) -> None:
    """Each either enters whole or says that another is at work; with --wait both do."""
    server, parts = warm_opsatlas(), ws.parent
    for name in ("b", "c"):
        tools(parts / f"{name}.jsonl", name, 200)
    for number, more in enumerate([(), ("--wait",)]):
        where = ("--snapshot", f"2025-02-0{number + 1}.both", "-w", ws, *more)
        running = [
            server.start("import", "repositories", parts / f"{name}.jsonl", *where)
            for name in ("b", "c")
        ]
        done = [each.wait() for each in running]
        codes = [each.code for each in done]
        assert 0 in codes
        assert not more or codes == [0, 0]
        assert all(BUSY in each.err for each in done if each.code)
        folder = ws / "snapshots" / where[1]
        assert load_table(folder, "repositories").num_rows == 200 * codes.count(0)
        assert verify(folder).problems == ()


def test_what_was_sealed_or_filled_meanwhile_stays_so(ws: Path) -> None:
    """Even without a lock, an import looks again before it writes, and undoes nothing."""
    folder = ws / "snapshots" / DRAFT
    late, later = open_draft(folder), open_draft(folder)
    import_repositories([tools(ws.parent / "b.jsonl", "b", 2)], folder)
    record = open_snapshot(folder).sources[0]
    with pytest.raises(ArtifactError, match="changed while this import was under way"):
        late.commit(record, Rejects())
    sealed = seal(folder)
    with pytest.raises(ArtifactError, match="changed while this import was under way"):
        later.commit(record, Rejects())
    assert open_snapshot(folder).manifest == sealed.manifest
    assert verify(folder).problems == ()
    assert load_table(folder, "repositories").num_rows == 5


def test_a_reader_sees_a_draft_before_or_after_a_commit(ws: Path) -> None:
    """While imports go on, whoever reads finds whole states, one after the other."""
    folder = ws / "snapshots" / DRAFT
    stop = threading.Event()

    def fill() -> None:
        for number in range(8):
            import_repositories([tools(ws.parent / "n.jsonl", f"n{number}", 50)], folder)
        stop.set()

    writer = threading.Thread(target=fill)
    writer.start()
    seen = [3]
    while not stop.is_set():
        seen.append(load_table(folder, "repositories").num_rows)
        assert verify(folder).problems == ()
    writer.join()
    assert seen == sorted(seen)
    assert {(n - 3) % 50 for n in seen} == {0}
    assert load_table(folder, "repositories").num_rows == 403


# Steps


def test_two_runs_at_once_make_what_one_makes(ws: Path, made: Path) -> None:
    """One makes it all, the other says so or finds it made; the content is that of one run."""
    for name in ("texts", "taxonomies", "reports"):
        shutil.rmtree(ws / name)
    server = warm_opsatlas()
    done = [each.wait() for each in [server.start("run", "-w", ws) for _ in range(2)]]
    codes = [each.code for each in done]
    assert 0 in codes
    assert all(BUSY in each.err for each in done if each.code)
    for name in (f"texts/{SNAPSHOT}.repositories", f"taxonomies/{SNAPSHOT}.tools"):
        assert Manifest.read(ws / name).content_hash == Manifest.read(made / name).content_hash


def test_what_is_decided_while_a_page_is_drawn_is_on_the_next(
    ws: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of before the decision does not pass for one of after it."""
    write = report.write_page

    def write_late(inputs: PageInputs, path: Path) -> None:
        assert opsatlas("taxonomy", "rename", "1", "Late", "-w", ws).code == 0
        write(inputs, path)

    shutil.rmtree(ws / "reports")
    pipeline = open_study(None, ws, progress=SilentProgress())
    monkeypatch.setattr(report, "write_page", write_late)
    assert "Late" not in make_page(pipeline).read_text(encoding="utf-8")
    monkeypatch.setattr(report, "write_page", write)
    assert "Late" in make_page(pipeline).read_text(encoding="utf-8")


def test_a_run_clears_what_died_and_lets_live(ws: Path) -> None:
    """Half-made files of steps go; those of others, who may be alive, stay for their own."""
    dead = ["texts/.x.tmp", "taxonomies/.a.tmp", "reports/atlas/.y.tmp", ".study.toml.tmp"]
    living = [f"snapshots/{DRAFT}/{STAGING}/.z.tmp", "labels/.new.sqlite.building", "mine/.own.tmp"]
    (ws / "mine").mkdir()
    for name in (*dead, *living):
        (ws / name).write_text("half")
    (ws / "taxonomies" / ".b.building").mkdir()
    assert opsatlas("run", "-w", ws).code == 0
    assert [name for name in dead if (ws / name).exists()] == []
    assert not (ws / "taxonomies" / ".b.building").exists()
    assert all((ws / name).read_text() == "half" for name in living)
    with filling(ws / "snapshots" / DRAFT):
        assert not (ws / living[0]).exists()


def test_a_damaged_manifest_is_made_again_where_it_can_be(ws: Path, made: Path) -> None:
    """Texts, taxonomy and page come back as they were; a snapshot's tables are never given up."""
    for name in (f"texts/{SNAPSHOT}.repositories", f"taxonomies/{SNAPSHOT}.tools", "reports/atlas"):
        path = ws / name / "manifest.json"
        path.write_bytes(path.read_bytes()[:100])
    shown = opsatlas("taxonomy", "show", "-w", ws)
    assert shown.code == 2
    assert "opsatlas run" in shown.err
    done = warm_opsatlas().run("run", "-w", ws)
    assert done.code == 0, done.err
    for name in (f"texts/{SNAPSHOT}.repositories", f"taxonomies/{SNAPSHOT}.tools"):
        assert Manifest.read(ws / name).content_hash == Manifest.read(made / name).content_hash
    folder = ws / "snapshots" / SNAPSHOT
    text = (folder / "manifest.json").read_bytes()
    for spoilt in (
        b"",
        text[:100],
        text.replace(b'"kind"', b'"kinb"'),
        text.replace(b"version", b"v"),
    ):
        (folder / "manifest.json").write_bytes(spoilt)
        for command in (("run",), ("snapshot", "verify", SNAPSHOT), ("snapshot", "seal", SNAPSHOT)):
            said = " ".join(opsatlas(*command, "-w", ws).err.split())
            assert "keep the folder: repositories.parquet can still be read" in said, (
                command,
                said,
            )
            assert "delete" not in said
    moved = shutil.move(folder, ws.parent / "kept")
    done = warm_opsatlas().run("run", "-w", ws)
    assert done.code == 0, done.err
    assert Manifest.read(folder).content_hash == json.loads(text)["content_hash"]
    assert Path(moved).is_dir()


# Whoever reads

READERS = (
    "snapshot list", f"snapshot show {DRAFT}", f"snapshot verify {DRAFT}",
    f"snapshot verify {SNAPSHOT}", "taxonomy show", "taxonomy show 0", "taxonomy show --json",
    "taxonomy show --flat", "taxonomy show -1", "taxonomy names", "taxonomy decisions",
    "taxonomy audit 0", "taxonomy audit --list", "taxonomy evaluate --gold {0}/gold.csv",
    "kinds show", "kinds list tool", "kinds evaluate --gold {0}/gold.csv",
    "label list", "label show closed", "label log closed", "label agree closed --resamples 20",
    "label check closed", "label wave list coded", "label saturation closed --coder ada",
    "label codebook show closed", "label codebook history closed", "label codebook check closed",
    "label codebook diff closed coded", "label validate closed --no-classify",
    "label sample coded --size 20 --plan", "label sample other --size 20 --plan",
)  # fmt: skip


def test_readers_change_no_byte(ws: Path) -> None:
    """Whatever only shows, checks or plans leaves every file as it was, and makes none."""
    rows = (f"acme/{kind}-{n},{kind}\n" for kind in KINDS for n in range(60))
    (ws.parent / "gold.csv").write_text("full_name,category\n" + "".join(rows))
    validated = opsatlas("label", "validate", "closed", "--no-classify", "-w", ws)
    assert validated.code == 0, validated.err
    before = tree(ws)
    codes = {}
    for command in READERS:
        done = opsatlas(*command.format(ws.parent).split(), "-w", ws)
        codes[command] = done.code
        assert "Traceback" not in done.err
        assert tree(ws) == before, command
    refused = {command for command, code in codes.items() if code}
    assert refused <= {"kinds show", "kinds list tool", "kinds evaluate --gold {0}/gold.csv"}
    assert list(ws.rglob("*.lock")) == []


def test_files_of_labels_are_for_their_owner_alone(ws: Path) -> None:
    """A set, a copy of it, and what SQLite keeps beside them while they are open."""
    assert opsatlas("label", "copy", "coded", ws.parent / "c.sqlite", "-w", ws).code == 0
    for path in (ws / "labels" / "coded.sqlite", ws.parent / "c.sqlite"):
        assert path.stat().st_mode & 0o777 == 0o600, path

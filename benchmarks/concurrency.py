"""Pairs of writing commands at once, and kills: whether anything is lost, undone or unclear.

Two commands, drawn at random, start at once on a copy of one small workspace. What they leave must
be what they leave one after the other, in one order or the other; or what one of them leaves alone,
where the other said that somebody is at work and changed nothing. A command that was killed must
not be in the way of the other, and done again must leave what an order of all of them leaves.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from signal import SIGKILL
from typing import Any

from artifacts.locks import GRACE_S
from artifacts.manifest import Manifest
from benchmarks.common import arguments, publish, table
from labels.label_set import LabelSet
from mining.snapshots import list_snapshots, verify
from taxonomy.decisions.audits import read_verdicts
from tests.github import TOKEN, ScaledClock, make_world, serve
from tests.small_study import SNAPSHOT, planted_rows, write_study
from tests.warm import Done, Running, warm_opsatlas

LATER, DRAFT, NEW = "2025-01-01.tools", "2025-02-01.draft", "2025-03-01.new"
NAME = f"{SNAPSHOT}.tools"
BUSY = "Another opsatlas is at work"
TIMES = {"at", "undone", "opened", "target"}
"""What hangs on clocks in what people said."""

STEPS = (
    "run", "run {files}/other.toml", f"compare {SNAPSHOT} {LATER}", "export --format csv",
    "taxonomy build", "taxonomy build --categories 2", "taxonomy crosswalk mlops-tools",
)  # fmt: skip
SNAPSHOTS = (
    f"import repositories {{files}}/a.jsonl --snapshot {DRAFT}",
    f"import repositories {{files}}/b.jsonl --snapshot {DRAFT}",
    f"import issues {{files}}/issues.jsonl --snapshot {DRAFT}",
    f"import readmes {{files}}/readmes.jsonl --snapshot {DRAFT} --seal",
    f"import repositories {{files}}/a.jsonl --snapshot {NEW}",
    f"import repositories {{files}}/b.jsonl --snapshot {NEW} --seal",
    f"snapshot seal {DRAFT}",
    "mine --snapshot 2025-04-01.mined",
)
DECISIONS = (
    "taxonomy rename 0 Mine", "taxonomy note 1 one", "taxonomy note 1 two", "taxonomy hide 2",
    "taxonomy merge 1 2", "taxonomy undo", "taxonomy audit 1 --accept", "taxonomy audit 2 --accept",
)  # fmt: skip
LABELS = (
    "label sample new --codebook {files}/book.toml --size 9 --coder ada",
    "label sample coded --size 20", "label import coded {files}/ada.csv",
    "label import coded {files}/ben.csv", "label merge coded {files}/copy.sqlite",
    "label wave close coded w1 --unfinished", "label copy coded {out}/copy.sqlite",
    "label codebook create coded New --definition d --because b",
    "label codebook retire coded drift --because b",
    "label codebook rename coded serving Served --because b",
    "label export coded {out}/ada.csv --coder ada",
)  # fmt: skip
GROUPS = (STEPS, SNAPSHOTS, DECISIONS, LABELS)
COMMANDS = tuple(command for group in GROUPS for command in group)
KIN_SHARE = 0.6
"""So many pairs are of one group, and so likely to want one lock."""
WAIT_SHARE = 0.25
LAG_S = 0.3


@dataclass(frozen=True)
class Left:
    """How commands ended, and what they left."""

    codes: tuple[int, ...]
    state: str


@dataclass(frozen=True)
class Case:
    """Two commands, and what came of them; `fault` is empty if all was well."""

    commands: tuple[str, str]
    how: str
    outcome: str
    fault: str


class World:
    """A small workspace to copy, the files that commands read, and what orders of them leave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.n_copies = 0
        self._left: dict[tuple[str, ...], Left] = {}

    @cached_property
    def files(self) -> Path:
        """Return the folder of what commands read."""
        files = self.folder / "files"
        source = '\n[[sources]]\nsnapshot = "{0}"\nkind = "repositories"\nfiles = ["later.jsonl"]\n'
        study = write_study(files, runs=4, more=source.format(LATER))
        text = study.read_text(encoding="utf-8")
        (files / "other.toml").write_text(text.replace("seed = 0", "seed = 1"), encoding="utf-8")
        rows = planted_rows()
        _write(files / "later.jsonl", planted_rows(80)[10:])
        for name in "ab":
            mine = ({**row, "full_name": f"{row['full_name']}-{name}"} for row in rows[:30])
            _write(files / f"{name}.jsonl", mine)
        issues = [{"full_name": "acme/serving-0", "number": n, "title": f"{n}"} for n in range(20)]
        _write(files / "issues.jsonl", issues)
        _write(files / "readmes.jsonl", [{"full_name": rows[0]["full_name"], "text": "# It"}])
        book = '[codebook]\nname = "p"\ntitle = "P"\nversion = 1\n[[variables]]\nid = "kind"\n'
        book += 'name = "Kind"\nquestion = "Which?"\nopen = true\n'
        for code in ("serving", "tracking", "features", "drift"):
            book += f'[[codes]]\nid = "{code}"\nname = "{code.title()}"\ndefinition = "It is."\n'
        (files / "book.toml").write_text(book, encoding="utf-8")
        return files

    @cached_property
    def base(self) -> Path:
        """Return the workspace that all begin with."""
        base, files = self.folder / "base", self.files
        for words in (
            f"run {files / 'study.toml'}",
            f"compare {SNAPSHOT} {LATER}",
            f"import repositories {files / 'a.jsonl'} --snapshot {DRAFT}",
            "taxonomy note 0 first",
            f"label sample coded --codebook {files / 'book.toml'} --size 12 --by lea",
            f"label copy coded {files / 'copy.sqlite'}",
        ):
            _must(base, words)
        with LabelSet.open(base / "labels" / "coded.sqlite", read_only=True) as labels:
            items = list(labels.state.wave_of)
        for coder in ("ada", "ben"):
            lines = "".join(f"{item},{coder},serving\n" for item in items)
            (files / f"{coder}.csv").write_text(f"key,coder,kind\n{lines}", encoding="utf-8")
        _must(base, f"label import {files / 'copy.sqlite'} {files / 'ada.csv'}")
        return base

    def copy(self) -> Path:
        """Return a workspace of one's own."""
        self.n_copies += 1
        workspace = self.folder / f"copy-{self.n_copies}" / "ws"
        shutil.copytree(self.base, workspace)
        return workspace

    def start(self, command: str, workspace: Path, *more: str) -> Running:
        """Start a command on a workspace."""
        words = command.format(files=self.files, out=workspace.parent).split()
        return warm_opsatlas().start(*words, *more, "-w", workspace)

    def in_turn(self, *commands: str) -> Left:
        """Return what the commands leave one after the other; each order is tried once."""
        if commands not in self._left:
            workspace = self.copy()
            codes = tuple(self.start(each, workspace).wait().code for each in commands)
            self._left[commands] = Left(codes, state(workspace))
            shutil.rmtree(workspace.parent)
        return self._left[commands]


def _must(workspace: Path, words: str) -> None:
    done = warm_opsatlas().run(*words.split(), "-w", workspace)
    if done.code:
        raise SystemExit(f"{words}: {done.err}")


def _write(path: Path, rows: Any) -> None:
    path.write_text("".join(json.dumps(dict(row)) + "\n" for row in rows), encoding="utf-8")


def state(workspace: Path) -> str:
    """Return everything that is there but clocks, as a text: equal if nothing was lost or undone.

    What is half-made, damaged or left over shows in it.
    """
    found: dict[str, Any] = {"study": (workspace / "study.toml").read_text(encoding="utf-8")}
    for snapshot in list_snapshots(workspace):
        content = {**snapshot.rows} if snapshot.id.endswith("mined") else snapshot.manifest.key
        problems = verify(snapshot.folder).problems
        found[snapshot.id] = [snapshot.is_sealed, snapshot.rows, content, problems]
    for path in sorted(workspace.glob("*/*/manifest.json")):
        made = Manifest.read(path.parent)
        if path.parent.parent.name not in ("snapshots", "vectors"):
            # What pages and comparisons are made of holds when people decided.
            key = "" if path.parent.parent.name in ("reports", "lineages") else made.key
            found[str(path.parent.relative_to(workspace))] = [key, sorted(made.files)]
    for path in sorted(workspace.glob("reports/lineages/*/manifest.json")):
        found[str(path.parent.relative_to(workspace))] = sorted(Manifest.read(path.parent).files)
    for path in sorted(workspace.glob("taxonomies/*.overrides.toml")):
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["decisions"]
        found[path.name] = [_plain(each) for each in entries]
    found["verdicts"] = sorted(v.number for v in read_verdicts(workspace / "taxonomies" / NAME))
    outside = workspace.parent.glob("*.*")
    for path in sorted([*workspace.glob("labels/*.sqlite"), *outside]):
        found[path.name] = _labels(path) if path.suffix == ".sqlite" else _table(path)
    hidden = [path for path in workspace.parent.rglob(".*") if path.name != ".gitignore"]
    found["left over"] = [path.name for path in hidden if path.suffix != ".runs"]
    return json.dumps(found, sort_keys=True, default=str)


def _labels(path: Path) -> list[str]:
    with LabelSet.open(path, read_only=True) as labels:
        events = labels.store.all_events()
        told = [f"{e.kind} {e.coder} {e.item} {_plain(e.body)}" for e in events]
        return [*sorted(told), *labels.store.damage()]


def _table(path: Path) -> list[str]:
    """Return the rows of an export but their last cell, which says when."""
    return [line.rpartition(",")[0] for line in path.read_text(encoding="utf-8").splitlines()]


def _plain(values: Any) -> str:
    return str(sorted((k, str(v)) for k, v in values.items() if k not in TIMES))


def judge(world: World, commands: tuple[str, str], done: Sequence[Done], left: str) -> str:
    """Return what is wrong with what two commands left; empty if nothing is."""
    for each in done:
        if each.code not in (0, 2) or "Traceback" in each.err:
            return f"unclear: exit {each.code}: {each.err[-300:]}"
    first, second = commands
    codes = tuple(each.code for each in done)
    busy = [BUSY in each.err for each in done]
    if all(busy):
        return "both were refused"
    if busy[0] or busy[1]:
        alone = second if busy[0] else first
        ends = Left((codes[1] if busy[0] else codes[0],), left)
        return "" if ends == world.in_turn(alone) else "what one did alone is not there"
    if Left(codes, left) == world.in_turn(first, second):
        return ""
    expected = world.in_turn(second, first)
    return "" if Left(codes[::-1], left) == expected else _fault(left, expected.state)


def _fault(left: str, expected: str) -> str:
    """Return that no order leaves this, and where it is other than one of them."""
    here, there = json.loads(left), json.loads(expected)
    other = [name for name in sorted({*here, *there}) if here.get(name) != there.get(name)]
    return f"lost or undone: no order leaves this: {', '.join(other) or 'exit codes'}"


def pair(rng: random.Random) -> tuple[str, str]:
    """Draw two commands; each pair of commands can come."""
    first = rng.choice(COMMANDS)
    kin = next(group for group in GROUPS if first in group)
    return first, rng.choice(kin if rng.random() < KIN_SHARE else COMMANDS)


def at_once(world: World, rng: random.Random) -> Case:
    """Start two commands at once, and judge what they leave."""
    commands = pair(rng)
    more = [("--wait",) if rng.random() < WAIT_SHARE else () for _ in commands]
    workspace = world.copy()
    running = [world.start(commands[0], workspace, *more[0])]
    time.sleep(rng.random() * LAG_S)
    running.append(world.start(commands[1], workspace, *more[1]))
    done = [each.wait() for each in running]
    fault = judge(world, commands, done, state(workspace))
    outcome = " and ".join(sorted(_ended(each) for each in done))
    shutil.rmtree(workspace.parent)
    return Case(commands, "wait" if any(more) else "at once", outcome, fault)


def killed(world: World, rng: random.Random) -> Case:
    """Kill one of two commands at a random moment, do it again, and judge what all leave."""
    first, second = pair(rng)
    workspace = world.copy()
    victim = world.start(first, workspace)
    other = world.start(second, workspace, "--wait")
    time.sleep(rng.random() ** 2 * 2.0)
    victim.signal(SIGKILL)
    died = victim.wait().code == -SIGKILL
    ended = other.wait()
    again = world.start(first, workspace).wait()
    fault = ""
    if BUSY in ended.err + again.err:
        fault = "the dead one is in the way"
    elif any(each.code not in (0, 2) or "Traceback" in each.err for each in (ended, again)):
        fault = f"unclear: {ended.err[-300:]}{again.err[-300:]}"
    else:
        left = state(workspace)
        orders = ((second, first), (first, second, first), (second, first, first))
        if all(left != world.in_turn(*order).state for order in orders):
            fault = _fault(left, world.in_turn(*orders[0]).state)
    shutil.rmtree(workspace.parent)
    return Case((first, second), "killed" if died else "came too late", _ended(ended), fault)


def _ended(done: Done) -> str:
    return "done" if not done.code else "busy" if BUSY in done.err else "refused"


def cases(world: World, n_pairs: int, n_kills: int, seed: int) -> Iterator[Case]:
    """Yield pairs, then kills until so many have hit."""
    rng = random.Random(seed)
    for _ in range(n_pairs):
        yield at_once(world, rng)
    while n_kills:
        case = killed(world, rng)
        n_kills -= case.how == "killed"
        yield case


def main() -> None:
    """Run the benchmark; exit with 1 if anything was lost, undone or unclear."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument("--pairs", type=int, default=200, help="how many pairs at once")
    parser.add_argument("--kills", type=int, default=100, help="how many kills that hit")
    parser.add_argument("--seed", type=int, default=0, help="seed of commands and moments")
    args = parser.parse_args()
    started, found = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as name, _github():
        for case in cases(World(Path(name)), args.pairs, args.kills, args.seed):
            found.append(case)
            print(f"{len(found)}: {case}", file=sys.stderr, flush=True)
    counts = Counter((case.how, case.outcome, "" if not case.fault else "FAULT") for case in found)
    figures = {
        "n_commands": len(COMMANDS),
        "grace_s": GRACE_S,
        "seconds": time.perf_counter() - started,
        "n_faults": sum(bool(case.fault) for case in found),
        "counts": [[*which, n] for which, n in sorted(counts.items())],
        "faults": [asdict(case) for case in found if case.fault],
    }
    rows = [[f"{how}: {outcome} {fault}", n] for (how, outcome, fault), n in sorted(counts.items())]
    publish("concurrency", figures, [table("Writers at once", ["how", "cases"], rows)], args.out)
    if figures["n_faults"]:
        raise SystemExit(1)


@contextmanager
def _github() -> Iterator[None]:
    """Serve a small made-up GitHub, and let every command mine that one."""
    world = make_world(1, 10, ("mlops",), (), 0, now=int(time.time()))
    with serve(world, clock=ScaledClock(1.0, time.time(), time.time())) as github:
        os.environ |= {"GITHUB_API_URL": github.url, "GITHUB_TOKEN": TOKEN}
        yield


if __name__ == "__main__":
    main()

"""Sixty feature requests coded twice for theme, by keys in a real terminal, and what comes of it.

Both coders' decisions are embedded: the first coder's themes, and those of a second who did not
know them. The keys are typed as a person would type them, into the annotator in a terminal of its
own; what the tool then reports is printed as it reports it.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.annotator import LEAVE, Terminal
from benchmarks.common import arguments, publish, table
from configs import package_path
from labels.annotator.asking import keys_of
from labels.label_set import LabelSet
from labels.records import CONFIDENCES
from labels.session import Session

OPSATLAS = Path(sys.executable).with_name("opsatlas")
SNAPSHOT = "2026-09-18.requests"
THEMES = package_path("snapshots/request-themes.csv")
SECOND = package_path("labels/request-themes-second.csv")
N_ITEMS = 60
STUDY = f"""\
[study]
name = "requests"
title = "Themes of feature requests"

[ecosystem]
topics = ["mlops"]

[themes]
snapshot = "{SNAPSHOT}"

[labels]
coefficient = "alpha"
threshold = 0.8
"""
MEMO, SURE = ":", "%"
ESCAPE = "\x1b"
MEMO_SHOWN = "Esc keeps it"
ESCAPE_S = 0.3
"""A key that follows sooner makes one key of the two."""
PATIENCE_S = 20.0


@dataclass(frozen=True)
class Decision:
    """What a coder decides about one document."""

    code: str
    confidence: str = ""
    memo: str = ""


def decisions() -> dict[str, dict[str, Decision]]:
    """Return what both coders decided, by coder and key of the document."""
    first = {}
    with THEMES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name, _, number = row["url"].removeprefix("https://github.com/").rpartition("/issues/")
            first[f"name:{name}#{number}".lower()] = Decision(row["theme"])
    with package_path("labels/request-themes-second.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        second = {
            row["key"]: Decision(row["code"], row["confidence"], row["memo"])
            for row in csv.DictReader(file)
        }
    return {"first": first, "second": second}


def opsatlas(folder: Path, *words: object) -> str:
    """Run a command in the workspace and return what it prints."""
    command = [str(word) for word in (OPSATLAS, *words, "-w", folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def make_workspace(folder: Path) -> Path:
    """Import the requests and draw the sample; return the file of the labels."""
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    requests = package_path("snapshots/feature-requests.jsonl")
    more = ("--column", "body=summary", "--snapshot", SNAPSHOT, "--seal")
    opsatlas(folder, "import", "issues", requests, *more)
    words = ["label", "sample", "requests", "--codebook", "request-themes", "--of", "themes"]
    words += ["--among", str(THEMES), "--size", str(N_ITEMS), "--stratify", "framework"]
    words += ["--coder", "first", "--coder", "second"]
    words += ["--question", "Do two coders agree on the themes of feature requests?"]
    print(opsatlas(folder, *words))
    return folder / "labels" / "requests.sqlite"


def code_by_keys(path: Path, folder: Path, coder: str, said: dict[str, Decision]) -> int:
    """Code every document in a terminal; return how many keys were pressed."""
    with LabelSet.open(path, read_only=True) as labels:
        items = Session(labels, coder).items
        key_of = {code: key for key, code in keys_of(labels.book.codes_of("code")).items()}
        titles = {item: labels.document(item).title for item in items}
    command = [str(OPSATLAS), "label", "annotate", "requests", "--coder", coder, "-w", str(folder)]
    terminal = Terminal(command, columns=100, lines=30)
    n_keys = 0
    for item in items:
        terminal.wait_for(titles[item])
        for keys in typed(said[item], key_of):
            terminal.press(keys)
            n_keys += len(keys)
            if keys == MEMO:
                terminal.wait_for(MEMO_SHOWN)
            elif keys == ESCAPE:
                time.sleep(ESCAPE_S)
        wait_until_written(path, coder, item)
    terminal.press(LEAVE)
    terminal.wait_for_end()
    return n_keys


def typed(decision: Decision, key_of: dict[str, str]) -> list[str]:
    """Return the keys of one decision, in bursts: memo, confidence, and at last the code."""
    memo = [MEMO, decision.memo, ESCAPE] if decision.memo else []
    sure = CONFIDENCES.index(decision.confidence) + 1 if decision.confidence else 0  # type: ignore[arg-type]
    return [*memo, *[SURE] * sure, key_of[decision.code]]


def wait_until_written(path: Path, coder: str, item: str) -> None:
    """Wait until the log holds the coder's code of a document."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with LabelSet.open(path, read_only=True) as labels:
            if labels.state.answers(coder, item):
                return
        time.sleep(0.02)
    raise TimeoutError(f"{coder}: {item} was never coded")


def check(path: Path, said: dict[str, dict[str, Decision]]) -> None:
    """Refuse if the log does not hold, once, what was decided."""
    with LabelSet.open(path, read_only=True) as labels:
        for coder, its in said.items():
            desk = labels.state.desk(coder)
            for item in labels.state.wave_of:
                entries = desk.fields[item]["code", "code"]
                if [entry.value for entry in entries] != [[its[item].code]]:
                    raise ValueError(f"{coder}, {item}: {entries}")
                if (desk.value(item, "memo") or "") != its[item].memo:
                    raise ValueError(f"{coder}, {item}: the memo is not as it was typed")


def main() -> None:
    """Run the benchmark."""
    args = arguments(__doc__ or "", needs_data=False).parse_args()
    said = decisions()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = make_workspace(folder)
        rows = []
        for coder, its in said.items():
            started = time.perf_counter()
            n_keys = code_by_keys(path, folder, coder, its)
            rows.append([coder, N_ITEMS, n_keys, time.perf_counter() - started])
        check(path, said)
        opsatlas(folder, "label", "wave", "close", "requests", "w1")
        print(opsatlas(folder, "label", "agree", "requests", "--codes"))
        print(opsatlas(folder, "label", "saturation", "requests", "--coder", "second"))
        by = ("--by", "first", "--by", "second")
        disputes = opsatlas(folder, "label", "adjudicate", "requests", *by, "--list").splitlines()
    shown = table("Coded by keys", ["coder", "documents", "keys", "seconds"], rows)
    print(f"{len(disputes)} disagreements wait to be settled.")
    publish("double_coding", {"coders": rows, "disputes": len(disputes)}, [shown], args.out)


if __name__ == "__main__":
    main()

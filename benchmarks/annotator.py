"""How quick the annotator is: from a key to the next document, and from the start to the first.

In a terminal of its own, with 20,000 documents of which half are coded: what is measured is what a
coder waits for, until the title of the document has come out of the program.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from importlib import resources
from itertools import islice
from pathlib import Path
from statistics import median, quantiles

from benchmarks.common import arguments, publish, table
from configs.codebook import Codebook
from labels.label_set import LabelSet, new_label_set
from labels.records import Document
from labels.session import Session
from labels.waves import WaveDocument, open_wave

N_ITEMS = 20_000
N_KEYS = 200
N_OPENINGS = 5
SIZE_KB = (2, 30)
SEED = 20_260_101
KEY_TARGET_S = 0.05
OPENING_TARGET_S = 1.0
WAIT_S = 30.0
LEAVE = "\x11"
"""Ctrl+Q, which leaves the annotator."""

_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\^_]|[()].)")
PROGRAM = """
import sys
from pathlib import Path
from labels.annotator.app import annotate
from labels.label_set import LabelSet
from labels.session import Session
with LabelSet.open(Path(sys.argv[1])) as labels:
    annotate(Session(labels, sys.argv[2]))
"""


class Terminal:
    """A program in a terminal of its own: its keys are written, what it shows is read.

    Attributes
    ----------
    shown
        What has been shown since the last key, without escapes.
    written
        All that the program has written, with them.
    """

    def __init__(self, command: Sequence[str], *, columns: int, lines: int) -> None:
        self.shown, self.written = "", ""
        # Handed over whole: readline, where it is loaded, gives programs another size of window.
        left_out = ("COLUMNS", "LINES", "NO_COLOR")
        environment = {name: value for name, value in os.environ.items() if name not in left_out}
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.pid, self._end = pty.fork()
        if self.pid == 0:  # the program must find the window as it is to be
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execve(command[0], list(command), environment)

    def resize(self, *, columns: int, lines: int) -> None:
        """Make the window another size."""
        fcntl.ioctl(self._end, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def press(self, keys: str) -> None:
        """Write keys; forget what was shown before them."""
        self.shown = ""
        os.write(self._end, keys.encode())

    def wait_for(self, *texts: str, within_s: float = WAIT_S) -> None:
        """Read until all texts have been shown since the last key.

        Raises
        ------
        TimeoutError
            If one does not come in time, or the program has ended.
        """
        until = time.monotonic() + within_s
        while missing := [text for text in texts if text not in self.shown]:
            if not self._read(until - time.monotonic()):
                raise TimeoutError(f"never shown: {missing}, but: {self.shown[-2000:]}")

    def wait_for_end(self) -> int:
        """Read until the program ends, and return its status."""
        until = time.monotonic() + WAIT_S
        while self._read(until - time.monotonic()):
            pass
        return self._reap()

    def kill(self) -> int:
        """End the program with no chance to tidy up, and return its status."""
        os.kill(self.pid, signal.SIGKILL)
        return self._reap()

    def _read(self, within_s: float) -> bool:
        if not select.select([self._end], [], [], max(within_s, 0.0))[0]:
            return False
        try:
            new = os.read(self._end, 1 << 16)
        except OSError:  # Linux says so when the other end is closed
            return False
        # An escape that came in two parts is whole in the next round.
        text = new.decode(errors="replace")
        self.written += text
        self.shown = _ESCAPES.sub("", self.shown + text)
        return bool(new)

    def _reap(self) -> int:
        _, status = os.waitpid(self.pid, 0)
        os.close(self._end)
        return os.waitstatus_to_exitcode(status)


def codebook() -> Codebook:
    """Return a codebook with one question and a dozen codes."""
    codes = [
        {"id": f"kind-{n}", "name": f"Kind {n}", "definition": "What it is. " * 6, "key": key}
        for n, key in enumerate("abcdefghijkl")
    ]
    head = {"name": "benchmark", "title": "Kind", "version": 1}
    return Codebook.model_validate({"codebook": head, "codes": codes})


def documents(n: int) -> Iterator[Document]:
    """Yield documents with the Markdown of a README, 2 to 30 KB long, of words that are shipped."""
    folder = resources.files("configs") / "snapshots"
    rows = (folder / "tools-2026.jsonl").read_text(encoding="utf-8").splitlines()
    said = [json.loads(line).get("description") or "" for line in rows]
    draw = random.Random(SEED)
    for number in range(n):
        size, parts = draw.uniform(*SIZE_KB) * 1000, [f"# Project {number}"]
        while sum(map(len, parts)) < size:
            a, b, c = draw.choices(said, k=3)
            parts.append(
                f"## Part {len(parts)}\n\n{a} **{b[:30]}** and [this](https://example.org/{number})."
                f"\n\n- {b}\n- `{c[:20]}`\n- {c}\n\n```python\nimport this\nrun({number})\n```"
            )
        title = f"owner-{number}/project-{number}"
        yield Document(f"name:{title}", title, "\n\n".join(parts), url=f"https://x.org/{title}")


def make_set(path: Path) -> list[str]:
    """Make the set, half coded; return the titles of those left, in the coder's order."""
    drawn = [WaveDocument(each, "all") for each in documents(N_ITEMS)]
    with new_label_set(path, codebook(), coder="ada") as labels:
        open_wave(labels, "w1", drawn, coder="ada", coders={}, design={}, seed=SEED)
    with LabelSet.open(path) as labels:
        session = Session(labels, "ada")
        for number, item in enumerate(session.items[: N_ITEMS // 2]):
            session.code(item, "code", [f"kind-{number % 12}"], seconds=20.0)
        return [session.document(item).title for item in session.items[N_ITEMS // 2 :]]


def opened(path: Path, title: str) -> tuple[Terminal, float]:
    """Return the annotator once it shows a title, and how long that took."""
    started = time.perf_counter()
    command = [sys.executable, "-c", PROGRAM, str(path), "ada"]
    terminal = Terminal(command, columns=120, lines=40)
    terminal.wait_for(title)
    return terminal, time.perf_counter() - started


def main() -> None:
    """Run the benchmark."""
    args = arguments(__doc__ or "", needs_data=False).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.sqlite"
        titles = make_set(path)
        openings_s = []
        for _ in range(N_OPENINGS):
            terminal, seconds = opened(path, titles[0])
            openings_s.append(seconds)
            terminal.press(LEAVE)
            terminal.wait_for_end()
        terminal, _ = opened(path, titles[0])
        keys_s = []
        for number, title in enumerate(islice(titles, 1, N_KEYS + 1)):
            time.sleep(0.1)  # nobody codes quicker
            started = time.perf_counter()
            terminal.press("abcdefghijkl"[number % 12])
            terminal.wait_for(title)
            keys_s.append(time.perf_counter() - started)
        terminal.press(LEAVE)
        terminal.wait_for_end()
    key_s = {"median": median(keys_s), "p95": quantiles(keys_s, n=20)[-1], "max": max(keys_s)}
    figures = {
        "items": N_ITEMS,
        "key_s": key_s,
        "opening_s": {"median": median(openings_s), "max": max(openings_s)},
        "targets_s": {"key": KEY_TARGET_S, "opening": OPENING_TARGET_S},
    }
    rows = [
        ["key to the next document", *key_s.values(), KEY_TARGET_S],
        ["start to the first", median(openings_s), None, max(openings_s), OPENING_TARGET_S],
    ]
    columns = ["seconds", "median", "95 %", "max", "target"]
    title = f"The annotator with {N_ITEMS:,} documents, half of them coded"
    publish("annotator", figures, [table(title, columns, rows)], args.out)


if __name__ == "__main__":
    main()

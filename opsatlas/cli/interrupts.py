"""Control-C, held back for a moment where raising it would lose it.

While LLVM compiles, it calls back into Python. An exception cannot cross that border: it is printed
and forgotten, or the process crashes.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

COMPILER = "llvmlite"
RETRY_S = 0.02


@contextmanager
def safe_interrupts() -> Iterator[None]:
    """Let Control-C raise `KeyboardInterrupt` in the block, but never below the compiler."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread handles signals
        return
    previous = signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _interrupt(number: int, frame: FrameType | None) -> None:
    while frame is not None:
        if COMPILER in frame.f_code.co_filename:
            again = threading.Timer(RETRY_S, os.kill, [os.getpid(), number])
            again.daemon = True
            again.start()
            return
        frame = frame.f_back
    raise KeyboardInterrupt

"""Whether a folder can hold a workspace: space, permission, and locks that keep others out."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from artifacts.checks import CheckResult, CheckState, works
from artifacts.errors import StorageError
from artifacts.locks import keeps_others_out

GIB = 1 << 30
SCARCE_BYTES, TOO_FEW_BYTES = 2 * GIB, GIB // 4


def check_disk(folder: Path) -> Iterator[CheckResult]:
    """Yield how much space is left for a folder, and whether files can be made in it."""
    free = shutil.disk_usage(folder).free
    said = f"{free / GIB:,.1f} GiB free in {folder}"
    state = CheckState.LOOK if free < SCARCE_BYTES else CheckState.WORKS
    if free < TOO_FEW_BYTES:
        state = CheckState.FAILS
    fix = None if state is CheckState.WORKS else "free some space, or work on another disk with -w"
    yield CheckResult("disk", state, said, fix)
    try:
        with tempfile.TemporaryFile(dir=folder):
            yield works("writing", "files can be made there")
    except OSError as error:
        said = f"no file can be made there: {error.strerror or error}"
        fix = "correct the folder's owner and mode, or name another with -w; reading works"
        yield CheckResult("writing", CheckState.FAILS, said, fix)


def check_locks(folder: Path) -> Iterator[CheckResult]:
    """Check that a lock keeps a second writer out: on some network file systems it does not."""
    if not os.access(folder, os.W_OK):
        return
    try:
        is_kept = keeps_others_out(folder)
        said = f"one {'keeps' if is_kept else 'does not keep'} a second writer out"
    except (OSError, StorageError, NotImplementedError) as error:
        is_kept, said = False, f"there are none on this file system: {error}"
    fix = (
        None if is_kept else "keep workspaces on a local disk, or never start two commands at once"
    )
    yield CheckResult("locks", CheckState.WORKS if is_kept else CheckState.FAILS, said, fix)

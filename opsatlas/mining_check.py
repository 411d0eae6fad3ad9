"""`mine --check`: whether a study can be mined from here, before anything is written."""

from __future__ import annotations

import tempfile
from pathlib import Path

from artifacts.progress import Progress
from mining.github.api import Api, Connection
from mining.github.checking import CheckResult, ShortLimits, check
from mining.github.http import Account, Client, account_from
from mining.github.limits import SystemClock, WallClock
from mining.github.raw import open_raw
from opsatlas.mining_stage import Mining, Target
from opsatlas.study import Study


def check_study(
    study: Study,
    study_path: Path,
    progress: Progress,
    *,
    account: Account | None = None,
    clock: WallClock | None = None,
) -> list[CheckResult]:
    """Ask GitHub what a study needs, a little of each; answers are kept nowhere.

    Raises
    ------
    InputError
        If the environment names a token, address, proxy or certificate that cannot be used, or the
        study a list that cannot be read.
    """
    account = account_from() if account is None else account
    clock = clock or SystemClock()
    with tempfile.TemporaryDirectory() as aside, Client(account) as client:
        line = Connection(account, client, ShortLimits(clock, progress.say), progress)
        job = Mining(Path(aside), study, study_path, progress, clock).job(Target(), line)
        with open_raw(Path(aside) / "raw", clean=account.clean) as store:
            return list(check(line, job, Api(store, line)))

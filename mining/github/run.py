"""A run of mining: which snapshot, what is there of it already, and what becomes of it.

It begins, goes on, is replayed, planned or checked here; `mining.github.collect` does what lies
between the job and the draft.
"""

from __future__ import annotations

import filecmp
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artifacts.checks import CheckResult
from artifacts.errors import ArtifactError, InputError, OpsatlasError
from artifacts.manifest import FILE_NAME
from artifacts.progress import Progress
from mining.commits import filling
from mining.drafts import ImportSummary
from mining.github.api import Api, Connection, token_mark
from mining.github.checking import ShortLimits, check, check_way
from mining.github.collect import COMMAND, collect, write
from mining.github.errors import BadCredentialsError, UnfinishedError
from mining.github.http import Account, Client, account_from
from mining.github.job import (
    ENOUGH_TRIES,
    FOLDER,
    FrameworkJob,
    Job,
    MiningSettings,
    raw_folder,
    read_job,
)
from mining.github.limits import Limits, SystemClock, WallClock
from mining.github.past import Earlier, read_earlier
from mining.github.planning import (
    MiningCounts,
    RequestPlan,
    asked_counts,
    expected_counts,
    known_counts,
    plan,
)
from mining.github.raw import RawStore, has_answers, open_raw, read_raw
from mining.github.requests import Resource
from mining.snapshots import (
    Snapshot,
    check_id,
    list_snapshots,
    open_snapshot,
    seal,
    snapshot_folder,
)

AS_OF = "as-of"
DAY_S = 86_400.0


@dataclass(frozen=True)
class Target:
    """What the user asked for: a snapshot by name, a day in the past, changes since a snapshot."""

    snapshot: str | None = None
    as_of: datetime | None = None
    since: str | None = None
    unlabelled: bool = False
    accept_unknown: bool = False


@dataclass(frozen=True)
class MiningOutcome:
    """What came of it; `summary` is None if there was nothing to do."""

    snapshot: Snapshot
    summary: ImportSummary | None
    asked: dict[Resource, int]
    n_stored: int
    points: int
    waited_s: float


@dataclass(frozen=True, kw_only=True)
class MiningScope:
    """What a study wants mined.

    Attributes
    ----------
    topics
        Of repositories, as GitHub writes them.
    read_names
        Reads the full names that the study's lists have.
    frameworks
        Whose feature requests are wanted.
    """

    topics: tuple[str, ...]
    read_names: Callable[[], Sequence[str]]
    frameworks: tuple[FrameworkJob, ...]
    settings: MiningSettings


@dataclass(frozen=True)
class Mining:
    """What a study wants, mined into a workspace."""

    workspace: Path
    scope: MiningScope
    progress: Progress
    clock: WallClock

    def run(self, target: Target, *, account: Account | None = None) -> MiningOutcome:
        """Mine, seal, and return what came of it; an interrupted mining goes on.

        Raises
        ------
        OpsatlasError
            If something asked for is not there, or GitHub gives no answer. What was received is
            kept.
        """
        account = account_from() if account is None else account
        _refuse_both(target)
        with self.line(account) as line:
            job = self.job(target, line)
            folder = snapshot_folder(self.workspace, job.snapshot)
            if _is_sealed(folder):
                return MiningOutcome(open_snapshot(folder), None, {}, 0, 0, 0.0)
            raw = raw_folder(self.workspace, job.snapshot)
            with filling(folder), open_raw(raw, clean=account.clean) as store:
                if _is_sealed(folder):  # by whoever mined it before us
                    return MiningOutcome(open_snapshot(folder), None, {}, 0, 0, 0.0)
                job = self.job(replace(target, snapshot=job.snapshot), line)
                job.write(raw)
                if len(store):
                    self.progress.say(f"going on with {job.snapshot}: {len(store):,} answers there")
                line.limits.recall(store.latest())
                api = Api(store, line, before=self._answers_before(job), share=job.share)
                summary = self._mined(api, job, folder)
        waited_s = sum(line.limits.waited_s.values())
        return MiningOutcome(
            seal(folder), summary, dict(api.asked), api.stored, api.points, waited_s
        )

    def replay(self, snapshot_id: str | None) -> tuple[Snapshot, bool]:
        """Build a snapshot from its raw answers alone; return it, and whether it was there already.

        Raises
        ------
        ArtifactError
            If there are no raw answers, or the snapshot that is there is another.
        GitHubError
            If the mining was not finished.
        """
        job = self._job_to_replay(snapshot_id)
        folder = snapshot_folder(self.workspace, job.snapshot)
        store = read_raw(raw_folder(self.workspace, job.snapshot))
        with filling(folder), _aside(folder) as aside:
            was_there = _is_sealed(folder)
            place = Path(aside) / job.snapshot if was_there else folder
            api = Api(store, None, share=job.share)
            mined = collect(api, job, self._earlier(job), progress=self.progress)
            write(mined, job, store.path, place)
            snapshot = seal(place)
            if not was_there:
                return snapshot, False
            if differing := _differing(place, folder):
                raise ArtifactError(
                    f"The replay gives other bytes than {job.snapshot} has: "
                    f"{', '.join(differing)}.",
                    where=str(folder),
                    fix=f"run `opsatlas snapshot verify {job.snapshot}`; another version of "
                    "opsatlas may have written it",
                )
        return open_snapshot(folder), True

    def plan(self, target: Target, *, account: Account | None = None) -> RequestPlan:
        """Return what mining would ask, by what the workspace knows, or by a few counts.

        Raises
        ------
        OpsatlasError
            As `run`.
        """
        account = account_from() if account is None else account
        _refuse_both(target)
        expected = self._expected(target) if account.token is None else None
        if expected is not None:
            return expected
        with self.line(account) as line, tempfile.TemporaryDirectory() as aside:
            job = self.job(target, line)
            known = self._known(job)
            if known is not None:
                return plan(job, known)
            with open_raw(Path(aside), clean=account.clean) as store:
                return plan(job, asked_counts(Api(store, line), job))

    def _expected(self, target: Target) -> RequestPlan | None:
        """Return the plan, for whoever has a token, by what the study expects, if it does so."""
        job = self._job(target, self.clock.now(), has_token=True)
        counts = self._known(job) or expected_counts(job)
        return plan(job, counts) if counts is not None and self.scope.settings.expected else None

    def _known(self, job: Job) -> MiningCounts | None:
        """Return how much there is to mine by the latest snapshot of the same source, if any."""
        source = f".{self.scope.settings.source}"
        there = [s.id for s in list_snapshots(self.workspace) if s.is_sealed]
        mined = [snapshot_id for snapshot_id in there if snapshot_id.endswith(source)]
        chosen = job.since or (mined[-1] if mined else None)
        if chosen is None:
            return None
        return known_counts(snapshot_folder(self.workspace, chosen), job)

    @contextmanager
    def line(self, account: Account) -> Iterator[Connection]:
        """Open the way to GitHub; a token that it does not accept is told by its variable."""
        with Client(account) as client:
            line = Connection(account, client, Limits(self.clock, self.progress.say), self.progress)
            try:
                line.open()
                yield line
            except BadCredentialsError as error:
                account.tell_source(error)
                raise

    def job(self, target: Target, line: Connection) -> Job:
        """Return what is to be mined: the unfinished job if there is one, else a new one."""
        has_token = line.account.token is not None
        job = self._job(target, line.limits.now(), has_token=has_token)
        return job.model_copy(update={"token_mark": token_mark(line.account)})

    def _job(self, target: Target, now_s: float, *, has_token: bool) -> Job:
        now_s = round(now_s, 3)
        if target.as_of is not None and target.as_of.timestamp() > now_s:
            raise InputError(
                f"{target.as_of:%Y-%m-%d} is not over yet.", where="--as-of", fix="name a past day"
            )
        snapshot_id = self._snapshot_id(target, now_s)
        begun = self._begun(snapshot_id)
        if begun is not None and begun.has_token and not has_token:
            raise InputError(
                f"{snapshot_id} was begun with a token, and there is none now.",
                where="GITHUB_TOKEN",
                fix="set it, or begin another snapshot with --snapshot",
            )
        settings = self.scope.settings
        if target.unlabelled:
            settings = settings.model_copy(update={"unlabelled": True})
        return Job(
            snapshot=snapshot_id,
            topics=self.scope.topics,
            names=tuple(self.scope.read_names()),
            frameworks=self.scope.frameworks,
            settings=settings,
            started_at_s=begun.started_at_s if begun is not None else now_s,
            has_token=has_token,
            as_of=target.as_of,
            since=target.since,
            paced=begun.paced if begun is not None else True,
            histories=begun.histories if begun is not None else True,
            tries=_tries(begun, now_s),
            accept_unknown=target.accept_unknown,
        )

    def _snapshot_id(self, target: Target, now_s: float) -> str:
        """Return the id: the one that is named, or of an unfinished mining, or of today."""
        if target.snapshot is not None:
            return check_id(target.snapshot)
        if target.as_of is not None:
            return f"{target.as_of:%Y-%m-%d}.{AS_OF}"
        source = self.scope.settings.source
        for folder in sorted((self.workspace / FOLDER).glob(f"*.{source}"), reverse=True):
            job = self._begun(folder.name)
            if job is not None and job.as_of is None and job.since == target.since:
                days = (now_s - job.started_at_s) / DAY_S
                if days >= 1:
                    self.progress.say(
                        f"{folder.name} was begun {days:.0f} days ago and is not finished; to "
                        "begin another, name it with --snapshot"
                    )
                return folder.name
        return f"{_day(now_s)}.{source}"

    def _begun(self, snapshot_id: str) -> Job | None:
        """Return the job of a mining that has begun and is not finished."""
        if _is_sealed(snapshot_folder(self.workspace, snapshot_id)):
            return None
        raw = raw_folder(self.workspace, snapshot_id)
        job = read_job(raw)
        return job if job is not None and has_answers(raw) else None

    def _job_to_replay(self, snapshot_id: str | None) -> Job:
        root = self.workspace / FOLDER
        there = sorted(path.parent.name for path in root.glob("*/job.json"))
        chosen = snapshot_id or (there[-1] if there else None)
        job = read_job(raw_folder(self.workspace, check_id(chosen))) if chosen else None
        if job is None:
            raise ArtifactError(
                f"There are no raw answers of {chosen or 'any snapshot'}.",
                where=f"{root} (there: {', '.join(there) or 'none'})",
                fix="mine it first: opsatlas mine",
            )
        return job

    def _mined(self, api: Api, job: Job, folder: Path) -> ImportSummary:
        try:
            mined = collect(api, job, self._earlier(job), progress=self.progress)
        except OpsatlasError as error:
            if isinstance(error, UnfinishedError):
                days = {*job.tries, _day(api.last_at_s)}
                job.model_copy(update={"tries": tuple(sorted(days))}).write(api.store.path.parent)
            if n := len(api.store):
                answers = "1 answer is" if n == 1 else f"{n:,} answers are"
                where = api.store.path.parent
                self.progress.say(f"{answers} kept in {where}; the same command goes on from there")
            raise
        return write(mined, job, api.store.path, folder)

    def _earlier(self, job: Job) -> Earlier | None:
        """Return the snapshot that the job carries over from."""
        if job.since is None:
            return None
        folder = snapshot_folder(self.workspace, job.since)
        snapshot = open_snapshot(folder)
        jobs = [
            Job.model_validate(source.options)
            for source in snapshot.sources
            if source.command == COMMAND
        ]
        if not snapshot.is_sealed or not jobs or jobs[0].as_of is not None:
            parent = snapshot.parent
            raise InputError(
                f"{job.since} is no finished mining of its day, so it does not say since when.",
                where="--since",
                fix="name a snapshot that `opsatlas mine` sealed"
                + (f"; this one extends {parent.snapshot}" if parent else ""),
            )
        return read_earlier(folder, jobs[0])

    def _answers_before(self, job: Job) -> RawStore | None:
        """Return the answers of the snapshot before, if the same token received them."""
        if job.since is None:
            return None
        raw = raw_folder(self.workspace, job.since)
        before = read_job(raw)
        same = before is not None and before.token_mark == job.token_mark
        return read_raw(raw) if same else None


def check_scope(
    scope: MiningScope,
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
        job = Mining(Path(aside), scope, progress, clock).job(Target(), line)
        with open_raw(Path(aside) / "raw", clean=account.clean) as store:
            return list(check(line, job, Api(store, line)))


def check_github(progress: Progress) -> list[CheckResult]:
    """Ask GitHub whether it answers and takes the token; errors as of `check_scope`."""
    account = account_from()
    with Client(account) as client:
        limits = ShortLimits(SystemClock(), progress.say)
        return list(check_way(Connection(account, client, limits, progress)))


def end_of_day(day: datetime | None) -> datetime | None:
    """Return the last second of a day (UTC), which counts as part of it."""
    if day is None:
        return None
    return day.replace(hour=23, minute=59, second=59, microsecond=0, tzinfo=UTC)


def _day(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d}"


def _tries(begun: Job | None, now_s: float) -> tuple[str, ...]:
    """Return on which days too much was unknown; with today, if that makes enough of them."""
    tries = begun.tries if begun is not None else ()
    with_today = tuple(sorted({*tries, _day(now_s)}))
    return with_today if len(with_today) >= ENOUGH_TRIES else tries


def _refuse_both(target: Target) -> None:
    if target.as_of is not None and target.since is not None:
        raise InputError(
            "A snapshot of the past cannot be made of what changed since another.",
            where="--as-of, --since",
            fix="give one of them",
        )


def _is_sealed(folder: Path) -> bool:
    return (folder / FILE_NAME).exists() and open_snapshot(folder).is_sealed


def _aside(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a place for a moment, which the next writer clears if we die."""
    return tempfile.TemporaryDirectory(
        dir=folder.parent, prefix=f".{folder.name}.", suffix=".building"
    )


def _differing(one: Path, other: Path) -> list[str]:
    names: set[Any] = {path.name for folder in (one, other) for path in folder.iterdir()}
    _, different, missing = filecmp.cmpfiles(one, other, sorted(names), shallow=False)
    return sorted([*different, *missing])

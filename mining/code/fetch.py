"""Fetch the code of candidates: each at one commit, once, within GitHub's limits.

First every candidate is pinned to a commit; then the code of one after another is fetched, by its
tarball or, where the project is large or its tarball lacks files, by its tree. A record stands for
each in the store from the moment it is pinned, so whatever ends a run, the next goes on from there:
a tarball that was under way is asked for again, and of a tree what is still missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from pydantic import ValidationError

from artifacts.errors import InputError
from artifacts.files import storage_errors
from artifacts.progress import Progress, SilentProgress
from mining.code.download import LacksFilesError, TarballSource
from mining.code.pins import GONE, CandidateKey, CodeCandidate, find_pins, vanished
from mining.code.projects import ELSEWHERE, Keep, UnreadFile, is_pointer
from mining.code.store import CodeFile, CodeListing, CodeRecord, CodeStore, fault_of_candidate
from mining.code.tarball import TarballError
from mining.code.trees import RemoteTree
from mining.github.api import Api, Connection
from mining.github.errors import (
    BadCredentialsError,
    GitHubError,
    GoneError,
    OutageError,
    SecondaryLimitError,
    ServerTroubleError,
)
from mining.github.http import Account, Client, account_from
from mining.github.limits import Limits, SystemClock, WallClock
from mining.github.raw import PassingStore, open_raw
from mining.github.unknown import NOT_TOLD, UnknownKind, unknown_of_one

UNFINISHED: Final = "unfinished"
MOST_FAILED: Final = 3
"""Projects, one after another, that could not be had for now: then the rest is left to later."""
FEW: Final = 3
"""So many files of a large project, or one in a hundred, may be unread because GitHub fails."""


@dataclass(frozen=True)
class FetchSettings:
    """How code is fetched.

    Attributes
    ----------
    trees_above_kb
        Larger repositories, by GitHub's count, are fetched file by file.
    verify
        Read what was fetched earlier, and fetch again what is damaged, or lacks a file that is
        wanted by now.
    """

    trees_above_kb: int = 200_000
    verify: bool = False


@dataclass(frozen=True)
class FetchOutcome:
    """What became of the candidates.

    Attributes
    ----------
    statuses
        How many are there, empty, unknown.
    reasons
        Why, for how many of those that are not there.
    n_fetched
        Whose code came in this run.
    asked
        Requests of this run, by resource.
    n_bytes
        That came as tarballs in this run.
    waited_s
        For limits and outages.
    """

    statuses: dict[str, int]
    reasons: dict[str, int]
    n_fetched: int
    asked: dict[str, int]
    n_bytes: int
    waited_s: float


def fetch_code(
    folder: Path,
    candidates: Iterable[CodeCandidate],
    keep: Keep,
    *,
    account: Account | None = None,
    clock: WallClock | None = None,
    progress: Progress | None = None,
    settings: FetchSettings | None = None,
) -> FetchOutcome:
    """Fetch the code of candidates into the store in ``folder``, where it is not there already.

    Parameters
    ----------
    keep
        Tells which files are kept.
    account
        None: the one that the environment names.

    Raises
    ------
    InputError
        If a candidate is no ``owner/name``, or there is no token.
    BusyError
        If another process fetches into the same store.
    GitHubError
        If GitHub does not answer any more. What was fetched is kept.
    """
    wanted = checked_candidates(candidates)
    account = account_from() if account is None else account
    if account.token is None:
        raise InputError(
            "Without a token GitHub does not tell commits of many projects at once, and gives 60 "
            "tarballs an hour.",
            where="GITHUB_TOKEN",
            fix="set it (github.com/settings/tokens; it needs no scope), or name local clones",
        )
    progress = progress or SilentProgress()
    with open_raw(folder, clean=account.clean) as raw, Client(account) as client:
        line = Connection(account, client, Limits(clock or SystemClock(), progress.say), progress)
        try:
            line.open()
            line.limits.recall(raw.latest())
            store = CodeStore(folder)
            store.clear()
            passing = Api(PassingStore(raw.path), line)
            source = TarballSource(line, keep, store.put)
            fetching = _Fetching(
                store, Api(raw, line), passing, source, progress, settings or FetchSettings()
            )
            return fetching.run(wanted)
        except BadCredentialsError as error:
            account.tell_source(error)
            raise


def left_to_fetch(folder: Path, candidates: Iterable[CodeCandidate]) -> tuple[int, int]:
    """Return how many candidates are still to be fetched, and how many of these are pinned.

    Raises
    ------
    InputError
        As `checked_candidates`.
    """
    store = CodeStore(folder)
    records = [store.record(*each.key) for each in checked_candidates(candidates)]
    left = [each for each in records if each is None or not (each.is_final or each.listing)]
    return len(left), sum(each is not None and each.commit is not None for each in left)


def checked_candidates(candidates: Iterable[CodeCandidate]) -> list[CodeCandidate]:
    """Return candidates in the order of their names, each once.

    Raises
    ------
    InputError
        If one names no project, or no commit where it names one.
    """
    by_key: dict[tuple[str, str | None], CodeCandidate] = {}
    for each in candidates:
        fault = fault_of_candidate(each.project, each.commit)
        if fault is not None:
            raise InputError(
                f"This is no candidate: {fault}.",
                where=f"{each.project}@{each.commit}" if each.commit else each.project,
                fix="give owner/name, with a whole commit or none",
            )
        by_key.setdefault(each.key, replace(each, commit=each.key[1]))
    return [by_key[key] for key in sorted(by_key, key=lambda key: (key[0], key[1] or ""))]


@dataclass
class _Fetching:
    """A run.

    Attributes
    ----------
    api, passing
        The same GitHub, with answers that are kept raw, and with such as pass.
    had
        Records whose code is there, by repository and commit: other names may lead to them.
    """

    store: CodeStore
    api: Api
    passing: Api
    source: TarballSource
    progress: Progress
    settings: FetchSettings
    had: dict[tuple[int | None, str | None], CodeRecord] = field(default_factory=dict)
    n_fetched: int = 0
    n_failed: int = 0

    def run(self, candidates: Sequence[CodeCandidate]) -> FetchOutcome:
        """Pin all, then fetch one after another."""
        known = {_key(each): each for each in self.store.records()}
        self.had = {(each.repo_id, each.commit): each for each in known.values() if each.listing}
        waiting = [each for each in candidates if _is_open(known.get(each.key))]
        with self.progress.task("commits", len(waiting), unit="projects") as task:
            for record in find_pins(self.api, waiting):
                self.store.write(record)
                known[_key(record)] = record
                task.advance()
        records = []
        with self.progress.task("code", len(candidates), unit="projects") as task:
            for each in candidates:
                records.append(self._done(known[each.key]))
                task.advance()
        return self._outcome(records)

    def _done(self, record: CodeRecord) -> CodeRecord:
        """Return the record of a project once everything is done for it that can be done now."""
        if record.status == "there":
            if not (self.settings.verify and self.store.faults(record, self.source.keep)):
                return record
            self.progress.say(
                f"{record.asked}: its code is damaged or lacks files, and fetched again"
            )
            self.had.pop((record.repo_id, record.commit), None)
        elif record.commit is None or record.is_final:
            return record
        twin = self.had.get((record.repo_id, record.commit))
        if twin is None:
            record = self._fetched(record)
        else:
            same = {"status", "way", "listing", "fetched_at", "n_files", "n_bytes", "reason"}
            record = record.model_copy(update={name: getattr(twin, name) for name in same})
        self.store.write(record)
        if record.listing is not None:
            self.had[record.repo_id, record.commit] = record
        return record

    def _fetched(self, record: CodeRecord) -> CodeRecord:
        is_large = (record.size_kb or 0) > self.settings.trees_above_kb
        by_trees = is_large or record.has_exports
        try:
            try:
                listing = self._by_trees(record) if by_trees else self._by_tarball(record)
            except LacksFilesError:
                by_trees, listing = True, self._by_trees(record)
        except TarballError as error:
            return _without(record, error.what.removesuffix("."), is_final=True)
        except GoneError:
            return _without(record, self._why_gone(record), is_final=True)
        except (*NOT_TOLD, SecondaryLimitError) as error:
            return self._failed(record, error)
        self.n_failed = 0
        self.n_fetched += 1
        has_files = bool(listing.paths)
        return record.model_copy(
            update={
                "status": "there" if has_files else "empty",
                "reason": None if has_files else "its commit has no files",
                "is_final": True,
                "way": "trees" if by_trees else "tarball",
                "listing": self.store.put_listing(listing),
                "fetched_at": datetime.fromtimestamp(self.source.line.limits.now(), UTC),
                "n_files": len(listing.files),
                "n_bytes": sum(file.size for file in listing.files),
            }
        )

    def _failed(self, record: CodeRecord, error: GitHubError) -> CodeRecord:
        why = unknown_of_one(error)
        is_final = why.kind is UnknownKind.REFUSED
        self.n_failed = 0 if is_final else self.n_failed + 1
        if self.n_failed == MOST_FAILED:
            raise OutageError(
                f"The code of {MOST_FAILED} projects, one after another, could not be had: "
                f"{error.what}",
                where=error.where,
                fix=error.fix or "go on later with the same command (githubstatus.com tells when)",
            ) from error
        return _without(record, why.reason, is_final=is_final)

    def _why_gone(self, record: CodeRecord) -> str:
        """Return whether the project is gone, or only the commit."""
        try:
            self.passing.get(f"/repos/{record.project}")
        except GoneError:
            return GONE
        except NOT_TOLD as error:
            return f"its code is gone, and the project perhaps as well ({error.what})"
        return vanished(str(record.commit))

    def _by_tarball(self, record: CodeRecord) -> CodeListing:
        return self.source.fetch(record.project, str(record.commit))

    def _by_trees(self, record: CodeRecord) -> CodeListing:
        path = f"/repos/{record.project}"
        tree = RemoteTree(self.passing, path, str(record.node_id), self.source.keep)
        tree.list_files(str(record.commit))
        journal = _Journal(self.store, str(record.commit))
        files = journal.read(tree)
        unread = list(tree.unread)
        with (
            journal.writing() as write,
            self.progress.task(record.asked, len(tree.wanted), unit="files") as task,
        ):
            task.advance(len(files))
            for found in tree.contents([file.path for file in files]):
                task.advance()
                if isinstance(found, UnreadFile):
                    unread.append(found)
                elif is_pointer(found[1]):
                    unread.append(UnreadFile(found[0], ELSEWHERE))
                else:
                    path, content = found
                    file = CodeFile(path=path, size=len(content), sha256=self.store.put(content))
                    write(file)
                    files.append(file)
        if tree.n_untold > max(FEW, len(tree.wanted) // 100):
            raise ServerTroubleError(f"GitHub did not give {tree.n_untold:,} files.", where=path)
        listing = CodeListing(
            files=tuple(sorted(files, key=lambda file: file.path)),
            unread=tuple(sorted((each.path, each.reason) for each in unread)),
            paths=tuple(sorted(tree.paths)),
            n_bytes=tree.n_bytes,
        )
        self.store.put_listing(listing)
        journal.end()
        return listing

    def _outcome(self, records: Sequence[CodeRecord]) -> FetchOutcome:
        asked: Counter[str] = Counter({"core": self.source.asked})
        for api in (self.api, self.passing):
            asked.update({str(resource): n for resource, n in api.asked.items()})
        return FetchOutcome(
            statuses=dict(sorted(Counter(each.status for each in records).items())),
            reasons=dict(Counter(each.reason for each in records if each.reason).most_common()),
            n_fetched=self.n_fetched,
            asked=dict(asked),
            n_bytes=self.source.n_bytes,
            waited_s=sum(self.source.line.limits.waited_s.values()),
        )


@dataclass(frozen=True)
class _Journal:
    """The files of a large project that are kept already; gone once its listing is."""

    store: CodeStore
    commit: str

    @property
    def _path(self) -> Path:
        return self.store.folder / UNFINISHED / f"{self.commit}.jsonl"

    def read(self, tree: RemoteTree) -> list[CodeFile]:
        """Return the files of a tree that are kept; a line that a dying process tore counts not."""
        try:
            lines = self._path.read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return []
        files = {}
        for line in lines:
            with suppress(ValidationError):
                file = CodeFile.model_validate_json(line)
                if file.path in tree.wanted and self.store.has(file.sha256):
                    files[file.path] = file
        return list(files.values())

    @contextmanager
    def writing(self) -> Iterator[Callable[[CodeFile], None]]:
        """Give what notes a file."""
        with storage_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab", buffering=0) as file:
                if file.tell():
                    file.write(b"\n")  # behind a line that was torn
                yield lambda kept: _write_all(file, kept.model_dump_json().encode() + b"\n")

    def end(self) -> None:
        """Remove it."""
        self._path.unlink(missing_ok=True)


def _write_all(file: IO[bytes], data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _is_open(record: CodeRecord | None) -> bool:
    """Tell whether a candidate is still to be pinned."""
    return record is None or (
        record.status == "unknown" and not record.is_final and record.commit is None
    )


def _without(record: CodeRecord, reason: str, *, is_final: bool) -> CodeRecord:
    return record.model_copy(
        update={"status": "unknown", "reason": reason, "is_final": is_final, "listing": None}
    )


def _key(record: CodeRecord) -> CandidateKey:
    return CodeCandidate(record.asked, record.asked_commit).key

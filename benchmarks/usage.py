"""What is found of how code uses frameworks: held against people, against peers, and in seconds.

``--data`` holds usage-2026/ with truth.csv, repositories.csv and feature_map.csv; ``--code`` holds
clones of these repositories, bare or not, as owner/name (without it: code/ in ``--data``).

- Precision and recall of the scan by class, pooled with intervals by a bootstrap over repositories,
  and as means over the repositories that have such rows; decoys are among them. A match is
  repository, path, line and symbol.
- Triples of repository, framework and feature, in the words of the map and in codes.
- Peers on the same files (`benchmarks.usage_peers`, `benchmarks.usage_jedi`), each by a match that
  it can reach, and the scan beside it by the same.
- Seconds of processor, of the scan alone: files are in memory. Parsed is Python that its own parser
  took, each text once, neither other formats nor outputs of notebooks; all seconds are counted.
- Memory while more and more files are scanned: the same repositories again, under other names.
- Tables that were filled by looking (`benchmarks.usage_folds`).
- What fetching the code of 50,000 dependents takes, by the plan that users see, and scanning it at
  the speed measured here.
"""

from __future__ import annotations

import argparse
import ast
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Any

from rich.table import Table

from artifacts.intervals import Interval
from benchmarks.common import arguments, measure, publish, table
from benchmarks.usage_code import (
    CodeText,
    Listed,
    Row,
    code_texts,
    files_of,
    read_listed,
    rows_of,
    shipped_catalog,
)
from benchmarks.usage_folds import N_FOLDS, FoldScores, score_folds
from benchmarks.usage_jedi import (
    NameSample,
    NameScore,
    asked_of_jedi,
    draw_names,
    score_names,
    use_keys,
)
from benchmarks.usage_peers import (
    calls_by_imports,
    line_of,
    lines_by_pattern,
    score_of,
    symbol_of,
    without_imports,
)
from insights.usage.evaluation import CLASSES, Score, evaluate_scan
from mining.code.planning import FetchPlan, plan_fetch
from reports.tables import with_bounds
from usage.catalog import Catalog
from usage.scan import scan
from usage.uses import SourceFile

PARTS = ("peers", "jedi", "memory", "folds")
N_FILES = (3_000, 6_000, 12_000)
N_PLANNED = 50_000
MB = 1e6
TRIPLES = {"feature": "triples, the map's words", "code": "triples, codes"}


@dataclass
class Scanned:
    """What scanning the repositories gave and took.

    Attributes
    ----------
    rows
        The uses.
    texts
        The files, as peers read them.
    parsed_bytes
        Of Python that its own parser took, each text once a repository.
    seconds, parser_seconds
        Of processor, for the scan alone; and of these, in Python's parser.
    """

    rows: list[Row] = field(default_factory=list)
    texts: list[CodeText] = field(default_factory=list)
    n_files: int = 0
    n_bytes: int = 0
    n_unread: int = 0
    parsed_bytes: int = 0
    seconds: float = 0.0
    parser_seconds: float = 0.0


def scan_listed(listed: Listed, code: Path, catalog: Catalog) -> Scanned:
    """Scan the listed repositories, one after the other, in this process."""
    done = Scanned()
    for each in listed.repositories:
        project, files = each["repo"], files_of(code, each)
        with counted_parsing() as parsed:
            start = time.process_time()
            found = scan(files, catalog)
            done.seconds += time.process_time() - start
        done.rows += rows_of(project, found, catalog)
        done.texts += code_texts(project, files)
        done.n_files += found.n_files
        done.n_bytes += found.n_bytes
        done.n_unread += len(found.unread)
        done.parsed_bytes += sum(parsed.n_bytes.values())
        done.parser_seconds += parsed.seconds
    return done


@dataclass
class Parsed:
    """What Python's parser took: the bytes of each text, and the seconds for all."""

    n_bytes: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0


@contextmanager
def counted_parsing() -> Iterator[Parsed]:
    """Count what Python's parser takes, while it lasts."""
    parsed = Parsed()
    original = ast.parse

    def parse(source: Any, *args: Any, **kwargs: Any) -> Any:
        start = time.process_time()
        try:
            tree = original(source, *args, **kwargs)
        finally:
            parsed.seconds += time.process_time() - start
        parsed.n_bytes[hash(source)] = len(source.encode("utf-8", "surrogatepass"))
        return tree

    ast.parse = parse
    try:
        yield parsed
    finally:
        ast.parse = original


def quality_tables(listed: Listed, done: Scanned) -> tuple[list[Table], dict[str, Any]]:
    """Return precision and recall by class, and of features."""
    projects = [each["repo"] for each in listed.repositories]
    found = evaluate_scan(done.rows, projects, listed.uses, listed.maps)
    scores: dict[str, Score] = {name: found.classes[name] for name in CLASSES}
    scores |= {TRIPLES[column]: score for column, score in found.triples.items()}
    users = [project for project, n_uses in found.decoys.items() if n_uses]
    title = f"The scan against people, {len(projects)} repositories; decoys that are users: "
    tables = [
        table(
            title + (", ".join(users) or "none"),
            ["", "found", "right", "precision", "mean", "n"],
            [
                [name, each.found, each.right, _bounds(each.precision), *_mean(each.mean_precision)]
                for name, each in scores.items()
            ],
        ),
        table(
            "",
            ["", "true", "found of it", "recall", "mean", "n"],
            [
                [name, each.true, each.recalled, _bounds(each.recall), *_mean(each.mean_recall)]
                for name, each in scores.items()
            ],
        ),
    ]
    figures = {name: _plain(score) for name, score in scores.items()}
    return tables, {"scores": figures, "decoys_users": users}


def _bounds(figure: Interval | None) -> str:
    return with_bounds(figure, 3, 2)


def _mean(mean: tuple[float, int] | None) -> tuple[float | None, int]:
    return mean or (None, 0)


def _plain(score: Score) -> dict[str, Any]:
    figures = dict(vars(score))
    for name in ("precision", "recall"):
        figures[name] = None if figures[name] is None else vars(figures[name])
    return figures


def peer_tables(listed: Listed, done: Scanned, roots: Iterable[str]) -> tuple[list[Table], Any]:
    """Return what a pattern and a walk over trees find beside the scan, imports aside."""
    names, texts = frozenset(roots), done.texts
    true, ours = without_imports(listed.uses), without_imports(done.rows)
    decoys = frozenset(listed.decoys)
    lines, pattern_s = _processed(lambda: lines_by_pattern(texts, names))
    (calls, n_refused), walk_s = _processed(lambda: calls_by_imports(texts, names))
    cases: list[tuple[str, str, set[tuple[str, ...]], float]] = [
        ("grep", "line", {*lines}, pattern_s),
        ("ast calls", "line", {each[:3] for each in calls}, walk_s),
        ("opsatlas", "line", {line_of(row) for row in ours}, done.seconds),
        ("ast calls", "symbol", {*calls}, walk_s),
        ("opsatlas", "symbol", {symbol_of(row) for row in ours}, done.seconds),
    ]
    rows, figures = [], []
    for name, match, found, seconds in cases:
        key: Callable[[Row], tuple[str, ...]] = line_of if match == "line" else symbol_of
        score = score_of(found, {key(row) for row in true})
        users = score_of({e for e in found if e[0] not in decoys}, {key(row) for row in true})
        apart = users.precision.value if users.precision else None
        figures.append({"peer": name, "match": match, "seconds": seconds, **_plain(score)})
        precision, recall = _bounds(score.precision), _bounds(score.recall)
        rows.append([f"{name}, by {match}", score.found, precision, apart, recall, seconds])
    heads = ["", "found", "precision", "users'", "recall", "s"]
    title = "Peers on the same files, imports and declarations aside; by line, or line and symbol"
    title += f"\n(users': decoys left out; s: of processor; refused by ast: {n_refused})"
    return [table(title, heads, rows)], figures


def _processed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    found = work()
    return found, time.process_time() - start


def jedi_tables(
    listed: Listed, done: Scanned, roots: Iterable[str], args: argparse.Namespace
) -> tuple[list[Table], Any]:
    """Return what jedi says of a sample of names, beside the scan."""
    names, classes = frozenset(roots), use_keys(listed.uses)
    sample = draw_names(done.texts, classes, names, args.names, seed=args.seed)
    said, seconds = asked_of_jedi(sample, done.texts, names, args.wheels)
    ours = use_keys(done.rows)
    found = {spot for spot in (*sample.uses, *sample.others) if spot.key in ours}
    n_wheels = len(list(args.wheels.glob("*.whl"))) if args.wheels else 0
    with_what = f"jedi, {n_wheels} wheels" if n_wheels else "jedi, no wheels"
    scores = {
        with_what: score_names(sample, said, classes, seconds),
        "opsatlas": score_names(sample, found, classes),
    }
    return [_names_table(sample, scores)], {name: vars(of) for name, of in scores.items()}


def _names_table(sample: NameSample, scores: Mapping[str, NameScore]) -> Table:
    rows = [
        [
            name,
            each.right,
            each.wrong,
            each.precision,
            each.recall,
            *(_mean(each.recalls.get(of))[0] for of in ("direct", "instance")),
            None if each.seconds is None else each.seconds / (each.n_uses + each.n_others),
        ]
        for name, each in scores.items()
    ]
    title = f"Whether names are a framework's: {len(sample.uses)} that are, and "
    title += f"{len(sample.others)} others; by line and last name"
    heads = ["", "right", "wrong", "precision", "recall", "direct", "instance", "s a name"]
    return table(title, heads, rows)


def scan_many(data: Path, code: Path, n_files: int, *, as_one: bool = False) -> dict[str, Any]:
    """Scan the listed repositories again and again until there were so many files.

    Parameters
    ----------
    as_one
        As one repository, in which each of them is a folder.
    """
    listed, catalog = read_listed(data), shipped_catalog()
    held: list[SourceFile] = []
    n_done = n_uses = 0
    start = time.process_time()
    for number, each in zip(count(), cycle(listed.repositories)):
        files = files_of(code, each)[: n_files - n_done]
        n_done += len(files)
        if as_one:
            held += [SourceFile(f"{number}/{file.path}", file.content) for file in files]
        else:
            n_uses += len(scan(files, catalog).uses)
        if n_done >= n_files:
            break
    if as_one:
        n_uses = len(scan(held, catalog).uses)
    return {"files": n_done, "uses": n_uses, "seconds": time.process_time() - start}


def memory_tables(data: Path, code: Path) -> tuple[list[Table], Any]:
    """Return memory and seconds over a growing number of files."""
    rows, figures = [], []
    for n_files in N_FILES:
        got = measure(scan_many, data, code, n_files)
        figures.append({**got.value, "peak_mib": got.peak_mib})
        seconds = got.value["seconds"]
        rows.append([n_files, got.value["uses"], seconds, n_files / seconds, got.peak_mib])
    heads = ["files", "uses", "s of processor, with reading", "files a s", "peak MiB"]
    return [table("More and more files, repository by repository", heads, rows)], figures


def speed_table(done: Scanned) -> tuple[Table, dict[str, Any]]:
    """Return how fast the scan is, and by what."""
    figures = {
        "files": done.n_files,
        "unread": done.n_unread,
        "MB looked into": done.n_bytes / MB,
        "MB of Python parsed": done.parsed_bytes / MB,
        "MB of other formats and outputs, or looked through": (done.n_bytes - done.parsed_bytes)
        / MB,
        "processor s": done.seconds,
        "of these in Python's parser": done.parser_seconds,
        "MB parsed a second and core": done.parsed_bytes / MB / done.seconds,
        "MB looked into a second and core": done.n_bytes / MB / done.seconds,
    }
    return table("Speed of the scan", ["", "figure"], [*map(list, figures.items())]), figures


def folds_tables(found: FoldScores) -> tuple[list[Table], Any]:
    """Return what the tables that were filled by looking add, and how many entries they have."""
    kinds = {"whole": found.whole, "cut": found.cut, "no tables": found.none}
    rows = [
        [
            name,
            *(
                _bounds(figure)
                for of in ("direct", "instance")
                for figure in (scores[of].precision, scores[of].recall)
            ),
        ]
        for name, scores in kinds.items()
    ]
    heads = ["", "precision, direct", "recall", "precision, instance", "recall"]
    title = (
        f"Tables filled by looking, {N_FOLDS} folds over repositories: where nobody looked, figures"
    )
    title += "\nare between those with tables cut to what the other folds exercise, and whole ones"
    scored = table(title, heads, rows)
    entries = [[name, *numbers] for name, numbers in found.entries.items()]
    heads = ["table", "entries", "exercised", "by a fold alone, mean"]
    figures = {
        "entries": dict(found.entries),
        **{name: {of: _plain(each[of]) for of in CLASSES} for name, each in kinds.items()},
    }
    return [scored, table("Entries of these tables", heads, entries)], figures


def plan_table(plan: FetchPlan, scan_s: float) -> tuple[Table, dict[str, Any]]:
    """Return what fetching takes, and scanning at so many seconds a repository."""
    figures = {
        "requests": plan.requests,
        "GB down": plan.bytes_down / 1e9,
        "GB kept": plan.bytes_kept / 1e9,
        "hours by GitHub's limits": plan.quota_hours,
        "hours of transfer": plan.transfer_hours,
        "hours of fetching in all": plan.hours,
        "hours of scanning on one core": plan.projects * scan_s / 3_600,
    }
    title = f"Plan: the code of {plan.projects:,} dependents"
    return table(title, ["", "figure"], [*map(list, figures.items())]), figures


def parse() -> argparse.Namespace:
    """Return the arguments."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--code", type=Path, help="clones as owner/name; else DATA/code")
    parser.add_argument("--wheels", type=Path, help="wheels of the frameworks, for jedi")
    parser.add_argument("--names", type=int, default=60, help="names to ask jedi for")
    parser.add_argument("--seed", type=int, default=0, help="draws names and folds")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS, help="beside scores")
    args = parser.parse_args()
    args.code = args.code or args.data / "code"
    return args


def main() -> None:
    """Run the benchmark."""
    args = parse()
    listed, catalog = read_listed(args.data), shipped_catalog()
    done = scan_listed(listed, args.code, catalog)
    tables, figures = quality_tables(listed, done)
    shown, figures["speed"] = speed_table(done)
    tables.append(shown)
    parts: dict[str, Callable[[], tuple[list[Table], Any]]] = {
        "peers": lambda: peer_tables(listed, done, catalog.roots),
        "jedi": lambda: jedi_tables(listed, done, catalog.roots, args),
        "memory": lambda: memory_tables(args.data, args.code),
        "folds": lambda: folds_tables(score_folds(listed, args.code, seed=args.seed)),
    }
    for name in args.parts:
        more, figures[name] = parts[name]()
        tables += more
    shown, figures["plan"] = plan_table(
        plan_fetch(N_PLANNED), done.seconds / len(listed.repositories)
    )
    publish("usage", figures, [*tables, shown], args.out)


if __name__ == "__main__":
    main()

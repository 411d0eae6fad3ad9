"""The texts of the benchmarks, read from a folder of outside data."""

from __future__ import annotations

import csv
import gzip
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.documents import repository_document

WINDOW_CHARS = 400
BODY_CHARS = 20_000
DROPPED_SHARE = 0.15
FOREIGN_TEXTS = Path(__file__).parent / "foreign_texts.jsonl"


@dataclass(frozen=True)
class Corpus:
    """Texts, the key of each, and what people said about them: list → key → class."""

    name: str
    keys: list[str]
    texts: list[str]
    gold: dict[str, dict[str, str]]


def tools_2026(data: Path) -> Corpus:
    """Return the 357 tools (words of the name and description) with their curated lists."""
    tools = _json_lines(data / "tools-2026" / "tools.jsonl")
    keys = [tool["full_name"] for tool in tools]
    texts = [_joined(_name_words(tool["full_name"]), tool["description"]) for tool in tools]
    return Corpus("tools-2026", keys, texts, lists(data))


def lists(data: Path) -> dict[str, dict[str, str]]:
    """Return where each curated list places each tool: list → full name → category."""
    return lists_of(data / "tools-2026" / "curated_lists.csv")


def lists_of(path: Path) -> dict[str, dict[str, str]]:
    """Return lists from a table of full_name, list and category: list → full name → category."""
    placed: dict[str, dict[str, str]] = {}
    for row in _csv_rows(path):
        placed.setdefault(row["list"], {})[row["full_name"]] = row["category"]
    return placed


def repositories_2023(data: Path) -> Corpus:
    """Return the 1,007 repositories: words of the name, description and topics."""
    found: dict[int, dict[str, Any]] = {}
    for path in sorted((data / "github-search-2023-01-18").glob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for item in json.load(file)["items"]:
                found.setdefault(item["id"], item)
    texts = [
        _joined(
            _name_words(item["full_name"]),
            item["description"],
            ", ".join(topic.replace("-", " ") for topic in item["topics"]),
        )
        for item in found.values()
    ]
    keys = [item["full_name"] for item in found.values()]
    return Corpus("repositories-2023", keys, texts, {})


def requests(data: Path) -> Corpus:
    """Return the feature requests that have a summary, with the themes of the one coder."""
    rows = _json_lines(data / "feature-requests" / "requests.jsonl")
    rows = [row for row in rows if row["summary"]]
    coded = _csv_rows(data / "feature-requests" / "themes_one_coder.csv")
    themes = {row["url"]: row["theme"] for row in coded}
    keys = [row["url"] for row in rows]
    return Corpus("requests", keys, [row["summary"] for row in rows], {"one coder": themes})


def features_two_coders(data: Path) -> dict[str, str]:
    """Return the feature of each request that two coders agree on, by its address."""
    rows = _csv_rows(data / "usage-2026" / "requests_two_coders.csv")
    return {
        f"https://github.com/{row['repository']}/issues/{row['number']}": row["feature_a"]
        for row in rows
        if row["feature_a"] == row["feature_b"]
    }


def readmes(name: str, path: Path, gold: dict[str, dict[str, str]]) -> Corpus:
    """Return READMEs (full_name, readme, file) as the product prepares them, those with words."""
    texts = {}
    for row in _json_lines(path):
        key = row["full_name"]
        readme = {"text": row["readme"], "path": row["file"]}
        texts[key] = repository_document({"repo_key": key, "full_name": key}, readme).text
    texts = {key: text for key, text in texts.items() if text}
    return Corpus(name, list(texts), list(texts.values()), gold)


def foreign() -> Corpus:
    """Return 50 texts on cooking, sports and law, written for this benchmark."""
    rows = _json_lines(FOREIGN_TEXTS)
    subjects = {row["id"]: row["subject"] for row in rows}
    texts = [row["text"] for row in rows]
    return Corpus("foreign", list(subjects), texts, {"subject": subjects})


def mixed(corpus: Corpus, strangers: Corpus) -> Corpus:
    """Return both together, the strangers last; the gold lists of ``corpus`` are kept."""
    return Corpus(
        f"{corpus.name} with {len(strangers.keys)} foreign texts",
        corpus.keys + strangers.keys,
        corpus.texts + strangers.texts,
        corpus.gold,
    )


def nlbse_windows(data: Path, n: int, *, seed: int = 0) -> list[str]:
    """Return ``n`` short texts made of issues: title and successive windows of the body.

    There are 7,954 of them (bodies count up to 20,000 characters). Beyond that they come again,
    each time with 15 % of the words dropped at random.
    """
    csv.field_size_limit(sys.maxsize)
    path = data / "issue-reports-nlbse24" / "issues_train.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    windows = []
    for row in rows:
        body = row["body"].replace("\r\n", "\n")[:BODY_CHARS]
        windows += [
            _joined(row["title"], body[start : start + WINDOW_CHARS])
            for start in range(0, len(body), WINDOW_CHARS)
        ]
    chance = random.Random(seed)
    texts = windows[:n]
    while len(texts) < n:
        texts.append(_thinned(windows[len(texts) % len(windows)], chance))
    return texts


def _thinned(text: str, chance: random.Random) -> str:
    words = text.split()
    kept = [word for word in words if chance.random() >= DROPPED_SHARE]
    return " ".join(kept or words)


def _name_words(full_name: str) -> str:
    return full_name.split("/", 1)[1].replace("-", " ").replace("_", " ")


def _joined(*parts: str | None) -> str:
    return ". ".join(part.strip() for part in parts if part and part.strip())


def _json_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

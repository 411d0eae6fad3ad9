"""Importing README texts from folders and JSONL."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from artifacts.errors import ArtifactError, InputError
from mining.snapshots import load_table, seal
from mining.sources.readmes import MAX_README_CHARACTERS, git_blob_sha, import_readmes
from mining.sources.tabular import import_repositories


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """Return a draft with two repositories, one of them renamed once."""
    rows = [{"full_name": "Acme/Forge", "aliases": ["acme/anvil"]}, {"full_name": "acme/kiln"}]
    file = tmp_path / "r.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_repositories([file], tmp_path / "d")
    return tmp_path / "d"


def put(folder: Path, name: str, content: bytes) -> Path:
    """Write a README into the folder of READMEs and return that folder."""
    path = folder / "readmes" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return folder / "readmes"


def test_a_folder_is_joined_by_name_and_former_name(tmp_path: Path, draft: Path) -> None:
    """READMEs find their repository whatever the case and the name; strangers are listed."""
    put(tmp_path, "acme/anvil/README.rst", b"Forge\n=====\n")
    put(tmp_path, "acme/stranger/README.md", b"# Stranger")
    put(tmp_path, "acme/bare/main.py", b"pass")
    folder = put(tmp_path, "ACME/kiln/readme.MD", "# Kiln 🔥".encode())
    summary = import_readmes([folder], draft)
    rows = {row["repo_key"]: row for row in load_table(draft, "readmes").to_pylist()}
    assert rows["name:acme/forge"]["text"] == "Forge\n=====\n"
    assert rows["name:acme/kiln"]["text"] == "# Kiln 🔥"
    assert rows["name:acme/kiln"]["path"] == "readme.MD"
    assert rows["name:acme/kiln"]["truncated"] is False
    assert summary.source.facts["unmatched"] == 1
    listed = [json.loads(line) for line in (draft / "rejects.jsonl").read_text().splitlines()]
    assert [entry["file"] for entry in listed] == ["acme/bare", "acme/stranger/README.md"]
    counts = summary.source.counts["readmes"]
    assert counts.read == counts.kept + sum(drop.count for drop in counts.dropped) == 4


def test_jsonl_is_joined_too(tmp_path: Path, draft: Path) -> None:
    """Rows of full_name and text are joined, bad ones listed by row."""
    rows: list[dict[str, object]] = [
        {"full_name": "acme/anvil", "text": "Forge"},
        {"full_name": "acme/kiln", "text": 7},
        {"full_name": "acme/kiln"},
    ]
    file = tmp_path / "readmes.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    summary = import_readmes([file], draft)
    (row,) = load_table(draft, "readmes").to_pylist()
    assert (row["text"], row["path"], row["sha"]) == ("Forge", None, None)
    assert summary.source.n_rejected == 2


def test_one_readme_a_repository(tmp_path: Path, draft: Path) -> None:
    """Markdown goes before other formats, and the plain name before translations."""
    for name in ("README", "README.md", "README.rst", "README.zh.md"):
        folder = put(tmp_path, f"acme/kiln/{name}", name.encode())
    summary = import_readmes([folder], draft)
    assert load_table(draft, "readmes")["text"].to_pylist() == ["README.md"]
    assert summary.source.counts["readmes"].dropped[0].count == 3


def test_a_pointer_of_lfs_is_no_readme(tmp_path: Path, draft: Path) -> None:
    """It is listed as rejected; another README of the repository takes its place."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0a' * 32}\nsize 12\n"
    put(tmp_path, "acme/kiln/README.md", pointer.encode())
    put(tmp_path, "acme/forge/README.md", pointer.encode())
    folder = put(tmp_path, "acme/forge/README.Rmd", b"# Forge in R\n")
    summary = import_readmes([folder], draft)
    assert load_table(draft, "readmes")["path"].to_pylist() == ["README.Rmd"]
    assert "pointer of Git LFS" in (draft / "rejects.jsonl").read_text()
    counts = summary.source.counts["readmes"]
    assert counts.read == counts.kept + sum(drop.count for drop in counts.dropped) == 3


def test_huge_and_invalid_texts_are_used_and_flagged(tmp_path: Path, draft: Path) -> None:
    """A README of 5 MB is cut, bytes that are not UTF-8 are replaced, and both are noted."""
    put(tmp_path, "acme/kiln/README.md", b"word " * 1_000_000)
    folder = put(tmp_path, "acme/forge/README.md", b"caf\xe9 \xff")
    summary = import_readmes([folder], draft)
    forge, kiln = load_table(draft, "readmes").to_pylist()
    assert (forge["text"], forge["truncated"]) == ("caf\ufffd \ufffd", False)
    assert (len(kiln["text"]), kiln["truncated"]) == (MAX_README_CHARACTERS, True)
    assert any("cut at" in note for note in summary.source.notes)
    assert any("not UTF-8" in note for note in summary.source.notes)


def test_the_sha_is_gits(tmp_path: Path, draft: Path) -> None:
    """A README from a folder carries the hash that git gives its bytes."""
    import_readmes([put(tmp_path, "acme/kiln/README.md", b"hello\n")], draft)
    sha = load_table(draft, "readmes")["sha"].to_pylist()
    # What `git hash-object` says of these six bytes.
    assert sha == ["ce013625030ba8dba906f756967f9e9ca394464a"]
    assert git_blob_sha(b"") == hashlib.sha1(b"blob 0\0").hexdigest()


def test_a_newer_readme_replaces_the_older(tmp_path: Path, draft: Path) -> None:
    """Importing another README leaves one row, of which nothing is left from the older."""
    import_readmes([put(tmp_path, "acme/kiln/README.md", b"old")], draft)
    (tmp_path / "new.jsonl").write_text('{"full_name": "acme/kiln", "text": "a new one"}')
    import_readmes([tmp_path / "new.jsonl"], draft)
    (row,) = load_table(draft, "readmes").to_pylist()
    assert (row["text"], row["sha"], row["path"]) == ("a new one", None, None)


def test_sources_without_readmes_are_errors(tmp_path: Path, draft: Path) -> None:
    """A folder without READMEs, a foreign file and a draft without repositories are refused."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n')
    for source in (tmp_path / "empty", tmp_path / "x.jsonl", tmp_path / "gone"):
        with pytest.raises(InputError) as refused:
            import_readmes([source], draft)
        assert refused.value.where == str(source)
    with pytest.raises(InputError, match="no repositories"):
        import_readmes([put(tmp_path, "a/b/README.md", b"x")], tmp_path / "other")
    seal(draft)
    with pytest.raises(ArtifactError, match="sealed"):
        import_readmes([tmp_path / "readmes"], draft)

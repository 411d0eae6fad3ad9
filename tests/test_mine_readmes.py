"""Which file is a README: by the names that GitHub shows, and never a mere pointer to one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mining.sources.readmes import is_lfs_pointer
from tests.github import NOW, World, make_world
from tests.github.git import FILE, Blob, Entry, commit, folder
from tests.mining_worlds import TOPICS, mined_world, study

POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)


def with_files(world: World, files: dict[int, dict[str, str]]) -> World:
    """Return a world whose repositories have these files."""
    changed = dict(world.repositories)
    for number, texts in files.items():
        entries = [Entry(name, FILE, Blob(text.encode())) for name, text in texts.items()]
        commits = (commit(folder(*entries), NOW - 99, str(number)),)
        changed[number] = replace(changed[number], commits=commits, huge=False)
    return World(world.now, changed)


def test_a_readme_is_what_github_shows(tmp_path: Path) -> None:
    """R Markdown and the other forms of github/markup are READMEs; a pointer of LFS is none."""
    world = make_world(4, 20, TOPICS, (), 0)
    plain = [n for n in sorted(world.found("mlops")) if not world.repositories[n].blocked]
    files = [
        {"README.Rmd": "# In R\n", "index.html": "<p>"},
        {"README.Rmd": "# In R\n", "README.md": "# Rendered\n"},
        {"readme.mdwn": "# Other\n"},
        {"README.rest": "Rest\n====\n"},
        {"README.md": POINTER},
        {"README.zh-CN.md": "# Translated\n"},
    ]
    numbers = dict(zip(plain, files, strict=False))
    with mined_world(with_files(world, numbers), tmp_path) as mined:
        outcome = mined.mine(of=study(()))
        rows = {row["repo_key"]: row["path"] for row in mined.rows(outcome, "readmes")}
    assert outcome.summary is not None
    found = [rows.get(f"gh:{number}") for number in list(numbers)]
    assert found == ["README.Rmd", "README.md", "readme.mdwn", "README.rest", None, None]
    name = world.repositories[plain[4]].full_name
    said = "\n".join(outcome.summary.source.notes)
    assert f"no README: what is there is a pointer of Git LFS, not its text (1): {name}" in said


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (POINTER, True),
        (POINTER.replace("\n", "\r\n"), True),
        ("\ufeff" + POINTER, True),
        (POINTER.replace("git-lfs", "hawser"), True),
        (POINTER.replace("oid", "ext-0-foo sha256:ab\noid"), True),
        (f"# Large files\n\nA pointer looks so:\n\n{POINTER}", False),
        ("version https://git-lfs.github.com/spec/v1 is what this tool writes", False),
        ("", False),
    ],
)
def test_a_pointer_is_known_by_its_form(text: str, is_one: bool) -> None:
    """It begins with its version and names an object; a text about one is a text."""
    assert is_lfs_pointer(text) is is_one

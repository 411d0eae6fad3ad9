"""Code read from local clones and folders: whole, odd, partial, broken, hostile."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifacts.errors import InputError
from mining.code.local import local_projects, read, read_project
from mining.code.projects import ProjectCode, UnreadFile, is_pointer
from tests.clones import (
    FILE,
    FOLDER,
    LINK,
    MADE_AT,
    MODULE,
    blob,
    clone_of,
    commit,
    damage,
    git,
    lose,
    new_repository,
    tree,
    unpack,
)

FILES = {"app/main.py": b"import mlflow\n", "docs/logo.png": b"\x89PNG", "tox.ini": b""}


def python(path: str, size: int) -> bool:
    """Want Python, up to 100,000 bytes."""
    return path.endswith((".py", ".ipynb")) and size <= 100_000


def everything(path: str, size: int) -> bool:
    """Want every file."""
    return True


def read_all(code: ProjectCode) -> dict[str, bytes]:
    """Return the wanted files."""
    return dict(code.files())


def reasons(code: ProjectCode) -> dict[str, str]:
    """Go through the files; return why which of them are unread."""
    list(code.files())
    return {each.path: each.reason for each in code.unread}


# Whole clones


def test_the_files_of_a_commit_are_read(tmp_path: Path) -> None:
    """The wanted ones with their bytes, all by their paths, with when it was made."""
    made = clone_of(tmp_path / "clone", FILES)
    code = read_project("acme/forge", tmp_path / "clone", python)
    assert (code.status, code.reason, code.commit) == ("there", None, made)
    assert code.committed_at == datetime.fromtimestamp(MADE_AT, UTC)
    assert code.paths == tuple(sorted(FILES))
    assert (code.n_files, code.n_bytes) == (3, sum(map(len, FILES.values())))
    assert read_all(code) == read_all(code) == {"app/main.py": b"import mlflow\n"}
    assert code.unread == []


def test_an_older_commit_is_read_where_one_is_named(tmp_path: Path) -> None:
    """By its name, whole or short, or by a tag; the head may be elsewhere."""
    place = tmp_path / "clone"
    first = clone_of(place, {"a.py": b"1"})
    git(place, "tag", "v1", first)
    commit(place, tree(place, (FILE, blob(place, b"2"), b"a.py")))
    for name in (first, first[:9], "v1"):
        code = read_project("acme/forge", place, python, commit=name)
        assert code.commit == first
        assert read_all(code) == {"a.py": b"1"}
    assert dict(read(place, "main", python)) == {"a.py": b"2"}


def test_a_working_tree_counts_as_it_was_committed(tmp_path: Path) -> None:
    """What is checked out and changed is not read; nor is what nobody committed."""
    made = clone_of(tmp_path / "origin", FILES)
    git(tmp_path, "clone", "-q", "origin", "copy")
    git(tmp_path / "copy", "worktree", "add", "-q", "../second", made)
    (tmp_path / "copy" / "app" / "main.py").write_text("changed")
    (tmp_path / "copy" / "new.py").write_text("new")
    for name in ("copy", "second"):
        code = read_project("acme/forge", tmp_path / name, python)
        assert read_all(code) == {"app/main.py": b"import mlflow\n"}


def test_a_shallow_clone_has_its_commit(tmp_path: Path) -> None:
    """The last one is whole; one before it is told to be missing."""
    place = tmp_path / "origin"
    first = clone_of(place, {"a.py": b"1"})
    blob_2 = blob(place, b"2")
    second = git(place, "commit-tree", "-m", "2", "-p", first, tree(place, (FILE, blob_2, b"a.py")))
    git(place, "update-ref", "refs/heads/main", second)
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{place}", "copy")
    assert read_all(read_project("acme/forge", tmp_path / "copy", python)) == {"a.py": b"2"}
    code = read_project("acme/forge", tmp_path / "copy", python, commit=first)
    assert code.status == "unknown"
    assert "is not there (a shallow clone" in str(code.reason)


def test_names_may_be_odd(tmp_path: Path) -> None:
    """With line ends, quotes, spaces; what is not UTF-8 is written out, and read all the same."""
    place = new_repository(tmp_path / "clone")
    one = blob(place, b"odd")
    names = [b" a\tb.py", b"caf\xe9.py", b"new\nline.py", b'qu"ote.py', "\u00fc.py".encode()]
    commit(place, tree(place, *((FILE, one, name) for name in names)))
    found = read_all(read_project("acme/forge", place, python))
    assert found == dict.fromkeys(
        [" a\tb.py", "caf\\udce9.py", "new\nline.py", 'qu"ote.py', "\u00fc.py"], b"odd"
    )


def test_objects_may_be_named_by_sha_256_and_lie_elsewhere(tmp_path: Path) -> None:
    """Both are ways to keep a clone: the format to come, and objects that clones share."""
    (tmp_path / "new").mkdir()
    git(tmp_path / "new", "init", "-q", "--object-format=sha256", ".")
    write(tmp_path / "new", {"a.py": b"1"})
    git(tmp_path / "new", "add", "a.py")
    git(tmp_path / "new", "commit", "-q", "-m", "1")
    code = read_project("acme/forge", tmp_path / "new", python)
    assert (len(str(code.commit)), read_all(code)) == (64, {"a.py": b"1"})
    clone_of(tmp_path / "origin", {"a.py": b"1"})
    git(tmp_path, "clone", "-q", "--shared", "--bare", "origin", "copy")
    assert read_all(read_project("acme/forge", tmp_path / "copy", python)) == {"a.py": b"1"}


def test_links_and_submodules_are_no_files(tmp_path: Path) -> None:
    """They are neither followed nor listed; a link that is wanted is named."""
    place = new_repository(tmp_path / "clone")
    target = blob(place, b"/etc/passwd")
    entries = [(LINK, target, b"link.py"), (FILE, blob(place, b"x"), b"real.py")]
    made = commit(place, tree(place, *entries))
    commit(place, tree(place, *entries, (MODULE, made, b"sub")))
    code = read_project("acme/forge", place, python)
    assert read_all(code) == {"real.py": b"x"}
    assert code.paths == ("real.py",)
    assert reasons(code) == {"link.py": "it is a link, and links are not followed"}


@settings(max_examples=15)
@given(
    st.dictionaries(
        st.lists(st.sampled_from(["a", "b c", "d.py", "\u00e9", "e\n"]), min_size=1, max_size=3)
        .map("/".join)
        .map(lambda path: f"{path}.f"),
        st.binary(max_size=300).filter(lambda content: not is_pointer(content)),
        max_size=12,
    )
)
def test_whatever_was_committed_is_read(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    """Every file comes back as it was put in, in the order of the paths."""
    place = tmp_path_factory.mktemp("any") / "clone"
    clone_of(place, files)
    code = read_project("acme/forge", place, everything)
    assert list(code.files()) == sorted(files.items())
    assert code.status == ("there" if files else "empty")


def test_only_one_file_is_in_memory_at_a_time(tmp_path: Path) -> None:
    """Ten files of a megabyte take little more memory than one."""
    clone_of(tmp_path / "clone", {f"{n}.py": bytes([n]) * 1_000_000 for n in range(10)})
    code = read_project("acme/forge", tmp_path / "clone", everything)
    tracemalloc.start()
    n = sum(len(content) for _, content in code.files())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n == 10_000_000
    assert peak < 5_000_000


# Partial and broken clones


def test_a_missing_content_is_named(tmp_path: Path) -> None:
    """Of a partial clone the other files are read; only what is wanted is named."""
    place = new_repository(tmp_path / "clone")
    there, gone = blob(place, b"x"), blob(place, b"gone")
    names = [(FILE, gone, b"gone.png"), (FILE, gone, b"gone.py"), (FILE, there, b"there.py")]
    commit(place, tree(place, *names))
    lose(place, gone)
    code = read_project("acme/forge", place, python)
    assert read_all(code) == {"there.py": b"x"}
    assert code.unread == [
        UnreadFile("gone.py", "its content is not in this clone (a partial clone)")
    ]


def test_what_a_partial_clone_lacks_is_not_fetched(tmp_path: Path) -> None:
    """A remote that runs a program when something is fetched from it never runs."""
    clone_of(tmp_path / "origin", {"a.py": b"1", "b.py": b"2"})
    git(tmp_path / "origin", "config", "uploadpack.allowFilter", "true")
    origin = f"file://{tmp_path / 'origin'}"
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", origin, "copy")
    ran = tmp_path / "ran"
    git(tmp_path / "copy", "config", "remote.origin.uploadpack", f"touch {ran};")
    code = read_project("acme/forge", tmp_path / "copy", python)
    assert set(reasons(code)) == {"a.py", "b.py"}
    assert not ran.exists()


def test_damaged_objects_are_named_and_the_others_read(tmp_path: Path) -> None:
    """Git gives up at each; another one goes on behind it."""
    place = tmp_path / "clone"
    clone_of(place, {f"{n:03}.py": b"%d" % n for n in range(300)})
    unpack(place)
    for n in (0, 7, 8, 299):
        damage(place, git(place, "rev-parse", f"main:{n:03}.py"))
    code = read_project("acme/forge", place, python)
    found = read_all(code)
    assert len(found) == 296
    assert all(found[path] == b"%d" % int(path[:3]) for path in found)
    assert {each.path for each in code.unread} == {"000.py", "007.py", "008.py", "299.py"}


def test_a_missing_folder_is_named_and_the_others_read(tmp_path: Path) -> None:
    """A folder whose listing is lost is unread as a whole, wherever it is."""
    place = tmp_path / "clone"
    clone_of(place, {"a/b/c.py": b"1", "a/d/e.py": b"2", "a/f.py": b"3", "g.py": b"4"})
    unpack(place)
    lose(place, git(place, "rev-parse", "main:a/b"))
    code = read_project("acme/forge", place, python)
    assert read_all(code) == {"a/d/e.py": b"2", "a/f.py": b"3", "g.py": b"4"}
    (unread,) = code.unread
    assert unread.path == "a/b/"
    assert unread.reason.startswith("what is in this folder cannot be listed: ")


def test_a_clone_without_its_root_is_unknown(tmp_path: Path) -> None:
    """Nothing can be said of its files, so there are not none."""
    place = tmp_path / "clone"
    made = clone_of(place, {"a.py": b"1"})
    unpack(place)
    lose(place, git(place, "rev-parse", "main^{tree}"))
    code = read_project("acme/forge", place, python)
    assert (code.status, code.commit) == ("unknown", made)
    assert "cannot be listed" in str(code.reason)


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("nothing", "unknown", "there is no such folder"),
        ("empty", "empty", "nothing was ever committed"),
        ("headless", "unknown", "its HEAD leads to no commit"),
        ("no git", "unknown", "git cannot open it: "),
        ("no files", "empty", "its commit has no files"),
    ],
)
def test_a_clone_without_code_says_why(tmp_path: Path, name: str, status: str, words: str) -> None:
    """Nothing at the place, nothing committed, no HEAD, no repository: each is told apart."""
    place = tmp_path / name
    if name in ("empty", "no files"):
        new_repository(place)
    if name == "no files":
        commit(place, tree(place))
    if name == "headless":
        clone_of(place, FILES)
        (place / "HEAD").write_text("ref: refs/heads/other\n")
    if name == "no git":
        (place / ".git").mkdir(parents=True)
    code = read_project("acme/forge", place, python)
    assert code.status == status
    assert str(code.reason).startswith(words)
    assert list(code.files()) == []


@pytest.mark.parametrize("name", ["f" * 40, "--output=x", "main:a.py", "a b", "..", ""])
def test_a_commit_that_is_not_there_is_unknown(tmp_path: Path, name: str) -> None:
    """It may have vanished, or be no name at all."""
    clone_of(tmp_path / "clone", {"a.py": b"1"})
    code = read_project("acme/forge", tmp_path / "clone", python, commit=name)
    assert code.status == "unknown"
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "clone", name, python)


def test_paths_that_lead_elsewhere_are_refused(tmp_path: Path) -> None:
    """Trees that no honest git writes: `..`, a slash in a name, one name twice."""
    place = new_repository(tmp_path / "clone")
    bad, good = blob(place, b"bad"), blob(place, b"good")
    below = tree(place, (FILE, bad, b"x.py"))
    commit(
        place,
        tree(
            place,
            (FOLDER, below, b".."),
            (FILE, bad, b"/etc.py"),
            (FILE, good, b"a.py"),
            (FILE, bad, b"a.py"),
        ),
    )
    code = read_project("acme/forge", place, python)
    assert read_all(code) == {"a.py": b"good"}
    assert reasons(code) == {
        "../x.py": "its path leads elsewhere",
        "/etc.py": "its path is absolute",
        "a.py": "there is another file of this path",
    }


def test_large_files_and_pointers_are_named(tmp_path: Path) -> None:
    """What would be wanted if it were smaller, or if it were here, is unread."""
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    files = {"big.py": b"#" * 100_001, "big.png": b"#" * 100_001, "lfs.ipynb": pointer}
    clone_of(tmp_path / "clone", {**files, "a.py": b"1"})
    assert reasons(read_project("acme/forge", tmp_path / "clone", python)) == {
        "big.py": "it is too large (100,001 bytes)",
        "lfs.ipynb": "its content is kept elsewhere (Git LFS or git-annex)",
    }


# Hostile clones


def test_folders_that_hold_each_other_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten trees of a kilobyte list ten thousand million files; no more are read than may be."""
    monkeypatch.setattr("mining.code.local.MOST_FILES", 500)
    place = new_repository(tmp_path / "clone")
    below, mode = blob(place, b"x"), FILE
    for _ in range(10):
        below = tree(place, *((mode, below, b"%d.py" % n) for n in range(10)))
        mode = FOLDER
    commit(place, below)
    code = read_project("acme/forge", place, python)
    assert (code.status, code.reason) == ("unknown", "it lists more files than any project has")


@pytest.mark.parametrize(
    "setting",
    [
        "core.pager",
        "core.sshCommand",
        "core.fsmonitor",
        "core.editor",
        "gpg.program",
        "diff.external",
        "filter.run.smudge",
        "alias.ls-tree",
        "alias.cat-file",
    ],
)
def test_nothing_that_a_clone_configures_is_run(tmp_path: Path, setting: str) -> None:
    """Programs that its configuration names stay where they are."""
    place, ran = tmp_path / "clone", tmp_path / "ran"
    clone_of(place, {"a.py": b"1", ".gitattributes": b"* filter=run diff=run\n"})
    git(place, "config", setting, f"!touch {ran}" if "alias" in setting else f"touch {ran};")
    git(place, "config", "log.showSignature", "true")
    assert read_all(read_project("acme/forge", place, python)) == {"a.py": b"1"}
    assert not ran.exists()


def test_replaced_objects_and_the_environment_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the commit holds is read, not what a clone or a variable puts in its place."""
    place = tmp_path / "clone"
    clone_of(place, {"a.py": b"true"})
    git(place, "replace", git(place, "rev-parse", "main:a.py"), blob(place, b"false"))
    clone_of(tmp_path / "other", {"a.py": b"other"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "other" / "objects"))
    assert read_all(read_project("acme/forge", place, python)) == {"a.py": b"true"}


def test_without_git_clones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do about it."""
    clone_of(tmp_path / "clone", FILES)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="git is not on the PATH"):
        read_project("acme/forge", tmp_path / "clone", python)


# Folders without git


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files below a folder."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_a_folder_without_git_is_read_as_it_stands(tmp_path: Path) -> None:
    """It has no commit, which is told; a hash of the content stands for it."""
    place = write(tmp_path / "plain", FILES)
    code = read_project("acme/forge", place, python)
    assert (code.status, code.commit, code.committed_at) == ("there", None, None)
    assert code.why_no_commit == "it is a folder without git"
    assert read_all(code) == {"app/main.py": b"import mlflow\n"}
    assert code.paths == tuple(sorted(FILES))
    (place / "docs" / "logo.png").write_bytes(b"another")
    again = read_project("acme/forge", place, python)
    assert again.content_hash == code.content_hash is not None
    (place / "app" / "main.py").write_bytes(b"import wandb\n")
    assert read_project("acme/forge", place, python).content_hash != code.content_hash
    assert read_project("acme/forge", place, python, commit="f" * 40).status == "unknown"


def test_a_plain_folder_inside_a_clone_is_no_clone(tmp_path: Path) -> None:
    """The repository that it happens to lie in is not taken for it."""
    git(tmp_path, "init", "-q", ".")
    place = write(tmp_path / "acme" / "forge", FILES)
    assert read_project("acme/forge", place, python).commit is None


def test_in_a_folder_links_are_not_followed(tmp_path: Path) -> None:
    """Neither to files nor to folders, nor round in circles; pipes are not waited for."""
    write(tmp_path / "outside", {"secret.py": b"secret"})
    place = write(tmp_path / "plain", {"a.py": b"1"})
    (place / "file.py").symlink_to(tmp_path / "outside" / "secret.py")
    (place / "folder").symlink_to(tmp_path / "outside")
    (place / "self").symlink_to(place)
    os.mkfifo(place / "pipe.py")
    code = read_project("acme/forge", place, python)
    assert read_all(code) == {"a.py": b"1"}
    assert code.paths == ("a.py",)
    assert reasons(code) == {
        "file.py": "it is a link, and links are not followed",
        "pipe.py": "it is no regular file",
    }


def test_in_a_folder_what_is_installed_is_left_out(tmp_path: Path) -> None:
    """Environments and caches hold other people's code."""
    others = ["env/pyvenv.cfg", "env/lib/mlflow.py", "node_modules/a.py", "__pycache__/a.py"]
    place = write(tmp_path / "plain", dict.fromkeys([*others, "own.py"], b"1"))
    assert read_project("acme/forge", place, python).paths == ("own.py",)


def test_an_empty_folder_and_odd_names(tmp_path: Path) -> None:
    """Nothing in it is told so; a name that is not UTF-8 is written out."""
    (tmp_path / "plain").mkdir()
    assert read_project("acme/forge", tmp_path / "plain", python).status == "empty"
    (tmp_path / "plain" / os.fsdecode(b"caf\xe9.py")).write_bytes(b"1")
    code = read_project("acme/forge", tmp_path / "plain", python)
    assert read_all(code) == {"caf\\udce9.py": b"1"}


# Which projects there are


def test_projects_are_found_as_owner_and_name(tmp_path: Path) -> None:
    """In folders of owners, behind links, directly below, and where the folder is one itself."""
    clone_of(tmp_path / "code" / "acme" / "forge.git", FILES)
    write(tmp_path / "code" / "acme" / "plain", FILES)
    write(tmp_path / "code" / ".cache" / "x", FILES)
    clone_of(tmp_path / "code" / "direct", FILES)
    (tmp_path / "code" / "linked").mkdir()
    (tmp_path / "code" / "linked" / "forge").symlink_to(tmp_path / "code" / "direct")
    found = local_projects([tmp_path / "code"])
    assert list(found) == ["acme/forge", "acme/plain", "code/direct", "linked/forge"]
    assert all(read_project(name, place, python).paths for name, place in found.items())
    assert list(local_projects([tmp_path / "code" / "direct"])) == ["code/direct"]
    (tmp_path / "code" / "acme" / "plain" / "setup.py").write_bytes(b"")
    assert list(local_projects([tmp_path / "code" / "acme" / "plain"])) == ["acme/plain"]


def _nothing(folder: Path) -> list[Path]:
    return [folder / "nothing"]


def _no_project(folder: Path) -> list[Path]:
    (folder / "owner").mkdir()
    return [folder]


def _twice(folder: Path) -> list[Path]:
    clone_of(folder / "one" / "acme" / "forge", FILES)
    clone_of(folder / "two" / "ACME" / "forge", FILES)
    return [folder / "one", folder / "two"]


@pytest.mark.parametrize(
    ("folders", "words"),
    [
        (_nothing, "there is no such file"),
        (_no_project, "There is no project"),
        (_twice, "Two projects are called"),
    ],
)
def test_folders_without_clear_projects_are_refused(
    tmp_path: Path, folders: Callable[[Path], list[Path]], words: str
) -> None:
    """Not there, without any, or with two of one name: each with what to do."""
    with pytest.raises(InputError, match=words) as told:
        local_projects(folders(tmp_path))
    assert told.value.fix

"""The manual names all that there is, and nothing that there is not; what it shows runs."""

from __future__ import annotations

import importlib
import json
import re
import sqlite3
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from coding_people import label_set
from markdown_it import MarkdownIt
from pydantic import BaseModel, ValidationError
from typer.main import get_command

import opsatlas
from artifacts.errors import InputError, OpsatlasError
from artifacts.manifest import Counts, Manifest
from artifacts.network import CA_NAMES
from configs.codebook import Codebook
from configs.family import Families
from configs.framework import Framework
from docs.blocks import NOT_RUN, RUN, SHOWN, CodeBlock, blocks_of, script
from docs.inserts import INSERTS, asked_for, commands, fill, formats
from docs.inserts.markdown import literal, table
from docs.walk import environment_of_a_reader, pages, scratch_folder, walk
from labels.annotator.script import NewCode, ScriptLine, Settling, decide_from_lines
from labels.records import Document
from labels.session import Session
from mining.github.http import TOKEN_NAMES
from opsatlas.cli.main import app
from opsatlas.study import Study

PARSER = MarkdownIt("commonmark")
PACKAGES = ("artifacts", "configs", "embeddings", "insights", "labels", "mining", "usage")
PACKAGES += ("opsatlas", "reports", "taxonomy")
ENVIRONMENT = re.compile(r"(?:environ(?:ment)?\b[^\n]*|envvar=)\"([A-Z][A-Z_]{3,})\"")
FOLDER = re.compile(r"^(?:FOLDER|POOLS) = \"(\w+)\"", re.MULTILINE)
ELSEWHERE = {"--scheduler-file", "--help", "--paginate", "--slurp"}
"""Options that pages name and that every command has, or other programs."""


@pytest.fixture(scope="session")
def filled(root: Path) -> dict[str, str]:
    """Return the pages of the manual by name, with what is made from the code."""
    folder = root / "docs"
    return {
        path.relative_to(folder).as_posix(): fill(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.md"))
    }


@pytest.fixture(scope="session")
def written(root: Path) -> dict[str, str]:
    """Return what people wrote: the manual's pages, and those that stand at the root."""
    found = [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(found)
        if path.name != "CHANGELOG.md"  # it also names what once was
    }


def sections(page: str) -> dict[str, str]:
    """Return the text below each heading of a page, by the heading without its anchor."""
    parts = re.split(r"^#+ (.+?)(?: \{ #[\w-]+ \})?$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Yield each command and group by name, with the names of its options and arguments."""
    shown = [each for each in command.params if not each.hidden]
    options = [each for each in shown if each.param_type_name == "option"]
    known = [each.metavar or each.name for each in shown if each not in options]
    known += [name for each in options for name in (*each.opts, *each.secondary_opts)]
    yield " ".join(("opsatlas", *path)), known
    for name, child in getattr(command, "commands", {}).items():
        yield from leaves(child, (*path, name))


def source_files(root: Path) -> list[Path]:
    """Return the modules of opsatlas."""
    return [path for name in PACKAGES for path in (root / name).rglob("*.py")]


def tables_in(root: Path) -> Iterator[tuple[str, Any]]:
    """Yield every schema of a table that a module of opsatlas defines, with its name there."""
    import pyarrow as pa

    for path in source_files(root):
        if "pa.schema(" in path.read_text(encoding="utf-8"):
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            for variable, value in vars(importlib.import_module(name)).items():
                if isinstance(value, pa.Schema):
                    yield f"{name}.{variable}", value


def refusal(words: list[str]) -> str | None:
    """Return why a command as it stands in a page is none of opsatlas's, or None."""
    below = [each for each in commands.tree() if tuple(words[: len(each.path)]) == each.path]
    found = below[-1]
    rest = words[len(found.path) :]
    try:
        left = found.leftover(rest)
    except Exception as error:  # click's own errors, which typer keeps to itself
        return str(error)
    return f"{found.name} takes no {left[0]}" if left else None


def inline_code(page: str) -> Iterator[CodeBlock]:
    """Yield what stands as code within the lines of a page."""
    for token in PARSER.parse(page):
        for inner in token.children or ():
            if inner.type == "code_inline":
                yield CodeBlock("", inner.content, (token.map or [0])[0] + 1)


def test_every_command_and_option_is_in_the_manual(filled: dict[str, str]) -> None:
    """Each command has a section of its own, with each of its options and arguments in it."""
    found = sections(filled["reference/commands.md"])
    there = dict(leaves(get_command(app)))
    assert len(there) > 50
    for name, options in there.items():
        said = found["Commands" if name == "opsatlas" else name]
        missing = [each for each in options if each not in said and each not in ELSEWHERE]
        assert missing == [], name


def test_every_example_is_in_the_manual(filled: dict[str, str]) -> None:
    """What a command's help gives as an example stands as code in its section, word for word."""
    found = sections(filled["reference/commands.md"])
    given = [each for each in commands.tree() if "Example" in (each.command.help or "")]
    assert given
    for each in given:
        example = re.split(r"Examples?:", each.command.help)[1].split()
        section = found["Commands" if each.name == "opsatlas" else each.name]
        block = re.search(r"^```bash\n(.*?)\n```$", section, re.MULTILINE | re.DOTALL)
        assert block is not None, each.name
        assert block[1].split() == example


@pytest.mark.parametrize(
    ("page", "model"),
    [
        ("reference/study-file.md", Study),
        ("reference/codebook-file.md", Codebook),
        ("reference/families-file.md", Families),
    ],
)
def test_every_key_of_a_file_is_in_the_manual(
    page: str, model: type[BaseModel], filled: dict[str, str]
) -> None:
    """Each section has a table, in which each of its keys stands with what it means."""
    found = sections(filled[page])
    schema = model.model_json_schema()
    waiting = [((name,), about) for name, about in schema["properties"].items()]
    for path, about in waiting:  # it grows by what stands in sections themselves
        name = ".".join(path)
        of = re.search(r"#/\$defs/(\w+)", json.dumps(about))
        if of is None:
            assert len(path) > 1 or f"\n| `{name}` |" in filled[page]
            continue
        title = f"`[[{name}]]`" if about.get("type") == "array" else f"`[{name}]`"
        for key, inner in schema["$defs"][of[1]]["properties"].items():
            assert re.search(rf"^\| `{key}` \|.*\| \S.* \|$", found[title], re.MULTILINE), (
                f"{name}.{key}"
            )
            waiting.append(((*path, key), inner))


@pytest.mark.parametrize(
    ("page", "model"),
    [
        ("reference/coding-script.md", ScriptLine),
        ("reference/coding-script.md", NewCode),
        ("reference/coding-script.md", Settling),
        ("reference/formats.md", Manifest),
        ("reference/formats.md", Counts),
    ],
)
def test_every_key_of_lines_and_manifests_is_in_the_manual(
    page: str, model: type[BaseModel], filled: dict[str, str]
) -> None:
    """Each key stands in a row of its own that says what it means."""
    for key in model.model_fields:
        assert re.search(rf"^\| `{key}` \|.*\| \S.* \|$", filled[page], re.MULTILINE), key


def test_every_public_name_is_in_the_manual(filled: dict[str, str]) -> None:
    """Each name of `opsatlas.__all__` has a section of its own."""
    page = filled["reference/python.md"]
    assert page.count("\n::: ") > 0
    for name in getattr(opsatlas, "__all__", ()):
        assert f"heading: {name}\n" in page, name


def test_every_table_and_column_is_in_the_manual(root: Path, filled: dict[str, str]) -> None:
    """Each table that opsatlas writes has a section, and each column a meaning in it."""
    documented = list(formats.tables())
    for name, schema in tables_in(root):
        assert any(schema.equals(each.schema) for each in documented), name
    found = sections(filled["reference/formats.md"])
    for each in documented:
        for field in each.schema:
            row = rf"^\| (?:`\w+`, )*`{field.name}`.*\| \w.* \|$"
            assert re.search(row, found[f"`{each.path}`"], re.MULTILINE), (each.path, field.name)


def test_labels_are_described_as_they_are_kept(filled: dict[str, str]) -> None:
    """Each table of a set of labels, as SQLite makes it, is in the manual with its columns."""
    from labels.history.store import SCHEMA

    found = sections(filled["reference/formats.md"])
    with sqlite3.connect(":memory:") as database:
        database.executescript(SCHEMA)
        made = database.execute(
            "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'"
        ).fetchall()
    assert len(made) > 10
    for name, column in made:
        assert f"\n| `{column}` |" in found[f"Table `{name}`"], (name, column)


def test_every_folder_of_a_workspace_is_in_the_manual(root: Path, filled: dict[str, str]) -> None:
    """The tree of a workspace has each folder that a module keeps artifacts in."""
    tree = sections(filled["reference/formats.md"])["The workspace"]
    folders = {
        name
        for path in source_files(root)
        for name in FOLDER.findall(path.read_text(encoding="utf-8"))
    }
    assert len(folders) > 5
    assert [name for name in folders if f"{name}/" not in tree] == []


def test_every_error_and_variable_is_in_the_manual(root: Path, filled: dict[str, str]) -> None:
    """Errors are there by name, and what the environment may set."""
    page = filled["reference/exit-codes.md"]
    waiting: list[type[Exception]] = [OpsatlasError]
    while waiting:
        kind = waiting.pop()
        assert f"`{kind.__name__}`" in page
        waiting += [k for k in kind.__subclasses__() if k.__module__ == "artifacts.errors"]
    read = {
        name
        for path in source_files(root)
        for name in ENVIRONMENT.findall(path.read_text(encoding="utf-8"))
    }
    assert "GITHUB_API_URL" in read
    ours = {*TOKEN_NAMES, *CA_NAMES, *read} - {"OMP_WAIT_POLICY", "GIT_"}  # set, or kept from git
    assert [name for name in sorted(ours) if f"`{name}`" not in page] == []


def test_pages_ask_for_what_is_made_and_all_of_it_is_asked_for(written: dict[str, str]) -> None:
    """Each insert has its place in the manual, and no page waits for one that nobody makes."""
    asked = [name for page in written.values() for name in asked_for(page)]
    assert sorted(set(asked) - {"NAME"}) == sorted(INSERTS)
    with pytest.raises(KeyError):
        fill("<!-- insert: nothing -->")


def test_pages_name_only_commands_that_there_are(
    written: dict[str, str], filled: dict[str, str]
) -> None:
    """Each command in a block or a line, and in the help of another, is one that opsatlas knows."""
    found = [
        (f"{name}:{line}", words)
        for name, page in written.items()
        for block in (*blocks_of(page), *inline_code(page))
        for line, words in block.commands()
    ]
    found += [
        ("help", words)
        for block in blocks_of(filled["reference/commands.md"])
        if block.language == RUN
        for _, words in block.commands()
    ]
    assert len(found) > 40
    wrong = [(place, words, why) for place, words in found if (why := refusal(words))]
    assert wrong == []


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("opsatlas taxonomy show 3 -w atlas-mlops --json   # a topic", None),
        ("opsatlas import github-search a.json b.json --snapshot 2023-01-18.topics", None),
        ("opsatlas label codebook", None),
        ('opsatlas themes move "mlflow/mlflow #1013" gh:1#2 --to 3  # it isn\'t one', None),
        ('opsatlas label log k | grep \'"kind": "code" | "memo"\' > log.jsonl', None),
        ("opsatlas taxonmy show", "opsatlas takes no taxonmy"),
        ("cat k.jsonl | opsatlas label annotate k --coder ada --stdni", "No such option: --stdni"),
        ("opsatlas snapshot show \\\n  one two", "opsatlas snapshot show takes no two"),
        ("opsatlas run --wait=3", "Option '--wait' does not take a value."),
    ],
)
def test_a_command_that_is_none_is_found(command: str, why: str | None) -> None:
    """The check knows a wrong name, option and argument from a right one."""
    [(_, words)] = CodeBlock(RUN, command, 1).commands()
    assert refusal(words) == why


def test_pages_name_only_options_that_there_are(root: Path, written: dict[str, str]) -> None:
    """An option that stands alone in a line is one of some command, or of a benchmark."""
    known = {option for _, options in leaves(get_command(app)) for option in options} | ELSEWHERE
    for path in (root / "benchmarks").glob("*.py"):
        known.update(re.findall(r'"(--[a-z-]+)"', path.read_text(encoding="utf-8")))
    wrong = [
        f"{name}:{code.line}: {code.text}"
        for name, page in written.items()
        for code in inline_code(page)
        if code.text.startswith("--") and re.split(r"[ =]", code.text)[0] not in known
    ]
    assert wrong == []


def faults(block: CodeBlock) -> Iterator[str]:
    """Yield what is wrong with keys and values of a file of ours; it may be a part of one."""
    values = tomllib.loads(block.text)
    model: type[BaseModel] = Codebook if {"codebook", "codes"} & values.keys() else Study
    if values.keys() & (Framework.model_fields.keys() - Study.model_fields.keys()):
        model = Framework
    if "families" in values:
        model = Families
    try:
        model.model_validate(values)
    except ValidationError as error:
        for fault in error.errors():
            if fault["type"] != "missing":
                yield f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"


def test_pages_name_only_keys_that_there_are(written: dict[str, str]) -> None:
    """Every block of TOML is a file of ours, or a part of one, with keys that are known."""
    found = {
        f"{name}:{block.line}": list(faults(block))
        for name, page in written.items()
        for block in blocks_of(page)
        if block.language == "toml"
    }
    assert len(found) > 2
    assert {place: wrong for place, wrong in found.items() if wrong} == {}
    assert list(faults(CodeBlock("toml", "[ecosystem]\ntopics = ['a']\nlisst = []", 1))) == [
        "ecosystem.lisst: Extra inputs are not permitted"
    ]


def links(page: str) -> Iterator[str]:
    """Yield where a page's links and pictures lead to."""
    for token in PARSER.parse(page):
        for inner in token.children or ():
            target = inner.attrs.get("href", inner.attrs.get("src"))
            if target is not None:
                yield str(target)


def test_links_lead_somewhere(root: Path, written: dict[str, str]) -> None:
    """A link that names no server leads to a file that is there, on the site and in the tree."""
    broken = []
    for name, page in written.items():
        for link in links(page):
            path = link.partition("#")[0]
            if ":" not in link and path and not (root / name).parent.joinpath(path).exists():
                broken.append(f"{name}: {link}")
    assert broken == []
    assert list(links("[a](b.md#c) ![d](e.svg)")) == ["b.md#c", "e.svg"]


def test_every_block_says_whether_it_is_run(written: dict[str, str]) -> None:
    """Blocks of code name a language, and commands stand in those that run or are meant not to."""
    wrong = [
        f"{name}:{block.line}"
        for name, page in written.items()
        for block in blocks_of(page)
        if block.language not in {RUN, NOT_RUN, *SHOWN}
        or (block.language in SHOWN and list(block.commands()))
    ]
    assert wrong == []


def test_what_is_run_is_walked_through(root: Path, written: dict[str, str]) -> None:
    """Every page with commands to run is among those that `make walk` goes through."""
    runs = {name for name, page in written.items() if script(page).strip()}
    assert {"README.md", "docs/reference/coding-script.md"} <= runs
    assert runs <= {path.relative_to(root).as_posix() for path in pages(root)}


def test_what_other_programs_read_is_well_formed(root: Path) -> None:
    """The citation is of this version and licence, and each YAML file can be read."""
    read = {
        path.relative_to(root).as_posix(): yaml.safe_load(path.read_text(encoding="utf-8"))
        for pattern in ("*.cff", "*.y*ml", ".pre-commit-config.yaml", ".github/**/*.yml")
        for path in root.glob(pattern)
    }
    assert {"CITATION.cff", "mkdocs.yml", ".github/workflows/ci.yml"} <= set(read)
    citation = read["CITATION.cff"]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == metadata.version("opsatlas")
    assert citation["license"] == project["license"]
    assert citation["authors"]


def test_the_manual_takes_nothing_from_elsewhere(root: Path) -> None:
    """No font, script or style of the manual is on a server: it is built and read without one."""
    config = (root / "mkdocs.yml").read_text(encoding="utf-8")
    assert "://" not in config
    assert yaml.safe_load(config)["theme"]["font"] is False
    for path in (root / "docs" / "assets").iterdir():
        assert "://" not in path.read_text(encoding="utf-8"), path.name


PAGE = """\
# A page

1. First:

   ```bash
   echo one > one.txt
   ```

```text
opsatlas label annotate never
```

```bash
cat <<'END' > two.txt
two
END
{last}
touch after.txt
```
"""


@pytest.mark.parametrize(("last", "code"), [("true", 0), ("ls there-is-none", 2)])
def test_a_walk_ends_at_the_first_command_that_fails(
    last: str, code: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Blocks are run in order in the scratch folder; an error names the line of the page."""
    page = tmp_path / "page.md"
    page.write_text(PAGE.format(last=last), encoding="utf-8")
    folder = tmp_path / "scratch"
    folder.mkdir()
    found = walk(page, folder, called="page.md", environment=environment_of_a_reader())
    assert found == code
    assert (folder / "two.txt").read_text(encoding="utf-8") == "two\n"
    assert (folder / "after.txt").exists() is (code == 0)
    told = capfd.readouterr().err
    assert "page.md:6: echo one" in told
    assert ("page.md:17: ls there-is-none" in told) is (code != 0)
    assert ("page.md:18: touch" in told) is (code == 0)


def test_a_walk_leaves_the_source_tree_alone(tmp_path: Path) -> None:
    """The scratch folder shows the tree by links, and goes on from a copy of a workspace."""
    root, workspace = tmp_path / "tree", tmp_path / "made"
    for folder in (root / "configs", root / ".git", root / "atlas-mlops", workspace):
        folder.mkdir(parents=True)
    (workspace / "study.toml").write_text("", encoding="utf-8")
    made = scratch_folder(root, start_from=workspace)
    assert sorted(path.name for path in made.iterdir()) == ["atlas-mlops", "configs"]
    assert (made / "configs").is_symlink()
    (made / "atlas-mlops" / "new").touch()
    assert not (root / "atlas-mlops" / "new").exists()
    assert not (workspace / "new").exists()


def files_in(page: str) -> dict[str, str]:
    """Return the files that the commands of a page write as they stand there, by name."""
    return dict(re.findall(r"cat > (\S+) <<'END'\n(.*?\n)END\n", page, re.DOTALL))


def test_the_session_of_the_manual_runs(tmp_path: Path, written: dict[str, str]) -> None:
    """The script that the manual shows is carried out, and prints what the manual says."""
    page = written["docs/reference/coding-script.md"]
    files = files_in(page)
    book = Codebook.model_validate(tomllib.loads(files["purpose.toml"]))
    names = files["chosen.csv"].splitlines()[1:]
    chosen = [Document(f"name:{name.lower()}", name, "text") for name in names]
    labels = label_set(tmp_path / "k.sqlite", codebook=book, documents=chosen, coders={})
    session = Session(labels, "ada")
    lines = files["decisions.jsonl"].splitlines()
    done = decide_from_lines(session, lines)
    tally = session.tally()
    told = (
        f"{done.n_decisions} decisions from {done.n_lines} lines; "
        f"{tally.done} of {tally.total} documents are done."
    )
    assert f"```text\n{told}\n```" in page
    with pytest.raises(InputError, match="is no code of 'purpose'"):
        decide_from_lines(session, [lines[0].replace("serving", "severing")])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a <b> *c* d_e", r"a \<b\> \*c\* d\_e"),
        ("with --json, or -w", "with `--json`, or `-w`"),
        ("well-known -1", "well-known -1"),
    ],
)
def test_text_is_shown_as_it_is(text: str, shown: str) -> None:
    """What Markdown would take for marks is escaped; options become code."""
    assert literal(text) == shown


def test_a_table_keeps_its_columns() -> None:
    """A bar in a cell parts nothing, and a column that says nothing is left out."""
    rows: Iterable[list[str]] = [["a|b", "", "`c|d` e|f"]]
    assert table(["x", "y", "z"], rows) == ("| x | z |\n| --- | --- |\n| a\\|b | `c|d` e\\|f |")

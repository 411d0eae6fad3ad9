"""The study file: what is in it is checked, and errors say where and what is allowed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.errors import ConfigError
from artifacts.explaining import line_of
from configs import PACKAGE_PREFIX, codebook_names, package_path, study_names
from configs.finding import resolve
from embeddings.settings import TextSettings, VectorSettings
from opsatlas.study import Study, find_study, read_study
from taxonomy.settings import TopicSettings

STUDY = """\
# a comment
[study]
name = "small"
title = "A small study"

[ecosystem]
topics = [
    "mlops",
    "dataops",
]

[[frameworks]]
name = "Forge"
repository = "acme/forge"

[[frameworks]]
name = "Kiln"
repository = "acme/kiln"

[[sources]]
snapshot = "2024-01-01.tools"
kind = "repositories"
files = ["tools.jsonl"]
columns = { stars = "popularity" }

[taxonomy]
snapshot = "2024-01-01.tools"
runs = 8
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the study of a test is written."""
    return tmp_path / "study.toml"


def refusal(path: Path, text: str) -> str:
    """Return what is said of a study that cannot be used."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_study(path)
    return str(raised.value)


def test_a_study_is_read(path: Path) -> None:
    """A study has what its file says, and defaults for the rest."""
    path.write_text(STUDY, encoding="utf-8")
    study = read_study(path)
    assert study.ecosystem.topics == ("mlops", "dataops")
    assert [framework.name for framework in study.frameworks] == ["Forge", "Kiln"]
    assert study.taxonomy is not None
    assert study.taxonomy.runs == 8
    assert study.themes is None
    assert study.texts == TextSettings()
    assert study.vectors == VectorSettings()


@pytest.mark.parametrize("name", study_names())
def test_the_studies_that_are_shipped_are_read(name: str) -> None:
    """Each has the name of its file, and the codebooks and files that it names are shipped."""
    path = find_study(name)
    study = read_study(path)
    assert study.study.name == name
    assert set(study.codebooks) <= set(codebook_names())
    files = [file for source in study.sources for file in source.files]
    files += [f for layer in (study.taxonomy, study.themes) if layer for f in layer.gold]
    assert [file for file in files if not resolve(file, path).is_file()] == []


def test_mlops_and_data_science_are_shipped() -> None:
    """Two studies travel with the package; the demo's is whole, with eight frameworks."""
    assert study_names() == ["data-science", "mlops"]
    study = read_study(find_study("mlops"))
    assert len(study.frameworks) == 8
    assert study.sources
    assert study.taxonomy is not None
    assert study.themes is not None


UNKNOWN = [
    ("runs = 8", "run = 8", 28, "taxonomy.run", "did you mean 'runs'", "neighbours"),
    ("[taxonomy]", "[taxonomie]", 26, "taxonomie", "did you mean 'taxonomy'", "ecosystem"),
    ('repository = "acme/kiln"', 'repo = "acme/kiln"', 18, "frameworks.1.repo", "", "package"),
    ('title = "A', 'titel = "A', 4, "study.titel", "did you mean 'title'", "name"),
    ("files = [", "file = [", 23, "sources.0.file", "did you mean 'files'", "columns"),
    ("[taxonomy]", "[texts]\nreadme = true\n[taxonomy]", 27, "texts.readme", "'readmes'", "max_"),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "near", "allowed"), UNKNOWN)
def test_an_unknown_key_is_named_with_what_is_allowed(
    path: Path, old: str, new: str, line: int, key: str, near: str, allowed: str
) -> None:
    """The error has the file, the line, the key, a near match and the keys that are allowed."""
    said = refusal(path, STUDY.replace(old, new))
    assert f"{path}, line {line}, {key}" in said
    assert f"Unknown key '{key.split('.')[-1]}'" in said
    assert near in said
    assert allowed in said.split("allowed:")[1]


UNUSABLE = [
    ("runs = 8", 'runs = "8"', 28, "taxonomy.runs", "valid integer, not '8'"),
    ("runs = 8", "runs = true", 28, "taxonomy.runs", "valid integer, not True"),
    ("runs = 8", "runs = 1", 28, "taxonomy.runs", "greater than or equal to 2, not 1"),
    ("runs = 8", "subsample = 1.5", 28, "taxonomy.subsample", "less than or equal to 1, not 1.5"),
    ("runs = 8", "attachment = nan", 28, "taxonomy.attachment", "not nan"),
    ('"dataops"', "7", 7, "ecosystem.topics.1", "valid string, not 7"),
    ('"dataops"', '"data ops"', 7, "ecosystem.topics", "write 'data-ops'"),
    ('files = ["tools.jsonl"]', 'files = "tools.jsonl"', 23, "sources.0.files", "an array, not"),
    (
        'columns = { stars = "popularity" }',
        "columns = 3",
        24,
        "sources.0.columns",
        "a table, not 3",
    ),
    ('kind = "repositories"', 'kind = "repos"', 22, "sources.0.kind", "'github-search', 'repo"),
    ('"acme/kiln"', '"kiln"', 18, "frameworks.1.repository", "not 'kiln'"),
    (
        '"2024-01-01.tools"\nkind',
        '"today"\nkind',
        21,
        "sources.0.snapshot",
        "such as 2026-11-21.topics",
    ),
    ('name = "small"', 'name = "Small one"', 3, "study.name", "not 'Small one'"),
    ("[taxonomy]", '[vectors]\ndtype = "float16"\n[taxonomy]', 27, "vectors.dtype", "'bfloat16'"),
    ("[taxonomy]", '[vectors]\ndevice = "tpu"\n[taxonomy]', 27, "vectors.device", "not 'tpu'"),
    ("# a comment", "texts = 3", 1, "texts", "a table, not 3"),
]


@pytest.mark.parametrize(("old", "new", "line", "key", "wanted"), UNUSABLE)
def test_a_wrong_type_or_value_is_named_with_what_is_wanted(
    path: Path, old: str, new: str, line: int, key: str, wanted: str
) -> None:
    """Nothing is coerced: the error has the file, the line, the key, what is wanted and given."""
    assert STUDY.count(old) == 1
    said = refusal(path, STUDY.replace(old, new))
    assert f"{path}, line {line}, {key}" in said
    assert wanted in said


def test_whole_numbers_pass_where_fractions_are_meant(path: Path) -> None:
    """A share of 1 may be written without its point."""
    path.write_text(STUDY + "subsample = 1\n", encoding="utf-8")
    study = read_study(path)
    assert study.taxonomy is not None
    assert study.taxonomy.subsample == 1.0


@pytest.mark.parametrize(
    ("old", "key", "line"),
    [
        ('title = "A small study"\n', "study.title", 2),
        ('repository = "acme/kiln"\n', "frameworks.1.repository", 16),
        ('name = "Forge"\n', "frameworks.0.name", 12),
    ],
)
def test_a_missing_key_is_named(path: Path, old: str, key: str, line: int) -> None:
    """What must be there and is not is named with the line of its table."""
    said = refusal(path, STUDY.replace(old, ""))
    assert f"'{key}' is missing" in said
    assert f"{path}, line {line}, {key}" in said


def test_an_empty_study_misses_its_first_section(path: Path) -> None:
    """A file with nothing in it is told what comes first."""
    assert "'study' is missing" in refusal(path, "")


def test_what_is_not_toml_is_named_with_its_line(path: Path) -> None:
    """A slip in the syntax is found by the parser, with its line."""
    said = refusal(path, STUDY.replace("runs = 8", "runs = = 8"))
    assert "not TOML" in said
    assert "line 28" in said
    assert str(path) in said


def test_a_study_that_cannot_be_read_is_named(path: Path) -> None:
    """A missing file, a folder, and bytes that are no text each end in one error."""
    for place in (path, path.parent):
        with pytest.raises(ConfigError, match="cannot be read") as raised:
            read_study(place)
        assert raised.value.where == str(place)
    path.write_bytes(b'[study]\nname = "\xff"\n')
    with pytest.raises(ConfigError, match="cannot be read"):
        read_study(path)


def test_a_study_is_found_by_name_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shipped study has its name, even beside a folder of the same name; a path is a path."""
    (tmp_path / "mlops").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_study("mlops") == package_path("mlops.toml")
    assert find_study("mine.toml") == Path("mine.toml")
    with pytest.raises(ConfigError, match="no study 'mlop'") as raised:
        find_study("mlop")
    assert "data-science, mlops" in str(raised.value)


def test_paths_are_meant_from_the_study_file(tmp_path: Path) -> None:
    """Relative paths start beside the study; absolute ones and the package's own stay."""
    study = tmp_path / "deep" / "study.toml"
    assert resolve("data/a.jsonl", study) == tmp_path / "deep" / "data" / "a.jsonl"
    assert resolve("/data/a.jsonl", study) == Path("/data/a.jsonl")
    assert resolve(f"{PACKAGE_PREFIX}mlops.toml", study) == package_path("mlops.toml")


def test_every_parameter_says_what_it_is() -> None:
    """Whatever a study may set about texts, vectors and topics has a description."""
    for settings in (TextSettings, VectorSettings, TopicSettings):
        silent = [name for name, field in settings.model_fields.items() if not field.description]
        assert silent == []


NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,6}", fullmatch=True)
VALUES = st.sampled_from(["1", '"text"', "[1, 2]", "[\n  1,\n]", "{ a = 1 }", "true"])
TABLES = st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), max_size=4)


@given(st.dictionaries(NAMES, VALUES, max_size=3), TABLES, st.integers(0, 3))
def test_every_key_is_found_on_its_line(
    top: dict[str, str], tables: dict[str, dict[str, str]], n_repeated: int
) -> None:
    """In any file of keys, tables and repeated tables, each key is on the line that is said."""
    lines = [f"{key} = {value}" for key, value in top.items()]
    expected = {(key,): key for key in top}
    for name, keys in tables.items():
        if name in top:
            continue
        lines += [
            "",
            f"[ {name} ]  # a table",
            *(f"{key} = {value}" for key, value in keys.items()),
        ]
        expected |= {(name,): name, **{(name, key): key for key in keys}}
    for number in range(n_repeated):
        lines += ["[[many]]", "key = 1", f"[many.below{number}]", "deep = 2"]
        expected[("many", number, "key")] = "key"
    text = "\n".join(lines)
    if "many" in top or "many" in tables:
        return
    assert tomllib.loads(text) is not None
    for location, key in expected.items():
        found = text.splitlines()[line_of(text, location) - 1]
        assert found.strip().lstrip("[ ").startswith(key), (location, found)


@given(st.text(), st.lists(st.one_of(st.text(), st.integers(0, 9)), max_size=4))
def test_a_line_is_always_one_of_the_file(text: str, location: list[str | int]) -> None:
    """Whatever the text and the place, the number is that of a line, or 1."""
    assert 1 <= line_of(text, tuple(location)) <= max(1, len(text.splitlines()))


def test_the_schema_forbids_what_it_does_not_know() -> None:
    """Every section of a study refuses unknown keys and coerces nothing."""
    waiting, seen = [Study], []
    while waiting:
        model = waiting.pop()
        seen.append(model)
        assert model.model_config.get("extra") == "forbid", model
        assert model.model_config.get("strict") is True, model
        for field in model.model_fields.values():
            parts = [field.annotation, *getattr(field.annotation, "__args__", ())]
            waiting += [
                part for part in parts if isinstance(part, type) and hasattr(part, "model_fields")
            ]
    assert len(seen) > 8

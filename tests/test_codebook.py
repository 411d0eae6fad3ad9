"""Codebooks: each code has an id that stays, a name and a meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from artifacts.errors import ConfigError
from configs import codebook_names, package_path
from configs.codebook import Code, Codebook, as_tree, read_codebook

CODEBOOK = """\
[codebook]
name = "kinds"
title = "Kinds of tool"
version = 1

[[codes]]
id = "serving"
name = "Serving"
definition = "Answers requests with a model."

[[codes]]
id = "tracking"
name = "Tracking"
definition = "Keeps what was tried."
"""


@pytest.mark.parametrize("name", codebook_names())
def test_the_codebooks_that_are_shipped_are_read(name: str) -> None:
    """Each has the name of its file, and codes that say what they mean."""
    codebook = read_codebook(package_path(f"codebooks/{name}.toml"))
    assert codebook.codebook.name == name
    assert all(code.definition.endswith(".") for code in codebook.codes)


def test_the_codebooks_of_the_studies_are_shipped() -> None:
    """Two of tools, one of kinds of repository, one of features, and two of requests."""
    assert codebook_names() == [
        "framework-features",
        "mlops-tools",
        "mlops-tools-fine",
        "repository-kinds",
        "request-areas",
        "request-themes",
    ]


@pytest.mark.parametrize(
    ("finer", "broader"), [("mlops-tools-fine", "mlops-tools"), ("request-themes", "request-areas")]
)
def test_the_finer_codebooks_are_parts_of_the_broader(finer: str, broader: str) -> None:
    """Each code has a parent there, each parent has parts, and both are for the same documents."""
    parts, wholes = (
        read_codebook(package_path(f"codebooks/{name}.toml")) for name in (finer, broader)
    )
    parents = {code.parent for code in parts.codes}
    assert parents == {f"{broader}/{code.id}" for code in wholes.codes}
    assert parts.codebook.layer == wholes.codebook.layer


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "tracking"', 'id = "serving"', "the id 'serving' stands twice"),
        ('name = "Tracking"', 'name = "Serving"', "the name 'Serving' stands twice"),
        ('id = "tracking"', 'id = "Tracking it"', "codes.1.id"),
        ('definition = "Keeps what was tried."', "", "codes.1.definition"),
        ("version = 1", "version = 0", "codebook.version"),
        ("version = 1", "version = 1\nauthor = 3", "codebook.author"),
        ('[[codes]]\nid = "tracking"', '[[kodes]]\nid = "tracking"', "codes"),
        ("[codebook]", "[codebook", "cannot be read"),
    ],
)
def test_a_codebook_that_cannot_be_used_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """A repeated id or name, a wrong value, an unknown or a missing key is named with the file."""
    path = tmp_path / "kinds.toml"
    assert CODEBOOK.count(old) == 1
    path.write_text(CODEBOOK.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_codebook(path)
    assert str(path) in str(raised.value)
    assert said in str(raised.value)


def test_a_codebook_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing file and bytes that are no text are one error each."""
    path = tmp_path / "kinds.toml"
    with pytest.raises(ConfigError, match="cannot be read"):
        read_codebook(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_codebook(path)


FINER = """\
[codebook]
name = "finer"
title = "Finer kinds"
version = 1
layer = "tools"
none = ["other"]

[[codes]]
id = "endpoints"
name = "Endpoints"
definition = "Answers over a network."
when = "Others call it."
not_when = "It runs once."
examples = ["a REST service"]
parent = "kinds/serving"
aliases = ["Deployment"]

[[codes]]
id = "batches"
name = "Batches"
definition = "Answers many at once."
parent = "endpoints"
aliases = ["deployment", "Jobs"]
"""


def test_a_code_may_say_more_and_be_part_of_another(tmp_path: Path) -> None:
    """Parents are of the same codebook or of one beside it; names of others lead to codes."""
    (tmp_path / "kinds.toml").write_text(CODEBOOK, encoding="utf-8")
    path = tmp_path / "finer.toml"
    path.write_text(FINER, encoding="utf-8")
    found = read_codebook(path)
    assert found.codebook.layer == "tools"
    assert found.codes[0].examples == ("a REST service",)
    called = found.codes_called()
    assert called["deployment"] == {"endpoints", "batches"}
    assert called["jobs"] == called["batches"] == {"batches"}
    assert called["other"] == set()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kinds/serving", "kinds/cooking", "'kinds/cooking' is no code of 'kinds'"),
        ("kinds/serving", "recipes/soup", "no codebook 'recipes' beside this one"),
        ("kinds/serving", "batches", "finer/endpoints → finer/batches → finer/endpoints"),
        ("kinds/serving", "endpoints", "its own ancestor"),
        ("kinds/serving", "kinds/a/b", "codes.0.parent"),
        ('none = ["other"]', 'none = ["jobs"]', "'jobs' stands for no code, and for a code"),
        ('layer = "tools"', 'layer = "cooks"', "codebook.layer"),
    ],
)
def test_parents_that_lead_nowhere_or_back_are_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """A parent that is not there and a cycle are named, with the file and the code."""
    (tmp_path / "kinds.toml").write_text(CODEBOOK, encoding="utf-8")
    path = tmp_path / "finer.toml"
    path.write_text(FINER.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_codebook(path)
    assert said in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_cycle_through_another_codebook_is_refused(tmp_path: Path) -> None:
    """Codes of two files may not be each other's parents."""
    back = 'definition = "Answers requests with a model."\nparent = "finer/endpoints"'
    first = CODEBOOK.replace('definition = "Answers requests with a model."', back)
    (tmp_path / "kinds.toml").write_text(first, encoding="utf-8")
    (tmp_path / "finer.toml").write_text(FINER, encoding="utf-8")
    with pytest.raises(ConfigError, match="kinds/serving → finer/endpoints"):
        read_codebook(tmp_path / "finer.toml")


QUESTIONS = """\
[codebook]
name = "repositories"
title = "Repositories"
version = 3

[[variables]]
id = "kind"
name = "Kind"
question = "What is it?"

[[variables]]
id = "use"
name = "Use"
multiple = true
open = true
only_if = { kind = ["tool", "library"] }

[[variables]]
id = "age"
name = "Age"
level = "interval"
only_if = { kind = ["tool"], use = ["serving"] }

[[codes]]
id = "tool"
name = "Tool"
definition = "Is run."
key = "t"

[[codes]]
id = "library"
variable = "kind"
name = "Library"
definition = "Is imported."

[[codes]]
id = "serving"
variable = "use"
name = "Serving"
definition = "Answers."
key = "t"

[[codes]]
id = "young"
variable = "age"
name = "Young"
definition = "Is new."
value = 1

[[codes]]
id = "old"
variable = "age"
name = "Old"
definition = "Is not."
value = 9.5
"""


def read(tmp_path: Path, text: str) -> Codebook:
    """Read a codebook from its text."""
    path = tmp_path / "repositories.toml"
    path.write_text(text, encoding="utf-8")
    return read_codebook(path)


def test_a_codebook_may_ask_several_questions(tmp_path: Path) -> None:
    """A code belongs to the variable that it names, else to the first; keys are per variable."""
    found = read(tmp_path, QUESTIONS)
    assert [each.id for each in found.asked()] == ["kind", "use", "age"]
    assert [code.id for code in found.codes_of("kind")] == ["tool", "library"]
    assert [code.id for code in found.codes_of("use")] == ["serving"]
    assert [code.value for code in found.codes_of("age")] == [1.0, 9.5]
    assert [found.variable_of(code) for code in found.codes[:2]] == ["kind", "kind"]
    kind, use, age = found.asked()
    assert (kind.question, kind.multiple, kind.open) == ("What is it?", False, False)
    assert (use.question, use.multiple, use.open) == (None, True, True)
    assert [each.level for each in (kind, use, age)] == ["nominal", "nominal", "interval"]
    assert found.code("old") == found.codes[-1]
    assert found.code("nonsense") is None


def test_a_codebook_that_names_no_variable_asks_one(tmp_path: Path) -> None:
    """Its id is ``code``, and its name the title."""
    path = tmp_path / "kinds.toml"
    path.write_text(CODEBOOK, encoding="utf-8")
    found = read_codebook(path)
    (variable,) = found.asked()
    assert (variable.id, variable.name, variable.multiple) == ("code", "Kinds of tool", False)
    assert len(found.codes_of("code")) == 2


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({}, ["kind"]),
        ({"kind": ("library",)}, ["kind", "use"]),
        ({"kind": ("tool",)}, ["kind", "use"]),
        ({"kind": ("tool",), "use": ()}, ["kind", "use"]),
        ({"kind": ("tool",), "use": ("other", "serving")}, ["kind", "use", "age"]),
        ({"kind": ("library",), "use": ("serving",)}, ["kind", "use"]),
    ],
)
def test_a_variable_is_asked_where_all_its_conditions_hold(
    tmp_path: Path, answers: dict[str, tuple[str, ...]], asked: list[str]
) -> None:
    """Each condition wants one of its codes among the answers."""
    variables = read(tmp_path, QUESTIONS).asked()
    assert [each.id for each in variables if each.applies(answers)] == asked


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "age"\nname', 'id = "use"\nname', "the variable 'use' stands twice"),
        ('id = "use"\nname', 'id = "Use"\nname', "variables.1.id"),
        ('name = "Kind"', 'name = ""', "variables.0.name"),
        ("multiple = true", "multiples = true", "did you mean 'multiple'?"),
        ("multiple = true", 'multiple = "perhaps"', "variables.1.multiple"),
        ('level = "interval"', 'level = "ratio"', "variables.2.level"),
        ('variable = "use"', 'variable = "uses"', "'serving' is of 'uses', which is no variable"),
        ("open = true", "open = false", "'use' has fewer than two codes, and is not open"),
        ('{ kind = ["tool", "library"] }', '{ sort = ["tool"] }', "hangs on 'sort', which is no"),
        ('{ kind = ["tool", "library"] }', '{ age = ["old"] }', "no variable before it"),
        ('{ kind = ["tool", "library"] }', '{ use = ["serving"] }', "no variable before it"),
        ('["tool", "library"] }', '["tool", "old"] }', "'old', which is no code of 'kind'"),
        ('["tool", "library"] }', '["tool", "X"] }', "'X', which is no code of 'kind'"),
        ('"Is run."\nkey = "t"', '"Is run."\nkey = "T"', "codes.0.key"),
        ('"Is run."\nkey = "t"', '"Is run."\nkey = "tt"', "codes.0.key"),
        ('"Is imported."', '"Is imported."\nkey = "t"', "the key 't' stands twice"),
        ('id = "library"', 'id = "tool"', "the id 'tool' stands twice"),
        ('name = "Old"', 'name = "Young"', "the name 'Young' stands twice"),
        ("value = 9.5", "", "'age' is interval, and so each of its codes needs its own value"),
        ("value = 9.5", "value = 1.0", "each of its codes needs its own value"),
        ("value = 9.5", "value = inf", "codes.4.value"),
        ("value = 9.5", "value = nan", "codes.4.value"),
        ("value = 9.5", 'value = "much"', "codes.4.value"),
        (
            'level = "interval"',
            'level = "ordinal"\nmultiple = true',
            "'age' is ordinal, and so takes one code, not several",
        ),
        (
            'level = "interval"',
            'level = "interval"\nmultiple = true',
            "'age' is interval, and so takes one code, not several",
        ),
        ('"Is run."', '"Is run."\nparent = "serving"', "'serving' is no code of 'repositories'"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """What contradicts, hangs on nothing or has a wrong value is named with the file."""
    assert QUESTIONS.count(old) == 1
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, QUESTIONS.replace(old, new))
    assert said in str(raised.value)
    assert str(tmp_path / "repositories.toml") in str(raised.value)


def test_a_misspelt_key_is_named_with_its_line(tmp_path: Path) -> None:
    """The error says the line, what was meant, and all that may stand there."""
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, QUESTIONS.replace("multiple = true", "multiples = true"))
    line = QUESTIONS.splitlines().index("multiple = true") + 1
    assert f"line {line}, variables.1.multiples" in str(raised.value.where)
    assert raised.value.fix == (
        "did you mean 'multiple'? allowed: id, level, multiple, name, only_if, open, question"
    )


def test_a_circle_of_parents_in_a_variable_is_refused(tmp_path: Path) -> None:
    """However many codes it goes through, and whether or not they name their variable."""
    text = QUESTIONS.replace('"Is run."', '"Is run."\nparent = "library"')
    assert read(tmp_path, text).codes[0].parent == "library"
    text = text.replace('"Is imported."', '"Is imported."\nparent = "tool"')
    with pytest.raises(ConfigError, match="its own ancestor: repositories/tool → "):
        read(tmp_path, text)


@pytest.mark.parametrize("codes", [0, 1])
def test_one_code_is_no_codebook_unless_it_is_open(tmp_path: Path, codes: int) -> None:
    """There is nothing to tell apart; an open variable may begin with none."""
    head, *blocks = CODEBOOK.split("[[codes]]")
    text = "[[codes]]".join([head, *blocks[:codes]])
    with pytest.raises(ConfigError, match="'code' has fewer than two codes"):
        read(tmp_path, text)
    variable = '[[variables]]\nid = "theme"\nname = "Theme"\nopen = true\n'
    assert len(read(tmp_path, text + variable).codes_of("theme")) == codes


def test_codes_stand_below_their_parents_and_none_is_lost() -> None:
    """Codes whose parents form a circle, which copies joined can bring, stand at the top."""

    def code(name: str, parent: str | None = None) -> Code:
        return Code(id=name, name=name, definition="x.", parent=parent)

    codes = [code("b", "a"), code("a"), code("x", "y"), code("y", "x"), code("far", "other/z")]
    tree = [(depth, each.id) for depth, each in as_tree(codes)]
    assert tree == [(0, "a"), (1, "b"), (0, "far"), (0, "x"), (0, "y")]

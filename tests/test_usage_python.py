"""Which names in Python are a framework's: names, scopes, imports and their aliases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.usage_sources import scanned, symbols, used


def test_names_count_where_they_are_imported_called_and_referred_to() -> None:
    """Imports, calls, references, bases and decorators each have their line and kind."""
    assert used(
        """\
        import mlflow
        from mlflow.tracking import MlflowClient

        mlflow.log_metric("a", 1)
        kinds = [mlflow.exceptions.MlflowException, MlflowClient]

        class Model(mlflow.pyfunc.PythonModel):
            @mlflow.trace
            def predict(self): ...
        """
    ) == [
        ("1", "import", "mlflow"),
        ("2", "import", "mlflow.tracking.MlflowClient"),
        ("4", "call", "mlflow.log_metric"),
        ("5", "reference", "mlflow.exceptions.MlflowException"),
        ("5", "reference", "mlflow.tracking.MlflowClient"),
        ("7", "base", "mlflow.pyfunc.PythonModel"),
        ("8", "decorator", "mlflow.trace"),
    ]


def test_each_name_of_a_long_import_stands_on_its_own_line() -> None:
    """The line of an import is that of the name, not of the statement."""
    source = "from mlflow import (\n    log_metric,\n    log_param as p,\n)\np('a', 1)\n"
    uses = scanned({"app.py": source}).uses
    assert [(use.line, use.symbol, use.how) for use in uses] == [
        ("2", "mlflow.log_metric", "direct"),
        ("3", "mlflow.log_param", "alias p"),
        ("5", "mlflow.log_param", "alias"),
    ]


def test_one_line_has_each_symbol_once() -> None:
    """Two calls of one function on a line are one use."""
    assert used("import mlflow\nmlflow.log_metric('a', 1); mlflow.log_metric('b', 2)\n")[1:] == [
        ("2", "call", "mlflow.log_metric")
    ]


@pytest.mark.parametrize(
    "source",
    [
        "if True:\n    import mlflow\nmlflow.log_metric('a', 1)\n",
        "try:\n    import mlflow\nexcept ImportError:\n    mlflow = None\n"
        "mlflow.log_metric('a', 1)\n",
        "mlflow = None\ntry:\n    import mlflow\nexcept ImportError:\n    pass\n"
        "def f():\n    mlflow.log_metric('a', 1)\n",
        "def f():\n    import mlflow\n    mlflow.log_metric('a', 1)\n",
        "import mlflow as m\nm.log_metric('a', 1)\n",
        "import mlflow\nlog = mlflow.log_metric\nlog('a', 1)\n",
        "import importlib\nm = importlib.import_module('mlflow')\nm.log_metric('a', 1)\n",
        "import pytest\nm = pytest.importorskip('mlflow')\nm.log_metric('a', 1)\n",
        "def backend():\n    import mlflow\n    return mlflow\nbackend().log_metric('a', 1)\n",
        "import mlflow\nclass A:\n    def __init__(self):\n        self._m = mlflow\n"
        "    def log(self):\n        self._m.log_metric('a', 1)\n",
        "class A:\n    def log(self):\n        self.m.log_metric('a', 1)\n"
        "    def start(self):\n        import mlflow\n        self.m = mlflow\n",
        "import mlflow\nf = lambda: mlflow.log_metric('a', 1)\n",
        "import mlflow\nprint(f\"{mlflow.log_metric('a', 1)}\")\n",
        "import mlflow\nasync def f():\n    async with g():\n"
        "        await mlflow.log_metric('a', 1)\n",
        "import mlflow\ngetattr(mlflow, 'log_metric')('a', 1)\n",
        "import mlflow\nmatch 1:\n    case 1:\n        mlflow.log_metric('a', 1)\n",
        "def f():\n    global m\n    import mlflow\n    m = mlflow\n"
        "def g():\n    m.log_metric('a', 1)\n",
    ],
)
def test_the_module_is_followed_wherever_it_is_kept(source: str) -> None:
    """Conditions, fallbacks, functions, attributes and aliases keep the module."""
    assert "mlflow.log_metric" in symbols(source)


@pytest.mark.parametrize(
    "source",
    [
        "# mlflow.log_metric('a', 1)\n",
        '"""Uses mlflow.log_metric."""\n',
        "raise ImportError('pip install mlflow, then call mlflow.log_metric')\n",
        "def f(mlflow):\n    mlflow.log_metric('a', 1)\n",
        "mlflow = Other()\nmlflow.log_metric('a')\n",
        "for mlflow in ():\n    mlflow.log_metric('a', 1)\n",
        "from unittest import mock\nwith mock.patch('mlflow.log_metric'):\n    pass\n",
        "import sys\nsys.modules['mlflow'] = object()\n",
        "class MLflowVisBackend:\n    name = 'mlflow'\nMLflowVisBackend().log_metric('a', 1)\n",
        "from project.mlflow_tools import log_metric\nlog_metric('a', 1)\n",
        "import mlflow_extras\nmlflow_extras.log_metric('a', 1)\n",
    ],
)
def test_what_only_looks_like_the_framework_is_no_use(source: str) -> None:
    """Comments, docstrings, messages, parameters, mocks and own names are none."""
    assert used(source) == []


def test_a_name_that_is_bound_anew_is_the_frameworks_no_more() -> None:
    """After an assignment of something else, nothing is found on the name."""
    assert symbols("import mlflow\nmlflow = Other()\nmlflow.log_metric('a', 1)\n") == []


def test_a_comprehension_has_names_of_its_own() -> None:
    """Its target hides the module inside of it only."""
    source = "import mlflow\n[mlflow for mlflow in ()]\nmlflow.log_metric('a', 1)\n"
    assert symbols(source) == ["mlflow.log_metric"]


def test_a_class_body_is_not_seen_by_its_methods() -> None:
    """An import in a class body is the body's alone."""
    source = """\
        class A:
            import mlflow
            mlflow.log_metric("a", 1)
            def f(self):
                mlflow.log_param("b", 1)
        """
    assert symbols(source) == ["mlflow.log_metric"]


def test_a_star_import_binds_the_public_names_that_are_known() -> None:
    """A table of public names says what ``*`` brings."""
    source = "from mlflow.checks import *\nDrift()\nOther()\n"
    assert used(source) == [
        ("1", "import", "mlflow.checks.*"),
        ("2", "call", "mlflow.checks.Drift"),
    ]


def test_where_they_are_not_known_it_binds_what_nothing_else_does() -> None:
    """Own and built-in names are not the framework's."""
    source = "from mlflow.models import *\nfrom x import Other\nOther()\nSignature()\nprint(1)\n"
    assert symbols(source) == ["mlflow.models.Signature"]


def test_an_alias_of_a_class_is_a_use_but_not_a_name_for_a_plain_value() -> None:
    """An annotation by the alias counts; a variable that holds a version does not."""
    source = """\
        import mlflow
        Run = mlflow.ActiveRun
        version = mlflow.__version__
        def f(run: Run):
            print(version)
        """
    assert used(source)[1:] == [
        ("2", "reference", "mlflow.ActiveRun"),
        ("3", "reference", "mlflow.__version__"),
        ("4", "reference", "mlflow.ActiveRun"),
    ]


def test_modules_that_are_asked_for_by_name_are_told_by_how() -> None:
    """A text that is only printed asks for nothing."""
    source = """\
        import importlib
        importlib.util.find_spec("mlflow")
        importlib.import_module(f"mlflow.{flavor}")
        session.add_import("mlflow")
        print("mlflow")
        """
    uses = scanned({"app.py": source}).uses
    assert [(use.line, use.symbol, use.how) for use in uses] == [
        ("2", "mlflow", "find_spec"),
        ("3", "mlflow.*", "import_module"),
        ("4", "mlflow", "string"),
    ]


def test_code_in_a_text_that_is_evaluated_counts_with_gaps_for_what_is_put_in() -> None:
    """What an f-string puts in is one name of any kind."""
    source = 'import mlflow\nload = eval(f"mlflow.{flavor}.load_model")\n'
    uses = scanned({"app.py": source}).uses
    assert [(use.kind, use.symbol, use.how) for use in uses][1:] == [
        ("dynamic", "mlflow.*.load_model", "eval")
    ]


def test_an_extension_that_code_loads_is_a_magic() -> None:
    """By the call that a notebook's line stands for; other magics and extensions are none."""
    source = "import IPython\nshell = IPython.get_ipython()\n"
    source += 'shell.run_line_magic("load_ext", "mlflow.ipython")\n'
    source += 'shell.run_line_magic("cd", "mlflow")\nshell.run_line_magic("load_ext", "rich")\n'
    uses = scanned({"app.py": source}).uses
    assert [(use.line, use.kind, use.symbol) for use in uses] == [("3", "magic", "mlflow.ipython")]


def test_the_environment_counts_where_it_is_read_or_set() -> None:
    """Messages, lists and variables that are not official do not."""
    source = """\
        import os
        os.environ["MLFLOW_TRACKING_URI"] = "http://localhost"
        os.getenv("MLFLOW_RUN_ID")
        "MLFLOW_RUN_ID" in os.environ
        subprocess.run(args, env={"MLFLOW_RUN_ID": "1"})
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "x")
        assert uri, "MLFLOW_TRACKING_URI is not set"
        columns = ["MLFLOW_RUN_ID"]
        os.getenv("MLFLOW_MADE_UP")
        """
    uses = scanned({"app.py": source}).uses
    assert [(use.line, use.channel, use.symbol) for use in uses] == [
        ("2", "config", "MLFLOW_TRACKING_URI"),
        ("3", "config", "MLFLOW_RUN_ID"),
        ("4", "config", "MLFLOW_RUN_ID"),
        ("5", "config", "MLFLOW_RUN_ID"),
        ("6", "config", "MLFLOW_TRACKING_URI"),
    ]


def test_commands_count_where_code_runs_them() -> None:
    """A message that names a command, and lists of extras and choices, run nothing."""
    source = """\
        import os, subprocess
        os.system("mlflow ui --port 5000")
        subprocess.run(["mlflow", "models", "serve", "-m", uri])
        cmd = ["mlflow", "ui"]
        subprocess.check_call([sys.executable, "-m", "pip", "install", "mlflow"])
        node = {"command": "pip install mlflow==2.0 && python train.py"}
        raise RuntimeError("run mlflow ui first")
        extras = ["mlflow", "tensorboard"]
        click.Choice(["mlflow", "ui"])
        parser.add_argument("--to", choices=["mlflow", "ui"])
        if to in ["mlflow", "ui"]: ...
        """
    assert used(source) == [
        ("2", "command", "mlflow ui"),
        ("3", "command", "mlflow models serve"),
        ("4", "command", "mlflow ui"),
        ("5", "pip-install", "mlflow"),
        ("6", "pip-install", "mlflow"),
    ]


def test_other_libraries_that_use_the_framework_are_indirect_uses() -> None:
    """An argument counts on its own line, and only with the value that is meant."""
    source = """\
        import dagshub
        from ray.air import MLflowLoggerCallback
        from transformers import TrainingArguments
        TrainingArguments(
            output_dir="x",
            report_to=["mlflow"],
        )
        TrainingArguments(report_to="none")
        TrainingArguments(report_to="mlflow" if tracks else None)
        dagshub.init(mlflow=True)
        dagshub.init()
        callbacks = [MLflowLoggerCallback]
        """
    assert used(source) == [
        ("2", "import-indirect", "ray.air.MLflowLoggerCallback"),
        ("6", "indirect", "transformers.TrainingArguments.report_to"),
        ("9", "indirect", "transformers.TrainingArguments.report_to"),
        ("10", "indirect", "dagshub.init"),
        ("12", "indirect", "ray.air.MLflowLoggerCallback"),
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_the_compiler_does(ending: str) -> None:
    """Other line separators and form feeds end no line."""
    lines = ["import mlflow", "x = '\u2028 \x85 \x0b'", "\x0cy = 1", "mlflow.log_metric('a', 1)"]
    content = ending.join(lines).encode()
    assert [use.line for use in scanned({"app.py": content}).uses] == ["1", "4"]


def test_encodings_are_read_as_they_are_declared() -> None:
    """Also where the bytes are in no encoding that the file declares."""
    cyrillic = "# -*- coding: cp1251 -*-\nimport mlflow\nx = 'д'\n".encode("cp1251")
    marked = "\ufeffimport mlflow\n".encode()
    scan = scanned({"a.py": cyrillic, "b.py": marked, "c.py": b"import mlflow\nx = '\xff'\n"})
    assert [(use.path, use.symbol) for use in scan.uses] == [
        ("a.py", "mlflow"),
        ("b.py", "mlflow"),
        ("c.py", "mlflow"),
    ]


def test_what_of_a_broken_file_can_be_read_is_read_and_the_rest_told() -> None:
    """A function whose head is broken leaves what stands around it."""
    source = "import mlflow\ndef f(:\n    pass\nmlflow.log_metric('a', 1)\n"
    scan = scanned({"app.py": source})
    assert [use.line for use in scan.uses] == ["1", "4"]
    assert [(each.path, "line 2" in each.reason) for each in scan.unread] == [("app.py", True)]


@pytest.mark.parametrize(
    "source",
    [
        "import mlflow\nprint 'a %s' % 1\nmlflow.log_metric('a', 1)\n",
        "import mlflow\ntry:\n    pass\nexcept E, e:\n    print e\nmlflow.log_metric('a', 1)\n",
        "import mlflow\nmode = 0755\nexec code in names\nmlflow.log_metric('a', 1)\n",
        "import mlflow\n<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n"
        "mlflow.log_metric('a', 1)\n",
        "import mlflow\ntype Run = mlflow.ActiveRun\ndef f[T](x: T): ...\n"
        'with g(f"{a["b"]} {mlflow.log_metric("a", 1)}"):\n    pass\n',
        "# Databricks notebook source\nimport mlflow\n%pip install x\nmlflow.log_metric('a', 1)\n",
        "import mlflow\nfrom {{ cookiecutter.name }}.x import y\nmlflow.log_metric('a', 1)\n",
    ],
)
def test_other_pythons_merges_magics_and_templates_are_read_whole(source: str) -> None:
    """What is plainly meant is read, and nothing is told as missing."""
    scan = scanned({"app.py": source})
    assert "mlflow.log_metric" in {use.symbol for use in scan.uses}
    assert scan.unread == ()


def test_a_text_with_its_own_quotes_in_it_keeps_its_lines() -> None:
    """Python has them since 3.12; what is put in stands where it stood."""
    source = """\
        import mlflow
        name = f"{a["b"]}"
        text = f\'\'\'
            {c['d']}
            {mlflow.get_tracking_uri()}
        \'\'\'
        mlflow.log_param("a", f"{e["f"]}")
        """
    assert [each[0] for each in used(source)] == ["1", "5", "7"]


def test_code_that_is_nested_too_deeply_is_told() -> None:
    """A text that no parser takes is told; a statement that is too long costs itself only."""
    deep = "import mlflow\nx = " + "(" * 150 + "1" + ")" * 150 + "\n"
    long = "import mlflow\nx = " + " + ".join(["'a'"] * 3000) + "\nmlflow.log_metric('a', 1)\n"
    scan = scanned({"deep.py": deep, "long.py": long, "wild.py": "import mlflow\n" + "[" * 5000})
    assert "mlflow.log_metric" in {use.symbol for use in scan.uses}
    assert "wild.py" in {each.path for each in scan.unread}


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *(
                "import mlflow",
                "mlflow.log_metric('a')",
                "def f(x):",
                "    ",
                "class A:",
                "with x:",
            ),
            *("from mlflow import *", "%%bash", "!pip install mlflow", "{{ x }}", "{% if %}", "("),
            *("try:", "except:", "print 'a'", "<<<<<<< a", "\x0c", "\u2028", "'''", "\\", "\x00"),
            *("os.system('mlflow ui')", "# MAGIC %pip install mlflow", "\r", "@", "lambda: 0", "é"),
        ]
    )
    | st.text(max_size=8),
    max_size=12,
)


@given(FRAGMENTS, st.sampled_from(["\n", "\r\n", " "]))
def test_no_text_makes_it_fail_and_lines_are_within_the_text(parts: list[str], end: str) -> None:
    """Whatever fragments are put together."""
    text = end.join(parts)
    scan = scanned({"app.py": text.encode("utf-8", "replace")})
    n_lines = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert all(1 <= int(use.line) <= n_lines for use in scan.uses)


@given(FRAGMENTS)
def test_uses_of_a_file_do_not_depend_on_files_that_have_nothing_to_do_with_it(
    parts: list[str],
) -> None:
    """The same uses are found alone and beside another file."""
    text = "\n".join(parts)
    alone = scanned({"app.py": text.encode("utf-8", "replace")})
    beside = scanned({"app.py": text.encode("utf-8", "replace"), "other/b.py": "import mlflow\n"})
    assert alone.uses == tuple(use for use in beside.uses if use.path == "app.py")

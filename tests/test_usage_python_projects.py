"""What the modules of a repository hand on to each other, and which names are their own."""

from __future__ import annotations

from tests.usage_sources import scanned, told

Files = dict[str, str | bytes]


def of(files: Files, path: str) -> list[tuple[str, str, str]]:
    """Return line, kind and symbol of the uses in one file of a repository."""
    return [told(use) for use in scanned(files).uses if use.path == path]


def test_a_framework_that_an_own_module_hands_on_is_imported_with_it() -> None:
    """Also through a star import and a second module."""
    files: Files = {
        "src/project/__init__.py": "",
        "src/project/config.py": "import mlflow\nmlflow.set_tracking_uri('x')\n",
        "src/project/again.py": "from .config import *\n",
        "src/project/train.py": "from project.config import mlflow\nmlflow.log_metric('a', 1)\n",
        "src/project/last.py": "from project.again import mlflow as m\nm.log_param('a', 1)\n",
    }
    assert of(files, "src/project/train.py") == [
        ("1", "import", "mlflow"),
        ("2", "call", "mlflow.log_metric"),
    ]
    uses = [use for use in scanned(files).uses if use.path == "src/project/train.py"]
    assert uses[0].how == "re-export from project.config"


def test_functions_of_own_modules_that_give_the_framework_are_followed() -> None:
    """What they give is called a wrapper, and its bare name is no use."""
    files: Files = {
        "train/log.py": "def backend():\n    import mlflow\n    return mlflow\n",
        "train/main.py": "from log import backend  # mlflow or another\n"
        "b = backend()\nif b is None:\n    b.log_metric('a', 1)\n",
    }
    uses = [use for use in scanned(files).uses if use.path == "train/main.py"]
    assert [(use.line, use.symbol, use.how) for use in uses] == [
        ("4", "mlflow.log_metric", "wrapper")
    ]


def test_a_framework_under_another_name_is_found_where_nothing_names_it() -> None:
    """Neither the file that uses it nor the one in between has a word of the framework."""
    files: Files = {
        "p/__init__.py": "from .config import tracker as log\n",
        "p/config.py": "import mlflow as tracker\n",
        "p/train.py": "from p import log\nlog.log_metric('a', 1)\n",
        "p/other.py": "config = log = 1\n",
    }
    assert of(files, "p/__init__.py") == [("1", "import", "mlflow")]
    assert of(files, "p/train.py") == [
        ("1", "import", "mlflow"),
        ("2", "call", "mlflow.log_metric"),
    ]


def test_own_names_for_its_classes_are_the_repositorys_own_interface() -> None:
    """A type alias of one file is no use in another one."""
    files: Files = {
        "registry.py": "import mlflow\nVersion = mlflow.entities.ModelVersion\n",
        "use.py": "import registry  # of mlflow\ndef f(v: registry.Version):\n    v.name\n",
    }
    assert of(files, "use.py") == []


def test_an_own_module_of_the_frameworks_name_is_no_framework_where_it_is_meant() -> None:
    """What is asked of the module decides; relative imports are always own."""
    files: Files = {
        "mlflow.py": "def setup(): ...\n",
        "run.py": "from mlflow import setup\nsetup()\n",
        "other.py": "import mlflow\nmlflow.setup()\n",
        "real.py": "import mlflow\nmlflow.log_metric('a', 1)\n",
        "pkg/__init__.py": "",
        "pkg/mlflow.py": "import mlflow\nmlflow.log_metric('a', 1)\n",
        "pkg/near.py": "from .mlflow import track\nfrom . import mlflow\nmlflow.track()\n",
        "pkg/far.py": "from mlflow import log_metric\n",
    }
    scan = scanned(files)
    assert {use.path for use in scan.uses} == {"real.py", "pkg/mlflow.py", "pkg/far.py"}
    assert "mlflow.track" not in {use.symbol for use in scan.uses}


def test_a_folder_of_the_frameworks_name_without_its_modules_is_no_module() -> None:
    """Scripts in a folder ``metaflow`` import the framework."""
    files: Files = {
        "metaflow/flow.py": "from metaflow import FlowSpec, step\nclass F(FlowSpec): ...\n",
        "metaflow/helpers.py": "x = 1\n",
    }
    assert ("1", "import", "metaflow.step") in of(files, "metaflow/flow.py")


def test_a_namespace_is_shared_with_the_framework_but_files_in_it_are_not() -> None:
    """A plug-in's own files are its own; what is in none of them is the framework's."""
    files: Files = {
        "src/mlflow/plugs/store/client.py": "class Store: ...\n",
        "tests/test_store.py": "from mlflow.plugs.store.client import Store\nStore()\n"
        "from mlflow.plugs.store.client import Other\nOther()\n"
        "from mlflow.store import Store as S\nS()\n",
    }
    assert [line for line, _, _ in of(files, "tests/test_store.py")] == ["3", "4", "5", "6"]


def test_a_copy_of_the_framework_is_told_and_uses_it_nowhere() -> None:
    """Other frameworks are used there as anywhere."""
    scan = scanned(
        {
            "metaflow/flowspec.py": "class FlowSpec: ...\n",
            "metaflow/__init__.py": "from .flowspec import FlowSpec\n",
            "tests/test_a.py": "from metaflow import FlowSpec\nimport mlflow\n",
        }
    )
    assert scan.copies == ("metaflow",)
    assert {use.framework for use in scan.uses} == {"mlflow"}


def test_what_is_vendored_is_not_the_repositorys() -> None:
    """Nor does a framework that is installed there make it a copy."""
    scan = scanned(
        {
            "venv/lib/python3.11/site-packages/metaflow/flowspec.py": "class FlowSpec: ...\n",
            "venv/lib/python3.11/site-packages/x.py": "import mlflow\n",
            "vendor/y.py": "import mlflow\n",
            "app.py": "import metaflow\n",
        }
    )
    assert scan.copies == ()
    assert [use.path for use in scan.uses] == ["app.py"]


def test_modules_that_import_each_other_are_read_once_each() -> None:
    """A circle of imports ends, and each file keeps its own uses."""
    files: Files = {
        "p/__init__.py": "from .a import x\n",
        "p/a.py": "from .b import mlflow\nx = mlflow\n",
        "p/b.py": "from .a import x\nimport mlflow\nmlflow.log_metric('a', 1)\n",
    }
    assert ("3", "call", "mlflow.log_metric") in of(files, "p/b.py")
    assert ("1", "import", "mlflow") in of(files, "p/a.py")


def test_a_flow_is_known_where_its_file_is_run() -> None:
    """The command names no framework; the file that it runs does."""
    files: Files = {
        "flows/train.py": "from metaflow import FlowSpec\nclass F(FlowSpec): ...\n",
        "run.py": "task = ShellTask(command='python flows/train.py run')\n",
    }
    assert of(files, "run.py") == [("1", "flow-command", "python FLOW run")]


def test_where_a_file_stands_says_whether_it_is_a_test_or_an_example() -> None:
    """Whole names of folders count, and names of test files."""
    paths = {
        "app.py": (False, False),
        "tests/helper.py": (True, False),
        "pkg/test_app.py": (True, False),
        "conftest.py": (True, False),
        "examples/app.py": (False, True),
        "docs/conf.py": (False, True),
        "example-project/app.py": (False, False),
        "latest/app.py": (False, False),
    }
    scan = scanned(dict.fromkeys(paths, "import mlflow\n"))
    assert {use.path: (use.in_test, use.in_example) for use in scan.uses} == paths


def test_python_in_templates_keeps_its_lines() -> None:
    """Marks around an import and in texts move no line."""
    source = """\
        # {{ .name }}
        {{ if (eq .x `yes`) }}from mlflow import (
            log_metric,
        ){{ end }}
        {% for x in y %}
        from {{ cookiecutter.pkg }} import z
        log_metric("{{ .metric }}", 1)
        {%- endfor %}
        """
    uses = scanned({"a.py.tmpl": source}).uses
    assert [(use.line, use.symbol, use.how) for use in uses] == [
        ("3", "mlflow.log_metric", "template:direct"),
        ("7", "mlflow.log_metric", "template:short"),
    ]


def test_scripts_without_a_suffix_are_python_by_their_first_line() -> None:
    """A shebang that names Python is enough."""
    scan = scanned({"bin/run": "#!/usr/bin/env python3\nimport mlflow\n"})
    assert [use.path for use in scan.uses] == ["bin/run"]


def test_files_without_a_word_of_a_framework_are_told_apart() -> None:
    """They are looked into, but not parsed: what is broken in them is no matter."""
    scan = scanned({"a.py": "import mlflow\n", "b.py": "def broken(:\n"})
    assert (scan.n_files, scan.n_bytes, scan.n_skipped_bytes) == (2, 27, 13)
    assert scan.unread == ()


def test_uses_are_sorted_by_path_and_by_the_number_of_the_line() -> None:
    """Line 10 comes after line 9, whatever the order of the files was."""
    lines = "\n".join(["import mlflow", *[f"mlflow.log_{n}()" for n in range(10)]])
    scan = scanned({"b.py": "import mlflow\n", "a.py": lines})
    assert [(use.path, int(use.line)) for use in scan.uses] == [
        *(("a.py", line) for line in range(1, 12)),
        ("b.py", 1),
    ]

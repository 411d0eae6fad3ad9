"""Attributes of what a framework's calls give, and of what annotations say."""

from __future__ import annotations

import pytest

from tests.usage_sources import scanned, symbols, used

CLIENT = "from mlflow.tracking import MlflowClient\n"


def instances(source: str) -> list[tuple[str, str, str]]:
    """Return kind, symbol and chain of the uses of instances."""
    return [
        (use.kind, use.symbol, use.resolved)
        for use in scanned({"app.py": source}).uses
        if use.how == "instance"
    ]


def test_a_type_is_named_as_the_tables_name_it_and_its_chain_is_kept() -> None:
    """A client imported from a submodule is the client; its run is an entity."""
    assert instances(CLIENT + "MlflowClient().get_run(1).info.run_id\n") == [
        ("call", "mlflow.MlflowClient.get_run", "mlflow.tracking.MlflowClient().get_run"),
        (
            "reference",
            "mlflow.entities.Run.info.run_id",
            "mlflow.tracking.MlflowClient().get_run().info.run_id",
        ),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "c = MlflowClient()\nc.log_metric(1)\n",
        "c = None\nif x:\n    c = MlflowClient()\nelse:\n    c = None\nc.log_metric(1)\n",
        "c = MlflowClient() if x else None\nc.log_metric(1)\n",
        "c = old or MlflowClient()\nc.log_metric(1)\n",
        "if (c := MlflowClient()):\n    c.log_metric(1)\n",
        "a, c = 1, MlflowClient()\nc.log_metric(1)\n",
        "with MlflowClient() as c:\n    c.log_metric(1)\n",
        "def f(c: MlflowClient):\n    c.log_metric(1)\n",
        "def f(c: 'MlflowClient | None' = None):\n    c.log_metric(1)\n",
        "from typing import Optional\ndef f(c: Optional[MlflowClient]):\n    c.log_metric(1)\n",
        "def f(cs: list[MlflowClient]):\n    for c in cs:\n        c.log_metric(1)\n",
        "Client = MlflowClient\nClient().log_metric(1)\n",
        "def make():\n    return MlflowClient()\nmake().log_metric(1)\n",
        "def make() -> MlflowClient: ...\nmake().log_metric(1)\n",
        "def use():\n    make().log_metric(1)\ndef make():\n    return MlflowClient()\n",
        "class A:\n    def __init__(self):\n        self.c = MlflowClient()\n"
        "    def f(self):\n        self.c.log_metric(1)\n",
        "class A:\n    c: MlflowClient\n    def f(self):\n        self.c.log_metric(1)\n",
        "class A:\n    @property\n    def c(self):\n        return MlflowClient()\n"
        "    def f(self):\n        self.c.log_metric(1)\n",
        "class A:\n    def __init__(self):\n        self.c = MlflowClient()\n"
        "class B(A):\n    def f(self):\n        self.c.log_metric(1)\n",
        "class A:\n    def __init__(self):\n        self.c = MlflowClient()\nA().c.log_metric(1)\n",
        "cs = [MlflowClient() for _ in ()]\ncs[0].log_metric(1)\n",
        "async def f():\n    c = await MlflowClient()\n    c.log_metric(1)\n",
        "c: MlflowClient = load()\nc.log_metric(1)\n",
        "cs = {'a': MlflowClient(), 'b': MlflowClient()}\ncs[x].log_metric(1)\n",
        "cs = {x: MlflowClient() for x in ()}\nfor _, c in cs.items():\n    c.log_metric(1)\n",
        "cs = {}\ncs['a'] = MlflowClient()\ncs.get('a').log_metric(1)\n",
        "def f(cs: dict[str, MlflowClient]):\n    for c in cs.values():\n        c.log_metric(1)\n",
        "class A:\n    cs: dict[str, MlflowClient]\n    def __init__(self):\n        self.cs = {}\n"
        "    def f(self, x):\n        self.cs[x].log_metric(1)\n",
        "class A:\n    def __init__(self):\n        self.cs = {}\n"
        "        self.cs['a'] = MlflowClient()\n"
        "    def f(self, x):\n        self.cs[x].log_metric(1)\n",
    ],
)
def test_an_instance_is_followed_through_names_and_own_code(source: str) -> None:
    """Assignments, branches, annotations, own functions and attributes keep it."""
    assert "mlflow.MlflowClient.log_metric" in symbols(CLIENT + source)


@pytest.mark.parametrize(
    "source",
    [
        "c = MlflowClient()\nc = other()\nc.log_metric(1)\n",
        "class A:\n    def __init__(self):\n        self.c = MlflowClient()\n"
        "class B:\n    def f(self):\n        self.c.log_metric(1)\n",
        "def f(c):\n    c.log_metric(1)\n",
        "cs = {'a': MlflowClient()}\nfor c in cs:\n    c.log_metric(1)\n",
        "cs = {'a': MlflowClient(), 'b': other()}\ncs['b'].log_metric(1)\n",
        "def f(cs: dict[MlflowClient, str]):\n    cs[x].log_metric(1)\n",
        "c = MlflowClient().unknown()\nc.log_metric(1)\n",
        "set(MlflowClient().names).log_metric(1)\n",
        "c = MlflowClient()\ndef f():\n    global c\n    c = other()\n    c.log_metric(1)\n",
    ],
)
def test_what_is_not_known_to_be_one_is_none(source: str) -> None:
    """Another value, another class, a bare parameter and an unknown method give none."""
    assert not [symbol for symbol in symbols(CLIENT + source) if symbol.endswith("log_metric")]


def test_items_of_a_collection_have_its_type() -> None:
    """Loops, subscripts, slices and ``next`` give items."""
    source = """\
        import mlflow
        found = mlflow.search_experiments()
        for each in found:
            each.name
        found[0].experiment_id
        next(iter(found)).tags
        [each.lifecycle_stage for each in found[1:]]
        """
    assert [symbol.rpartition(".")[2] for symbol in symbols(source)[1:]] == [
        *("name", "experiment_id", "tags", "lifecycle_stage")
    ]


def test_a_plain_value_at_the_end_of_a_chain_is_cut() -> None:
    """``get`` of a mapping and methods of texts and times are no framework's."""
    source = """\
        import mlflow
        def f(run: mlflow.entities.Run):
            run.data.metrics.get("a")
            run.info.start_time.isoformat()
        mlflow.get_tracking_uri().startswith("http")
        """
    assert [each for each in used(source) if each[1] != "import"][1:] == [
        ("3", "reference", "mlflow.entities.Run.data.metrics"),
        ("4", "reference", "mlflow.entities.Run.info.start_time"),
        ("5", "call", "mlflow.get_tracking_uri"),
    ]


def test_builders_that_return_themselves_go_on_and_each_link_has_its_line() -> None:
    """A table may say that a method gives the object itself."""
    source = """\
        from mlflow.checks import Drift
        check = (
            Drift()
            .add_one()
            .add_two()
        )
        """
    assert used(source)[1:] == [
        ("3", "call", "mlflow.checks.Drift"),
        ("4", "call", "mlflow.checks.Drift.add_one"),
        ("5", "call", "mlflow.checks.Drift.add_two"),
    ]


def test_without_a_table_methods_of_one_first_word_in_a_row_are_taken_for_such() -> None:
    """``add_one().add_two()`` is a builder, ``get().add()`` is not known to be one."""
    source = "from mlflow.other import Thing\nThing().add_one().add_two()\nThing().get().add()\n"
    assert symbols(source) == [
        *("mlflow.other.Thing", "mlflow.other.Thing.add_one", "mlflow.other.Thing.add_two"),
        *("mlflow.other.Thing", "mlflow.other.Thing.get"),
    ]


def test_methods_that_are_made_at_run_time_are_named_by_what_they_are() -> None:
    """The name in between is a method's, whatever it is; calling it gives nothing."""
    source = "import mlflow\nr = mlflow.Runner()\nr.speak.run(1)\nr.ready()\n"
    assert symbols(source) == [
        "mlflow.Runner",
        "mlflow.Runner.<method>.run",
        "mlflow.Runner.ready",
    ]


def test_attributes_that_are_set_are_told_as_such() -> None:
    """Setting an item of an attribute refers to it only."""
    source = CLIENT + "c = MlflowClient()\nc.limit = 3\nc.limit += 1\nc.tags['a'] = 1\n"
    assert used(source)[2:] == [
        ("3", "set", "mlflow.MlflowClient.limit"),
        ("4", "set", "mlflow.MlflowClient.limit"),
        ("5", "reference", "mlflow.MlflowClient.tags"),
    ]


def test_decorators_of_an_instance_are_told_as_such() -> None:
    """A service's decorator is the type's."""
    source = "import mlflow\nsvc = mlflow.Service('x')\n@svc.api(input=1)\ndef f(): ...\n"
    assert used(source)[2:] == [("3", "decorator", "mlflow.Service.api")]


STEP = "import mlflow\nclass Report:\n    total = 1\n@mlflow.step\n"


@pytest.mark.parametrize(
    "function",
    [
        "def make() -> Report: ...\n",
        "def make():\n    return Report()\n",
        "def make():\n    return {'total': 1}\n",
        "async def make(): ...\n",
    ],
)
def test_a_decorated_function_has_the_types_attributes_but_gives_its_own_result(
    function: str,
) -> None:
    """The framework's object is the function; what a call of it gives is the repository's."""
    source = f"{STEP}{function}make.submit()\nmade = make()\nprint(made.total)\n"
    source += "other = make.named('b')()\nprint(other.total)\n"
    assert [symbol for _, symbol, _ in instances(source)] == [
        "mlflow.Step.submit",
        "mlflow.Step.named",
    ]


def test_a_decorated_function_may_give_an_object_of_the_framework() -> None:
    """What its body returns is followed through the decorator."""
    source = f"{STEP}def make():\n    return mlflow.start_run()\nprint(make().info)\n"
    assert [symbol for _, symbol, _ in instances(source)] == ["mlflow.ActiveRun.info"]


def test_a_table_may_tell_what_a_decorated_function_gives_inside_a_with() -> None:
    """In the block the call makes a step of the plan; after it, it is a call as any other."""
    source = f"{STEP}def make(): ...\nwith mlflow.Plan() as plan:\n    a = make()\n    a.after(1)\n"
    source += "b = make()\nb.after(2)\n"
    assert instances(source) == [("call", "mlflow.Step.after", "mlflow.step()().after")]


def test_classes_give_instances_of_themselves_also_by_methods_that_make_one() -> None:
    """``load`` and ``from_…`` make one where no table says otherwise."""
    source = "from mlflow.blocks import S3\nS3.load('x').save()\nS3.from_file('x').save()\n"
    assert symbols(source).count("mlflow.blocks.S3.save") == 2


def test_a_parameters_name_tells_only_where_nothing_else_does() -> None:
    """A file that imports the framework makes its own objects."""
    source = "class A:\n    def __init__(self, mlflow_run):\n        self.run = mlflow_run\n"
    source += "    def log(self):\n        self.run.log(1)\n"
    assert [(use.symbol, use.how) for use in scanned({"a.py": source}).uses] == [
        ("mlflow.ActiveRun.log", "parameter")
    ]
    assert symbols(f"import mlflow\n{source}") == []

"""The benchmark of usage: what peers find, and what is left of tables that were cut."""

from __future__ import annotations

import ast
import zipfile
from contextlib import suppress
from pathlib import Path

from benchmarks.usage import counted_parsing
from benchmarks.usage_code import CodeText, code_texts, shipped
from benchmarks.usage_folds import TABLES, Exercised, cut_to, entries_of, is_exercised
from benchmarks.usage_jedi import NameSpot, asked_of_jedi, draw_names, score_names
from benchmarks.usage_peers import calls_by_imports, lines_by_pattern
from usage.uses import SourceFile

CODE = """\
import shop.till as till
from shop import Basket

basket = Basket()
basket.add("shop.apple")
till.pay(basket)


def other(till):
    return till.count()
"""
NOTEBOOK = b"""{"cells": [
 {"cell_type": "markdown", "source": "shop.till"},
 {"cell_type": "code", "source": ["%pip install shop\\n", "import shop\\n", "shop.open()"]}
]}"""
TEXT = CodeText("own/er", "a.py", (("", CODE),))


def test_the_pattern_takes_lines_and_knows_neither_imports_nor_texts() -> None:
    """It finds what stands in a text, and loses what was imported under another name."""
    assert lines_by_pattern([TEXT], {"shop"}) == {("own/er", "a.py", "5")}


def test_the_walk_takes_calls_of_what_is_imported_but_no_scopes_and_no_instances() -> None:
    """A parameter that hides an import is taken for it; a method of an instance is lost."""
    found, n_refused = calls_by_imports(
        [TEXT, CodeText("own/er", "b.py", (("", "a b"),))], {"shop"}
    )
    assert {each[2:] for each in found} == {
        ("4", "shop.Basket"),
        ("6", "shop.till.pay"),
        ("10", "shop.till.count"),
    }
    assert n_refused == 1


def test_peers_read_notebooks_by_their_cells_of_code() -> None:
    """Lines are those of the list: the cell over all cells, and the line in it."""
    texts = [*code_texts("own/er", [SourceFile("a.ipynb", NOTEBOOK)])]
    assert lines_by_pattern(texts, {"shop"}) == {("own/er", "a.ipynb", "1:3")}
    assert calls_by_imports(texts, {"shop"})[0] == {("own/er", "a.ipynb", "1:3", "shop.open")}


def test_jedi_follows_names_into_wheels_and_finds_nothing_without_them(tmp_path: Path) -> None:
    """What it says is counted on names that are uses, and on as many others."""
    with zipfile.ZipFile(tmp_path / "shop-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("shop/__init__.py", "class Basket:\n    def add(self, what): ...\n")
        wheel.writestr("shop/till.py", "def pay(basket): ...\n")
    key = "own/er", "a.py"
    classes = {(*key, "5", "add"): "instance", (*key, "6", "pay"): "direct"}
    sample = draw_names([TEXT], classes, {"shop"}, 4, seed=0)
    assert [spot.name for spot in sample.uses] == ["add", "pay"]
    assert len(sample.others) == 2
    said, _ = asked_of_jedi(sample, [TEXT], {"shop"}, tmp_path)
    with_wheel = score_names(sample, said, classes)
    assert {*sample.uses} <= said
    assert with_wheel.recall == 1.0
    assert with_wheel.recalls == {"direct": (1.0, 1), "instance": (1.0, 1)}
    without, _ = asked_of_jedi(sample, [TEXT], {"shop"}, None)
    assert score_names(sample, without, classes).right == 0


def test_names_are_found_by_characters_where_a_line_has_others_than_ascii() -> None:
    """Columns of `ast` are bytes, those of jedi characters."""
    text = CodeText("own/er", "a.py", (("", "import shop\ns = 'ä', shop.pay\n"),))
    (spot,) = draw_names([text], {("own/er", "a.py", "2", "pay")}, {"shop"}, 2, seed=0).uses
    assert spot == NameSpot("own/er", "a.py", 2, 14, "pay")


def test_tables_are_cut_to_what_repositories_exercise() -> None:
    """What calls give counts where it is looked up, other entries where their last name stands."""
    by = Exercised(frozenset({"shop.till.open"}), frozenset({"Callback"}))
    assert is_exercised("returns", "shop.till.open", by)
    assert is_exercised("returns", "shop.*.open", by)
    assert not is_exercised("returns", "shop.open", by)
    assert is_exercised("indirect", "other.Callback", by)
    assert not is_exercised("parameters", "run", by)
    framework = next(each for each in shipped() if each.name == "mlflow")
    first = entries_of(framework, "returns")[0]
    cut = cut_to(framework, {**dict.fromkeys(TABLES, ()), "returns": {first}})
    assert {table: entries_of(cut, table) for table in TABLES} == {
        **{table: [] for table in TABLES},
        "returns": [first],
    }


def test_what_the_parser_takes_is_counted_once_and_what_it_refuses_not() -> None:
    """And the parser is afterwards as it was."""
    before = ast.parse
    with counted_parsing() as parsed:
        for text in ("a = 1", "a = 1", "b = 'ä'"):
            ast.parse(text)
        with suppress(SyntaxError):
            ast.parse("a b")
    assert sum(parsed.n_bytes.values()) == 5 + 8
    assert ast.parse is before

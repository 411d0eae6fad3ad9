"""TOML and JSON by people and other programs: read, or one error that names the file."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from artifacts.errors import ConfigError, InputError, OpsatlasError
from artifacts.manifest import FILE_NAME, Manifest
from artifacts.notation import json_value, read_toml
from configs.codebook import read_codebook
from configs.finding import resolve_all
from mining.values import BadValueError, months
from opsatlas.study import read_study
from taxonomy.decisions.decision_file import overrides_path, read_log

DEEP = 100_000
BROKEN = {
    "arrays": "a = " + "[" * DEEP,
    "tables": "a = " + "{b = " * DEEP,
    "digits": "a = " + "1" * 6_000,
    "hexadecimal": "a = 0x" + "f" * 6_000,
    "parts": ".".join("a" * DEEP) + " = 1",
    "heads": "[" + ".".join("a" * DEEP) + "]",
    "within": "x = {" + "a." * DEEP,
    "syntax": "a = = 1",
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("reader", [read_study, read_codebook, read_log])
def test_whatever_toml_holds_there_is_one_error(
    tmp_path: Path, name: str, reader: Callable[[Path], object]
) -> None:
    """Studies, codebooks and decisions end soon, with the file, however deep or long they are."""
    path = overrides_path(tmp_path / "t") if reader is read_log else tmp_path / "book.toml"
    path.write_text(BROKEN[name])
    started = time.process_time()
    with pytest.raises(OpsatlasError, match="cannot be read") as refused:
        reader(tmp_path / "t" if reader is read_log else path)
    assert refused.value.where == str(path)
    assert time.process_time() - started < 5


def test_toml_of_any_encoding_and_line_ends_is_read(tmp_path: Path) -> None:
    """A mark, UTF-16 and Windows' line ends are what editors write; other bytes are an error."""
    path = tmp_path / "a.toml"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_bytes('a = "é"\r\nb = 2\r\n'.encode(encoding))
        assert read_toml(path, what="The file")[0] == {"a": "é", "b": 2}
    path.write_bytes(b'a = "\xe9"\n')
    with pytest.raises(ConfigError, match="The file cannot be read"):
        read_toml(path, what="The file")


def test_json_that_is_nested_too_deep_is_damaged_json(tmp_path: Path) -> None:
    """A manifest, and a cell of months, are told as damaged."""
    with pytest.raises(ValueError, match="nested too deep"):
        json_value("[" * DEEP)
    (tmp_path / FILE_NAME).write_text("[" * DEEP)
    with pytest.raises(OpsatlasError, match="manifest cannot be read"):
        Manifest.read(tmp_path)
    with pytest.raises(BadValueError):
        months("[" * DEEP)


def test_patterns_of_files_are_meant_from_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`*`, `**` and `~` work, sorted and each once; a file that is called so is no pattern."""
    study = tmp_path / "st[u]dy" / "study.toml"
    files = [study.parent / "pages" / name for name in ("b.json", "a.json", "deep/c.json")]
    literal = study.parent / "x[1].json"
    for path in (*files, literal):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setenv("HOME", str(study.parent))
    b, a, c = files
    assert resolve_all(["pages/*.json"], study) == [a, b]
    assert resolve_all(["pages/b.json", "pages/**/*.json"], study) == [b, a, c]
    assert resolve_all(["~/pages/?.json"], study) == [a, b]
    assert resolve_all([f"{tmp_path}/st[[]u]dy/pages/[b]*"], study) == [b]
    assert resolve_all(["x[1].json", "gone.json"], study) == [literal, study.parent / "gone.json"]
    assert resolve_all(["page*"], study) == [study.parent / "pages"]
    for wrong in ("pages/*.csv", "~nobody-of-that-name/*.json"):
        with pytest.raises(InputError) as refused:
            resolve_all([wrong], study)
        assert wrong in str(refused.value)

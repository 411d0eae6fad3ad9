"""Languages are recognised, or it is said that nothing can be told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.text.language import Language, detect_language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A platform that helps teams to train and to serve their models", "en"),
        ("Eine Plattform, mit der Teams ihre Modelle trainieren und betreiben können", "de"),
        ("一个用于训练和部署机器学习模型的开源平台", "zh"),
        ("機械学習モデルを構築して学習しデプロイする方法", "ja"),
    ],
)
def test_plain_sentences_are_recognised(text: str, code: str) -> None:
    """A sentence gets its language with a probability."""
    found = detect_language(text)
    assert found.code == code
    assert found.probability is not None
    assert found.is_foreign == (code != "en")


@pytest.mark.parametrize("text", ["", "   ", "🚀🚀🔥", "mlops", "v1.2.3 foo_bar() a/b/c", "\ud800"])
def test_too_little_text_has_no_language(text: str) -> None:
    """Nothing, emoji, one word and code have no language and are not foreign."""
    assert detect_language(text) == Language(None, None)
    assert not detect_language(text).is_foreign


@pytest.mark.parametrize(
    "text",
    [
        "Kubeflow Pipelines on Tekton",
        "Machine Learning Operator & Controller for Kubernetes",
        "Metadata management in Go",
        "Python client for the MLCenter MLOps Platform",
    ],
)
def test_terse_technical_english_is_not_called_foreign(text: str) -> None:
    """Names of products do not make a text foreign."""
    assert not detect_language(text).is_foreign


@given(st.text())
def test_any_text_has_a_defined_answer(text: str) -> None:
    """Arbitrary text never raises; a code has two letters and comes with a probability."""
    found = detect_language(text)
    assert found == detect_language(text)
    if found.code is not None:
        assert len(found.code) == 2
        assert found.probability is not None
        assert 0.5 <= found.probability <= 1

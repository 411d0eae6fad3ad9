"""Requests are coded by the features of a codebook: people's word first, no code where in doubt."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from coding_people import label_set
from label_sets import close

from artifacts.arrays import Floats
from artifacts.errors import InputError
from configs import package_path
from configs.codebook import Codebook, read_codebook
from embeddings.encoder import plan_encoder
from embeddings.settings import VectorSettings
from insights.usage.requests import (
    REQUESTS,
    SAME_THING,
    Answers,
    CodedRequest,
    FeatureRequest,
    answers_of_people,
    channel_of,
    code_requests,
    features_in,
    requests_table,
)
from labels.label_set import LabelSet
from labels.records import Document
from labels.session import Session
from taxonomy.guidance.scores import UNLIKE

WORDS = {
    "tracking": ("log metrics and parameters of runs", "organise experiments and their runs"),
    "serving": ("serve models behind an endpoint", "batch requests for predictions of models"),
    "reports-and-ui": ("charts and tables on a page", "sort columns of the page"),
}
CUES = {"ui": ("page", "chart"), "cli": ("command", "flag"), "api": ()}
ASKED = {
    "name:a/x#1": "Log metrics of nested runs together with their parameters.",
    "name:a/x#2": "A flag that batches requests before models give predictions.",
    "name:a/x#3": "Sort the columns of tables on the experiments' page.",
    "name:a/x#4": "Organise runs of many experiments.",
    "name:a/x#5": "Serve several models behind one endpoint.",
    "name:b/y#1": "Whisk butter into the sauce until it thickens.",
}


def book(*variables: str, features: Sequence[str] = tuple(WORDS)) -> Codebook:
    """Return a codebook with a variable of features, and one of channels."""
    codes = [_code("feature", each, WORDS[each]) for each in features]
    codes += [_code("channel", each, cues) for each, cues in CUES.items()]
    asked = variables or ("feature", "channel")
    return Codebook.model_validate(
        {
            "codebook": {"name": "small", "title": "Small", "version": 1},
            "variables": [{"id": each, "name": each.title()} for each in asked],
            "codes": [code for code in codes if code["variable"] in asked],
        }
    )


def _code(variable: str, name: str, examples: Sequence[str]) -> dict[str, Any]:
    texts = {"definition": f"It is {name}.", "examples": examples}
    return {"id": name, "variable": variable, "name": name.title(), **texts}


def encode(texts: Sequence[str]) -> Floats:
    """Return vectors of the words of texts, without a model."""
    return plan_encoder(VectorSettings(model="hashed-words")).load().encode(texts)


def no_vectors() -> Floats:
    """Return the vectors of no text."""
    return encode(["a"])[:0]


def coded(
    people: dict[str, Answers] | None = None,
    *,
    texts: dict[str, str] = ASKED,
    by: Codebook | None = None,
) -> dict[str, CodedRequest]:
    """Return requests as they are coded, by key."""
    requests = [FeatureRequest(key, key[5:8], text) for key, text in texts.items()]
    vectors = encode(list(texts.values())) if texts else no_vectors()
    found = code_requests(requests, vectors, by or book(), encode, people)
    return {row.issue_key: row for row in found}


def test_a_request_has_the_feature_that_it_is_most_like() -> None:
    """And the channel that it names; what leads firmly says by how much."""
    found = coded()
    said = [(row.feature, row.channel, row.by) for row in found.values() if row.feature]
    assert said == [
        ("tracking", "api", "machine"),
        ("serving", "cli", "machine"),
        ("reports-and-ui", "ui", "machine"),
        ("tracking", "api", "machine"),
        ("serving", "api", "machine"),
    ]
    for row in found.values():
        assert row.firmness is not None
        assert (row.feature is None) == (row.reason is not None)
        assert row.feature in (None, row.nearest)


def test_what_is_like_nothing_has_no_feature() -> None:
    """A recipe is no request of the codebook's; it is there, with the reason."""
    recipe = coded()["name:b/y#1"]
    assert recipe.feature is None
    assert recipe.second_feature is None
    assert recipe.reason == UNLIKE


def test_between_two_features_there_is_none() -> None:
    """A request that two features fit alike is left to people, and both are named."""
    both = "Serve models behind an endpoint and organise experiments and their runs."
    row = coded(texts=ASKED | {"name:a/x#6": both})["name:a/x#6"]
    assert (row.feature, row.second_feature) == (None, None)
    assert row.reason == "between serving and tracking"


def test_a_second_feature_that_is_close_is_told() -> None:
    """A request that asks for one thing first has both."""
    both = "Log metrics of runs; serve models behind an endpoint."
    row = coded(texts=ASKED | {"name:a/x#6": both})["name:a/x#6"]
    assert (row.feature, row.second_feature) == ("serving", "tracking")


def test_people_go_before_the_machine() -> None:
    """Their feature counts whatever the machine says, and their channel where they gave one."""
    machine = coded()
    people: dict[str, Answers] = {
        "name:a/x#1": {"feature": ("serving",), "channel": ("cli",)},
        "name:a/x#3": {"feature": ("tracking", "serving")},
        "name:b/y#1": {"feature": ("reports-and-ui",), "channel": ()},
    }
    found = coded(people)
    one, two, three = (found[key] for key in people)
    assert (one.feature, one.channel, one.by) == ("serving", "cli", "person")
    assert (two.feature, two.second_feature, two.channel) == ("tracking", "serving", "ui")
    assert (three.feature, three.channel, three.reason) == ("reports-and-ui", None, None)
    assert {row.firmness for row in (one, two, three)} == {None}
    assert {key: found[key] for key in found.keys() - people.keys()} == {
        key: machine[key] for key in found.keys() - people.keys()
    }


def test_a_person_may_say_that_no_feature_applies() -> None:
    """That is an answer, not an abstention of the machine's."""
    row = coded({"name:a/x#1": {"feature": ()}})["name:a/x#1"]
    assert (row.feature, row.by, row.reason) == (None, "person", "no feature, says a person")


def test_the_order_of_requests_does_not_matter() -> None:
    """The same requests give the same rows, sorted by key."""
    keys = list(ASKED)
    random.Random(3).shuffle(keys)
    again = coded(texts={key: ASKED[key] for key in keys})
    first = coded()
    assert list(again) == sorted(ASKED)
    for key, row in again.items():
        before = first[key]
        assert (row.feature, row.channel, row.reason) == (
            before.feature,
            before.channel,
            before.reason,
        )
        assert row.firmness == pytest.approx(before.firmness)
    assert coded() == first


def test_rows_become_a_table() -> None:
    """With unknown as null, in the columns that are promised."""
    rows = list(coded({"name:a/x#1": {"feature": ("serving",)}}).values())
    table = requests_table(rows)
    assert table.schema.equals(REQUESTS)
    assert table.to_pylist() == [vars(row) for row in rows]


def test_no_requests_and_one_alone() -> None:
    """Nothing is made of nothing; a request without company is like no feature more than others."""
    assert coded(texts={}) == {}
    (row,) = coded(texts={"name:a/x#1": "Log metrics of runs."}).values()
    assert row.issue_key == "name:a/x#1"


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("A new Flag, please.", "cli"),
        ("Two charts beside each other", "ui"),
        ("A command that opens the page", "ui"),  # the first in the codebook's order
        ("Flagging of chartered commandos on pagers", "api"),
        ("", "api"),
    ],
)
def test_a_channel_is_named_by_whole_words(text: str, channel: str) -> None:
    """In either case and number; where none is named, it is the last of the codebook."""
    assert channel_of(text, book().codes_of("channel")) == channel


def test_a_codebook_may_ask_for_no_channel() -> None:
    """Then none is said; its one variable need not be called `feature`."""
    values = book("feature").model_dump(exclude_defaults=True)
    values.pop("variables")
    for code in values["codes"]:
        code.pop("variable")
    found = coded(by=Codebook.model_validate(values))
    assert {row.channel for row in found.values()} == {None}
    assert found["name:a/x#1"].feature == "tracking"


def test_what_cannot_code_requests_is_refused() -> None:
    """No features, one feature alone, a person's code that is none, a request that stands twice."""
    values = book().model_dump(exclude_defaults=True)
    renamed = json.loads(json.dumps(values).replace('"feature"', '"purpose"'))
    with pytest.raises(InputError, match=r"no variable 'feature': it asks for purpose, channel"):
        features_in(Codebook.model_validate(renamed))
    values["variables"][0]["open"] = True
    values["codes"] = [c for c in values["codes"] if c["id"] not in ("serving", "reports-and-ui")]
    with pytest.raises(InputError, match=r"has 1 feature\."):
        features_in(Codebook.model_validate(values))
    for answers, said in (
        ({"feature": ("cooking",)}, "'cooking' is no feature"),
        ({"feature": ("serving",), "channel": ("fax",)}, "'fax' is no channel"),
    ):
        with pytest.raises(InputError, match=said) as caught:
            coded({"name:a/x#1": answers})
        assert caught.value.where == "name:a/x#1"
    twice = [FeatureRequest("name:a/x#1", "x", "Log metrics.")] * 2
    with pytest.raises(InputError, match="stands twice"):
        code_requests(twice, encode(["a", "b"]), book(), encode)


def labelled(folder: Path, by: Codebook) -> LabelSet:
    """Return an open set of labels of the requests, which ada and ben code."""
    documents = [Document(key, key, text) for key, text in ASKED.items()]
    everybody: dict[str, frozenset[str] | None] = {"ada": None, "ben": None}
    return label_set(folder / "features.sqlite", codebook=by, documents=documents, coders=everybody)


def test_settled_labels_become_answers(tmp_path: Path) -> None:
    """What both coders say counts; what is in dispute is left to the machine."""
    with labelled(tmp_path, book()) as labels:
        for who, second in (("ada", "serving"), ("ben", "tracking")):
            session = Session(labels, who)
            session.code("name:a/x#1", "feature", ("serving",))
            session.code("name:a/x#1", "channel", ("cli",))
            session.code("name:a/x#2", "feature", (second,))
        with pytest.raises(InputError, match="still blind"):
            answers_of_people(labels)
        close(labels)
        people = answers_of_people(labels)
    assert people == {"name:a/x#1": {"feature": ("serving",), "channel": ("cli",)}}
    found = coded(people)
    assert (found["name:a/x#1"].by, found["name:a/x#2"].by) == ("person", "machine")


def test_labels_of_another_question_are_refused(tmp_path: Path) -> None:
    """Labels that never asked for a feature say none."""
    with (
        labelled(tmp_path, book("channel")) as labels,
        pytest.raises(InputError, match="no variable 'feature'"),
    ):
        answers_of_people(labels)


def test_the_shipped_features_are_nineteen() -> None:
    """Their ids stay, frameworks' files name no others, and channels speak for some of them."""
    shipped = read_codebook(package_path("codebooks/framework-features.toml"))
    ids = {code.id for code in features_in(shipped)}
    assert len(ids) == 19
    assert {"tracking", "model-registry", "ci-cd", "query-and-client", "other"} <= ids
    channels = {code.id for code in shipped.codes_of("channel")}
    assert channels == {"api", "cli", "config", "none", "service", "ui", "workflow"}
    assert SAME_THING.items() <= {(one, other) for one in channels for other in ids}
    phrases = [text for code in shipped.codes_of("feature") for text in code.examples]
    assert len(set(phrases)) == len(phrases)


def test_no_example_of_the_codebook_is_a_request() -> None:
    """The codebook says what users may ask for, in words that no embedded request has."""
    shipped = read_codebook(package_path("codebooks/framework-features.toml"))
    lines = package_path("snapshots/feature-requests.jsonl").read_text("utf-8").splitlines()
    summaries = [json.loads(line)["summary"].lower() for line in lines]
    for code in features_in(shipped):
        for example in code.examples:
            assert len(example.split()) < 4 or not any(example.lower() in s for s in summaries)

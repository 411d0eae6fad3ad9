"""A service that proposes names: believed only if all it says can be used, and never alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import opsatlas
from deciding_people import taxonomy
from name_server import Answer, Reply, good_names, name_server, nodes_in, said
from small_study import SNAPSHOT, write_study
from warm import Done, warm_opsatlas

from artifacts.errors import ArtifactError, InputError
from artifacts.progress import SilentProgress
from taxonomy.names.proposals import (
    Proposal,
    Proposals,
    apply_proposals,
    match,
    proposals_path,
    read_proposals,
    write_proposals,
)
from taxonomy.names.service import ask_names, read_answer, service_at
from taxonomy.taxonomy import Taxonomy

KEY = "sk-sentinel-1234567890"
FOLDER = f"taxonomies/{SNAPSHOT}.tools"


def small() -> Taxonomy:
    """Return three topics in two categories."""
    topics = [["a", "b", "c", "d"], ["e", "f", "g", "h"], ["i", "j", "k"]]
    return taxonomy(topics, [0, 0, 1], ["z"])


def ask(answer: Answer, *more: Answer, key: str | None = None, wait_s: float = 5) -> list[Proposal]:
    """Ask a service that answers so."""
    with name_server(answer, *more) as asked:
        service = service_at(asked.address, "m", key, timeout_s=wait_s)
        return ask_names(service, small(), {"a": "text of a"}, progress=SilentProgress())


def refusal(answer: Answer, *more: Answer, wait_s: float = 5) -> str:
    """Return the error of a service that answers so; the key is never in it."""
    with pytest.raises(InputError) as caught:
        ask(answer, *more, key=KEY, wait_s=wait_s)
    assert KEY not in str(caught.value)
    assert "nothing was changed" in str(caught.value)
    return str(caught.value)


def test_every_node_is_asked_for_with_its_evidence() -> None:
    """The service sees keywords, texts and other names, and its names are tied to documents."""
    with name_server(good_names) as asked:
        service = service_at(asked.address, "some-model", KEY)
        proposals = ask_names(service, small(), {"a": "text of a"}, progress=SilentProgress())
    assert {(p.layer, p.members) for p in proposals} == {
        ("topics", ("a", "b", "c", "d")),
        ("topics", ("e", "f", "g", "h")),
        ("topics", ("i", "j", "k")),
        ("categories", ("a", "b", "c", "d", "e", "f", "g", "h")),
        ("categories", ("i", "j", "k")),
    }
    assert asked.paths == ["/v1/chat/completions"] * 2
    assert asked.keys == [f"Bearer {KEY}"] * 2
    assert {body["model"] for body in asked.bodies} == {"some-model"}
    first, second = map(nodes_in, asked.bodies)
    assert first[0]["keywords"] == ["a", "b", "c"]
    assert first[0]["exemplars"] == ["text of a"]
    assert second[0]["topics"] == [p.name for p in proposals[:2]]
    assert KEY not in repr(service)


def test_an_answer_that_cannot_be_used_is_asked_for_once_more() -> None:
    """The second question says what was wrong with the first answer."""
    bad = said('{"names": [{"node": 0, "name": ""}]}')
    with name_server(bad, good_names) as asked:
        service = service_at(asked.address, "m")
        assert len(ask_names(service, small(), {}, progress=SilentProgress())) == 5
    told = asked.bodies[1]["messages"][-1]["content"]
    assert "node 0: the name is empty" in told
    assert "node 2 has no name" in told


def names(*rows: tuple[Any, Any]) -> str:
    """Return an answer that names nodes so."""
    return json.dumps({"names": [{"node": node, "name": name} for node, name in rows]})


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("I would call them: serving", "not JSON"),
        ("[1, 2]", "not JSON"),
        ('{"names": 3}', "not JSON"),
        ('{"names": [{"node": 0}]}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        (names((0, "One"), (1, " ")), "node 1: the name is empty"),
        (names((0, "One"), (1, 7)), "node 1: the name is empty"),
        (names((0, "One"), (1, "x" * 61)), "node 1: the name has 61 characters"),
        (names((0, "One"), (1, "Two\nthree")), "node 1: the name is not one plain line"),
        (names((0, "One"), (1, "\x1b[31mRed")), "node 1: the name is not one plain line"),
        (names((0, "One"), (1, "123")), "node 1: the name has no words"),
        (names((0, "Data stores"), (1, "data store")), "another node's already"),
        (names((0, "One"), (1, "Taken")), "another node's already"),
        (names((0, "One"), (1, "Two"), (1, "Three")), "node 1 is named twice"),
        (names((0, "One"), (1, "Two"), (9, "Three")), "no node '9'"),
        (names((0, "One"), (True, "Two")), "no node 'True'"),
        (names((0, "One")), "node 1 has no name"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(content: str, complaint: str) -> None:
    """Rubbish, empty, long, odd, repeated, missing and unknown names are all refused."""
    _, problems = read_answer(content, [0, 1], {"taken"})
    assert complaint in problems


def test_a_fenced_answer_is_read() -> None:
    """Models put JSON into a fence; the names in it are as good as others."""
    content = f"```json\n{names((0, 'One'), (1, 'Two'))}\n```"
    assert read_answer(content, [0, 1], set()) == ({0: "One", 1: "Two"}, "")


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (lambda _: Reply(b"no", status=500), "status 500: no"),
        (lambda _: Reply(f"bad key {KEY}".encode(), status=401), "status 401: bad key (key)"),
        (lambda _: Reply(b"", 302, headers=(("Location", "http://127.0.0.1:1/"),)), "status 302"),
        (lambda _: Reply(b"<html>hello</html>"), "no chat completion"),
        (lambda _: Reply(b'{"choices": []}'), "no chat completion"),
        (lambda _: Reply(b'{"choices": [{"message": {"content": null}}]}'), "no chat completion"),
        (lambda _: Reply(b"x" * 2_100_000), "longer than any names"),
        (lambda _: Reply(b"{}", after_s=0.6), "no answer in 0.2 s"),
        (said(f"my key is {KEY}"), "not JSON"),
    ],
)
def test_a_service_that_fails_is_named(answer: Answer, complaint: str) -> None:
    """Each failure is one error that says what the service did, never the key."""
    assert complaint in refusal(answer, wait_s=0.2 if "0.2" in complaint else 5)


def test_a_service_that_is_not_there_is_named() -> None:
    """Nobody listens: one error with the address, without its password."""
    with name_server(good_names) as asked:
        address = asked.address
    address = address.replace("http://", "http://user:geheim@")
    with pytest.raises(InputError, match="cannot be reached") as caught:
        ask_names(service_at(address, "m"), small(), {}, progress=SilentProgress())
    assert "geheim" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


@pytest.mark.parametrize("address", ["", "localhost:80", "ftp://x/v1", "http://", "http://x:99999"])
def test_what_is_no_address_is_refused(address: str) -> None:
    """Before anything is asked."""
    with pytest.raises(InputError, match="no address"):
        service_at(address, "m")


def test_a_user_in_the_address_and_a_key_are_refused_together() -> None:
    """A request could carry only one of them, and which one would not be seen."""
    with pytest.raises(InputError, match="names a user") as caught:
        service_at(f"http://user:{KEY}@x/v1", "m", KEY)
    assert KEY not in str(caught.value)


def proposed(*rows: tuple[str, str, str], shown: str = "service") -> Proposals:
    """Return proposals: layer, name, and the documents' one-letter keys."""
    return Proposals.model_validate(
        {
            "taxonomy": "t",
            "shown": shown,
            "endpoint": "http://x/v1/chat/completions",
            "model": "m",
            "asked_at": "2026-01-01T00:00:00Z",
            "proposals": [{"layer": a, "name": b, "members": list(c)} for a, b, c in rows],
        }
    )


def test_names_follow_their_documents() -> None:
    """A name stays with the topic that has half of its documents; else it is listed as lost."""
    found = proposed(
        ("topics", "First", "abcx"), ("topics", "Second", "efwy"), ("topics", "Third", "zuvw")
    )
    matched = match(small(), found)
    assert matched.names == {("topics", 0): "First"}
    assert [p.name for p in matched.lost] == ["Second", "Third"]
    shown = apply_proposals(small(), found)
    assert [(t.name, t.named_by) for t in shown.topic_nodes] == [
        ("First", "service"),
        ("about e", "documents"),
        ("about i", "documents"),
    ]


def test_a_proposed_name_that_another_node_has_is_not_shown() -> None:
    """Names stay distinct within a layer: the node without a proposal keeps its own."""
    found = proposed(("topics", "About E", "abcd"), ("topics", "Third", "ijk"))
    shown = apply_proposals(small(), found)
    assert [t.name for t in shown.topic_nodes] == ["about a", "about e", "Third"]
    assert [p.name for p in match(small(), found).lost] == ["About E"]


def test_names_of_documents_are_shown_if_that_was_chosen() -> None:
    """Both names are kept; which is shown is written in the file."""
    found = proposed(("topics", "First", "abcd"), shown="documents")
    assert apply_proposals(small(), found) == small()


def test_proposals_that_are_damaged_or_of_another_taxonomy_are_refused(tmp_path: Path) -> None:
    """The error names the file; nothing is overwritten."""
    folder = tmp_path / "t"
    assert read_proposals(folder) is None
    write_proposals(folder, proposed(("topics", "First", "abcd")))
    assert read_proposals(folder) == proposed(("topics", "First", "abcd"))
    path = proposals_path(folder)
    whole = path.read_text(encoding="utf-8")
    for text, error in [
        (whole[: len(whole) // 2], InputError),
        (whole.replace('"service"', '"nobody"'), InputError),
        (whole.replace('"version": 1', '"version": 2'), ArtifactError),
        (whole.replace('"taxonomy": "t"', '"taxonomy": "u"'), ArtifactError),
    ]:
        path.write_text(text, encoding="utf-8")
        with pytest.raises(error, match="proposed") as caught:
            read_proposals(folder)
        assert str(path) in str(caught.value)
        assert path.read_text(encoding="utf-8") == text


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which a small study was run."""
    folder = tmp_path_factory.mktemp("names")
    done = warm_opsatlas().run("run", write_study(folder), "-w", folder / "ws")
    assert done.code == 0, done.err
    return folder / "ws"


def command(workspace: Path, *arguments: object) -> Done:
    """Run `taxonomy names`; the key is never told."""
    done = opsatlas("taxonomy", "names", "-w", workspace, *arguments)
    assert KEY not in done.out + done.err
    return done


def values(workspace: Path, *arguments: object) -> dict[str, Any]:
    """Return what `taxonomy names --json` prints."""
    done = command(workspace, "--json", *arguments)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_the_command_shows_both_names_and_switches(workspace: Path) -> None:
    """Names from documents first; then those of a service; a person's name wins over both."""
    before = values(workspace)
    assert before["shown"] == "documents" and before["service"] is None
    for node in before["topics"] + before["categories"]:
        assert node["meets_share"] and min(node["shares"].values()) >= 0.2
        assert node["shown"] == node["name"]
    assert command(workspace, "--show", "service").code == 2
    with name_server(good_names) as asked:
        after = values(workspace, "--endpoint", asked.address, "--model", "m")
    assert after["shown"] == "service" and after["service"]["model"] == "m"
    for node, earlier in zip(after["topics"], before["topics"], strict=True):
        assert node["shown"] == node["proposed"] != node["name"] == earlier["name"]
        assert node["named_by"] == "service"
    renamed = opsatlas("taxonomy", "rename", "0", "Ours", "-w", workspace, "--by", "me")
    assert renamed.code == 0, renamed.err
    assert values(workspace)["topics"][0]["shown"] == "Ours"
    back = values(workspace, "--show", "documents")
    assert back["topics"][0]["shown"] == "Ours"
    assert back["topics"][1]["shown"] == before["topics"][1]["name"]
    assert back["topics"][1]["proposed"] == after["topics"][1]["proposed"]
    printed = command(workspace)
    assert back["topics"][1]["name"] in printed.out and "proposed names on" in printed.out


def test_a_failing_service_changes_nothing(workspace: Path) -> None:
    """The names that were proposed before stay, byte by byte, and the error has exit code 2."""
    path = proposals_path(workspace / FOLDER)
    with name_server(good_names) as asked:
        values(workspace, "--endpoint", asked.address, "--model", "m")
    kept = path.read_bytes()
    with name_server(good_names, said("rubbish")) as asked:
        done = command(workspace, "--endpoint", asked.address, "--model", "m")
    assert done.code == 2 and "cannot be used" in done.err
    assert path.read_bytes() == kept
    assert not list(path.parent.glob(".*tmp"))
    for arguments, complaint in [
        (["--endpoint", "http://127.0.0.1:1/v1"], "No model is named"),
        (["--model", "m"], "No service is named"),
        (["--endpoint", "http://127.0.0.1:1", "--model", "m", "--key-env", "NO_KEY"], "NO_KEY"),
    ]:
        done = command(workspace, *arguments)
        assert done.code == 2 and complaint in done.err
    assert path.read_bytes() == kept


def test_the_key_is_nowhere_in_the_workspace(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reaches the service, and no file."""
    monkeypatch.setenv("SENTINEL_KEY", KEY)
    with name_server(good_names) as asked:
        arguments = [
            "--endpoint",
            f"{asked.address}?key={KEY}",
            "--model",
            "m",
            "--key-env",
            "SENTINEL_KEY",
        ]
        done = opsatlas("taxonomy", "names", "-w", workspace, *arguments)
    assert done.code == 0, done.err
    assert asked.keys and asked.keys[0] == f"Bearer {KEY}"
    assert KEY not in done.out + done.err
    held = [path for path in workspace.rglob("*") if path.is_file()]
    assert held and not [path for path in held if KEY.encode() in path.read_bytes()]

"""Whether our queries, and the GitHub that the tests stand on, keep to GitHub's published contract.

GitHub's GraphQL schema and the OpenAPI description of its REST API are taken from two packages on
the npm registry, which are fetched for it; nothing of them is run or kept. Of a REST answer every
field that the server of the tests gives must be described, with what it holds; it gives fewer
than GitHub does, so that nothing is required.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_introspection_type,
    is_required_argument,
    is_required_input_field,
    is_specified_scalar_type,
    parse,
    validate,
)
from jsonschema import Draft202012Validator

from benchmarks.common import arguments, publish
from mining.github.queries import QUERIES, UNPUBLISHED
from tests.github import TOKEN, FakeClock, World, make_world, serve
from tests.github.graphql import schema as our_schema

GRAPHQL_PACKAGE = "@octokit/graphql-schema@15.26.1"
GRAPHQL_FILE = "package/schema.graphql"
REST_PACKAGE = "@octokit/openapi@23.0.2"
REST_FILE = "package/generated/api.github.com.json"
FETCH_TIMEOUT_S = 180
NO_RETRIES = ("--loglevel=error", "--fetch-retries=1", "--fetch-timeout=60000")
REPOSITORY = "/repos/{owner}/{repo}"
OF_REPOSITORY = (
    "",
    "/contributors",
    "/labels",
    "/issue-types",
    "/issues",
    "/releases",
    "/tags",
    "/readme",
)
ISSUE_TYPE = "IssueType"
"""A type that GitHub's GraphQL has, and its published schema may lack."""
UNDESCRIBED = f"{REPOSITORY}/stargazers/history"
FRAMEWORKS = ("mlflow/mlflow", "wandb/wandb")
MANY = {"per_page": "100", "anon": "true", "state": "all"}


@dataclass(frozen=True)
class Contract:
    """What GitHub publishes."""

    graphql: GraphQLSchema
    rest: Mapping[str, Any]


def contract() -> Contract:
    """Fetch GitHub's contract; raise `ConnectionError` if it cannot be had."""
    graphql = build_schema(_fetched(GRAPHQL_PACKAGE, GRAPHQL_FILE).decode(), assume_valid=True)
    return Contract(graphql, json.loads(_fetched(REST_PACKAGE, REST_FILE)))


def _fetched(package: str, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        pack = ["npm", "pack", package, "--pack-destination", folder, *NO_RETRIES]
        try:
            ran = subprocess.run(
                pack, capture_output=True, text=True, check=False, timeout=FETCH_TIMEOUT_S
            )
        except FileNotFoundError as error:
            raise ConnectionError("npm is not installed") from error
        except subprocess.TimeoutExpired as error:
            raise ConnectionError(f"npm took longer than {FETCH_TIMEOUT_S} s") from error
        if ran.returncode:
            said = ran.stderr.strip().splitlines()
            raise ConnectionError(said[0] if said else f"npm cannot fetch {package}")
        (path,) = Path(folder).glob("*.tgz")
        with tarfile.open(path) as archive:
            member = archive.extractfile(name)
            if member is None:
                raise ConnectionError(f"{package} has no {name}")
            return member.read()


# GraphQL


def differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> Iterator[str]:
    """Yield what our schema says and GitHub's does not, or says otherwise."""
    for name, mine in _types(ours).items():
        other = theirs.type_map.get(name)
        if other is None or type(other) is not type(mine):
            yield f"{name} is no such type there"
        elif isinstance(mine, GraphQLObjectType | GraphQLInterfaceType):
            there = {each.name for each in other.interfaces}
            yield from (
                f"{name} does not implement {each.name} there"
                for each in mine.interfaces
                if each.name not in there
            )
            yield from _fields(name, mine.fields, other.fields)
        elif isinstance(mine, GraphQLInputObjectType):
            yield from _inputs(name, mine.fields, other.fields, is_required_input_field)
        elif isinstance(mine, GraphQLEnumType):
            yield from (f"{name} has no {each}" for each in mine.values if each not in other.values)
        elif isinstance(mine, GraphQLUnionType):
            there = {each.name for each in other.types}
            yield from (f"{name} is never {t.name}" for t in mine.types if t.name not in there)


def _types(schema: GraphQLSchema) -> dict[str, Any]:
    return {
        name: each
        for name, each in schema.type_map.items()
        if not is_introspection_type(each) and not is_specified_scalar_type(each)
    }


def _fields(name: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    for field, each in mine.items():
        there = theirs.get(field)
        if there is None or str(there.type) != str(each.type):
            yield f"{name}.{field} is not {each.type} there, but {there and there.type}"
        else:
            yield from _inputs(f"{name}.{field}", each.args, there.args, is_required_argument)


def _inputs(
    name: str, mine: Mapping[str, Any], theirs: Mapping[str, Any], is_required: Any
) -> Iterator[str]:
    for argument, each in mine.items():
        there = theirs.get(argument)
        if there is None or str(there.type) != str(each.type):
            yield f"{name}({argument}) is not {each.type} there, but {there and there.type}"
        elif there.default_value != each.default_value:
            yield f"{name}({argument}) is {there.default_value} there if it is not given"
    for argument, there in theirs.items():
        if is_required(there) and argument not in mine:
            yield f"{name}({argument}) is needed there"


def size(schema: GraphQLSchema) -> str:
    """Return how much a schema says."""
    types = _types(schema).values()
    fields = [each for t in types for each in getattr(t, "fields", {}).values()]
    n_arguments = sum(len(getattr(each, "args", {})) for each in fields)
    n_values = sum(len(each.values) for each in types if isinstance(each, GraphQLEnumType))
    return f"{len(types)} types, {len(fields)} fields, {n_arguments} arguments, {n_values} values"


def query_faults(query: str, schemas: Mapping[str, GraphQLSchema]) -> Iterator[str]:
    """Yield why a query is invalid under one of the schemas."""
    for whose, schema in schemas.items():
        yield from (f"{whose}: {error.message}" for error in validate(schema, parse(query)))


# REST


def judge(rest: Mapping[str, Any], path: str) -> Draft202012Validator:
    """Return what judges the answers of a path: only what is described, and as it is described."""
    content = rest["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    known: dict[str, Any] = {}
    waiting = [content["schema"]]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in known:
                described = rest["components"]["schemas"][name]
                known[name] = strict(described)
                waiting.append(described)
    return Draft202012Validator({**strict(content["schema"]), "components": {"schemas": known}})


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rpartition("/")[2]
        for each in schema.values():
            yield from _references(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _references(each)


def strict(schema: Any) -> Any:
    """Return a schema of OpenAPI 3.0 as JSON Schema: no field is required, and no other allowed."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: each for name, each in schema.items() if name not in ("required", "example")}
    if isinstance(made.get("properties"), dict):
        made["properties"] = {name: strict(each) for name, each in made["properties"].items()}
        made.setdefault("additionalProperties", False)
    made |= {name: strict(each) for name, each in made.items() if name != "properties"}
    if made.pop("nullable", False) is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


def with_types(world: World) -> World:
    """Return a world in which the issues of a framework have types."""
    each = world.find(FRAMEWORKS[0])
    assert each is not None
    issues = tuple(replace(one, type=("Feature", None)[n % 2]) for n, one in enumerate(each.issues))
    typed = replace(each, issues=issues, issue_types=("Feature",))
    return World(world.now, {**world.repositories, each.database_id: typed})


def answers(world: World) -> dict[str, list[tuple[str, Any]]]:
    """Return what the server of the tests answers, by path of the contract, with where from."""
    found: dict[str, list[tuple[str, Any]]] = {}
    headers = {"User-Agent": "opsatlas", "Authorization": f"Bearer {TOKEN}"}
    with (
        serve(world, clock=FakeClock(world.now)) as github,
        httpx.Client(base_url=github.url, headers=headers) as client,
    ):

        def ask(path: str, of: str, params: Mapping[str, str] = MANY) -> None:
            answer = client.get(path, params=params)
            if answer.status_code == 200:
                found.setdefault(of, []).append((path, answer.json()))

        ask("/rate_limit", "/rate_limit")
        for page in ("1", "2"):
            params = {"q": "topic:mlops fork:true", "per_page": "20", "page": page}
            ask("/search/repositories", "/search/repositories", params)
        for each in world.repositories.values():
            for part in OF_REPOSITORY:
                ask(f"/repos/{each.full_name}{part}", REPOSITORY + part)
    return found


# The check


def check(theirs: Contract, queries: Mapping[str, str], world: World) -> Iterator[tuple[str, list]]:
    """Yield what was checked, and the faults found in it."""
    is_published = ISSUE_TYPE in theirs.graphql.type_map
    ours = our_schema(issue_types=is_published)
    faults = list(differences(ours, theirs.graphql))
    yield f"GraphQL schema of the tests ({size(ours)}) is within GitHub's", faults
    yield "GraphQL: a schema that is not GitHub's is found out", _blind(theirs.graphql)
    schemas = {"GitHub's": theirs.graphql, "that of the tests": ours}
    typed = {"that of the tests": our_schema()}
    for name, query in UNPUBLISHED.items():
        whose = schemas if is_published else typed
        yield f"query {name} is valid under {' and '.join(whose)}", list(query_faults(query, whose))
    for name, query in queries.items():
        yield f"query {name} is valid under both schemas", list(query_faults(query, schemas))
    for path, given in answers(world).items():
        validator = judge(theirs.rest, path)
        faults = [
            f"{place}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for place, content in given
            for error in validator.iter_errors(content)
        ]
        yield f"REST {path}: {len(given)} answers are as described", faults
    wrong = [{"id": "1", "name": "bug"}], [{"nome": "bug"}]
    validator = judge(theirs.rest, f"{REPOSITORY}/labels")
    missed = [f"{each} passed" for each in wrong if validator.is_valid(each)]
    yield "REST: wrong answers are found out", missed


def _blind(theirs: GraphQLSchema) -> list[str]:
    """Return what the comparison fails to see."""
    wrong = build_schema(
        "type Query { rateLimit: RateLimit! node: Node nope: Int }"
        "interface Node { id: ID } type RateLimit { cost: Int! } enum IssueState { OPEN SHUT }"
    )
    n = len(list(differences(wrong, theirs)))
    return [] if n == 5 else [f"5 differences were made and {n} seen"]


def main() -> None:
    """Run the check; exit with 1 if anything is not as GitHub says, with 2 if nobody can tell."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument(
        "--if-reachable", action="store_true", help="where the contract cannot be had, say so, end"
    )
    args = parser.parse_args()
    try:
        theirs = contract()
    except ConnectionError as error:
        print(f"GitHub's contract: NOT CHECKED, as it cannot be fetched: {error}")
        sys.exit(0 if args.if_reachable else 2)
    world = with_types(make_world(1, 60, frameworks=FRAMEWORKS, n_issues=150))
    lines, faults = [], []
    for line, found in check(theirs, QUERIES, world):
        lines.append(line)
        faults += found
        print(f"{'WRONG' if found else 'ok   '} {line}")
    if ISSUE_TYPE not in theirs.graphql.type_map:
        print(f"Not checked: issue types in GraphQL, which {GRAPHQL_PACKAGE} does not have yet.")
    if UNDESCRIBED in theirs.rest["paths"]:
        faults.append(f"{UNDESCRIBED} is described by now: check it as well.")
    else:
        print(f"Not checked: {UNDESCRIBED}, which {REST_PACKAGE} does not have yet.")
    publish("github_contract", {"checked": lines, "faults": faults}, [], args.out)
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()

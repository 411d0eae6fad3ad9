"""What a GraphQL query costs, and whether it asks for too much, as GitHub documents it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)

MOST_NODES = 500_000
MOST_PER_PAGE = 100
MOST_IDS = 100
REQUESTS_PER_POINT = 100


@dataclass
class Weight:
    """What a query asks for.

    Attributes
    ----------
    requests
        Needed to fill every connection that is paged, every `first` assumed to be full.
    nodes
        The most that it can return.
    problems
        Errors, as GitHub words them; with any, nothing is executed.
    """

    requests: int = 0
    nodes: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)

    @property
    def cost(self) -> int:
        """Return the points of the primary limit."""
        return max(1, round(self.requests / REQUESTS_PER_POINT))


def weigh(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> Weight:
    """Return what the one operation of a valid document asks for."""
    (operation,) = (
        each for each in document.definitions if isinstance(each, OperationDefinitionNode)
    )
    given = {
        each.variable.name.value: value_from_ast_untyped(each.default_value)
        for each in operation.variable_definitions or ()
        if each.default_value is not None
    }
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    scales = _Scales(schema, fragments, {**given, **variables})
    scales.add(operation.selection_set, schema.query_type, 1)
    weight = scales.weight
    if weight.nodes > MOST_NODES:
        scales.object_to(
            "MAX_NODE_LIMIT_EXCEEDED",
            f"This query requests up to {weight.nodes:,} possible nodes which exceeds the maximum "
            f"limit of {MOST_NODES:,}.",
        )
    return weight


@dataclass
class _Scales:
    """Walks through a query."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    weight: Weight = field(default_factory=Weight)

    def add(self, selected: SelectionSetNode | None, parent: Any, times: int) -> None:
        """Add what is asked of each of so many things of a type."""
        for node, owner in self._fields(selected, parent):
            name = node.name.value
            if name.startswith("__"):
                continue
            type_ = get_named_type(owner.fields[name].type)
            if type_.name.endswith("Connection"):
                self._add_connection(node, type_, times)
            elif name == "nodes" and owner is self.schema.query_type:
                ids = self._argument(node, "ids") or []
                if len(ids) > MOST_IDS:
                    what = f"You may not provide more than {MOST_IDS} node ids"
                    self.object_to("ARGUMENT_LIMIT", f"{what}; you provided {len(ids)}.", node)
                self.add(node.selection_set, type_, times * len(ids))
            else:
                self.add(node.selection_set, type_, times)

    def _add_connection(self, node: FieldNode, type_: Any, times: int) -> None:
        name, first = node.name.value, self._argument(node, "first")
        if first is None:
            asked = {each.name.value for each, _ in self._fields(node.selection_set, type_)}
            if asked & {"nodes", "edges"}:
                what = "You must provide a `first` or `last` value to properly paginate the"
                self.object_to(
                    "MISSING_PAGINATION_BOUNDARIES", f"{what} `{name}` connection.", node
                )
            return
        if not 1 <= first <= MOST_PER_PAGE:
            self.object_to(
                "EXCESSIVE_PAGINATION",
                f"Requesting {first} records on the `{name}` connection exceeds the `first` limit "
                f"of {MOST_PER_PAGE} records.",
                node,
            )
        self.weight.requests += times
        self.weight.nodes += times * first
        self.add(node.selection_set, type_, times * first)

    def _argument(self, node: FieldNode | DirectiveNode, name: str) -> Any:
        for each in node.arguments or ():
            if each.name.value == name:
                return value_from_ast_untyped(each.value, dict(self.variables))
        return None

    def _fields(
        self, selected: SelectionSetNode | None, parent: Any
    ) -> Iterator[tuple[FieldNode, Any]]:
        for node in selected.selections if selected is not None else ():
            if self._left_out(node):
                continue
            if isinstance(node, FieldNode):
                yield node, parent
            elif isinstance(node, InlineFragmentNode):
                on = node.type_condition
                owner = self.schema.type_map[on.name.value] if on is not None else parent
                yield from self._fields(node.selection_set, owner)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                owner = self.schema.type_map[fragment.type_condition.name.value]
                yield from self._fields(fragment.selection_set, owner)

    def _left_out(self, node: SelectionNode) -> bool:
        """Tell whether a directive leaves a part of the query out."""
        for each in node.directives or ():
            if each.name.value in ("include", "skip"):
                condition = self._argument(each, "if")
                if condition == (each.name.value == "skip"):
                    return True
        return False

    def object_to(self, type_: str, message: str, node: FieldNode | None = None) -> None:
        """Note an error."""
        problem: dict[str, Any] = {"type": type_, "message": message}
        if node is not None:
            named = node.alias or node.name
            problem["path"] = [named.value]
        self.weight.problems.append(problem)

"""Reads statements in the order in which they run; bodies of functions after what encloses them."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from usage.python import strings
from usage.python.expressions import Expressions, all_arguments
from usage.python.imports import Imports
from usage.python.magics import RunFile
from usage.python.marks import Marks
from usage.python.scopes import Scope
from usage.python.tables import Tables
from usage.python.types import looks_like_class
from usage.python.values import (
    Foreign,
    Instance,
    Many,
    Modules,
    OwnClass,
    OwnFunction,
    OwnObject,
    Parts,
    Symbol,
    Value,
)

MAX_PASSES: Final = 4
_AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class _Body:
    """A function whose body is still to be read."""

    node: _AnyFunction
    function: OwnFunction
    scope: Scope


class Statements(Expressions):
    """Reads the code of one file."""

    def __init__(self, tables: Tables, modules: Modules, marks: Marks, path: str) -> None:
        super().__init__(tables, modules, marks, path)
        self.imports = Imports(self, path)
        self.flows: set[str] = set()
        self._classes: dict[int, OwnClass] = {}
        self._bodies: deque[_Body] = deque()
        self._class: OwnClass | None = None
        self._function: OwnFunction | None = None
        self._statements: dict[type[ast.stmt], Callable[..., None]] = {
            ast.Import: self.imports.read_import,
            ast.ImportFrom: self.imports.read_from,
            ast.Expr: self._expression,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated_assign,
            ast.AugAssign: self._augmented_assign,
            ast.FunctionDef: self._define,
            ast.AsyncFunctionDef: self._define,
            ast.ClassDef: self._class_definition,
            ast.Return: self._return,
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Try: self._try,
            ast.TryStar: self._try,
            ast.Match: self._match,
            ast.Global: self._global,
            RunFile: self.imports.read_run,
        }

    def read_file(self, body: Sequence[ast.stmt]) -> None:
        """Read a file, again as long as what is known by its end says more."""
        known = self.scope
        for _ in range(MAX_PASSES):
            self.marks.clear()
            self.commands.clear()
            self.missed.clear()
            self.stars.clear()
            self.changed = False
            kept = {name: value for name, value in known.names.items() if value is not None}
            self.scope = known = Scope()
            self._read_deep(body)
            for name, value in kept.items():
                known.names.setdefault(name, value)
            while self._bodies:
                self._read_body(self._bodies.popleft())
            self.scope = known
            if not self.changed:
                return

    def _read_deep(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            try:
                self.read_statement(statement)
            except RecursionError:
                self.marks.miss(f"line {self.marks.at(statement.lineno)}: nested too deeply")

    def read_block(self, body: Sequence[ast.stmt]) -> None:
        """Read statements one after the other."""
        for statement in body:
            self.read_statement(statement)

    def read_statement(self, statement: ast.stmt) -> None:
        """Read one statement."""
        reader = self._statements.get(type(statement))
        if reader is not None:
            reader(statement)
            return
        self.read_parts(statement)

    # simple statements

    def _expression(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return  # a docstring, or a comment in the shape of one
        if isinstance(node.value, ast.Yield | ast.YieldFrom):
            self._yield(node.value)
            return
        self.read(node.value)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        value = self.read(node.value)
        function = self._function
        if isinstance(node, ast.YieldFrom) or not isinstance(value, Instance):
            return
        if function is not None and function.gives is None:
            function.gives, function.is_generator = value, True
            self.changed |= id(function) in self.missed

    def _assign(self, node: ast.Assign) -> None:
        strings.read_assigned(self, node.targets, node.value)
        value = self._assigned(node.value)
        for target in node.targets:
            self._assign_to(target, value, node.value)

    def _assigned(self, node: ast.expr) -> Value | None:
        if isinstance(node, ast.Yield):
            self._yield(node)
            return None
        value = self.read(node)
        if isinstance(value, Symbol) and isinstance(node, ast.Name | ast.Attribute):
            spoken = value.spoken and ("." not in value.name or looks_like_class(value.name))
            return Symbol(value.name, "alias", spoken, imported=False)
        return value

    def _assign_to(self, target: ast.expr, value: Value | None, given: ast.expr) -> None:
        # A fallback for a missing framework does not take away what the name stands for.
        if (
            value is None
            and isinstance(target, ast.Name)
            and isinstance(given, ast.Constant)
            and given.value in (None, False)
            and self.look_up(target.id) is not None
        ):
            return
        self.bind_target(target, value)

    def _annotated_assign(self, node: ast.AnnAssign) -> None:
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        said = self.annotated(node.annotation, name)
        if node.value is None and said is None and not name:
            return
        if node.value is not None:
            strings.read_assigned(self, [node.target], node.value)
        value = self._assigned(node.value) if node.value is not None else None
        value = value if value is not None else said
        if node.value is not None or value is not None or isinstance(node.target, ast.Name):
            self.bind_target(node.target, value)

    def _augmented_assign(self, node: ast.AugAssign) -> None:
        self.read(node.value)
        if isinstance(node.target, ast.Name):
            return
        self.bind_target(node.target, None)

    def _return(self, node: ast.Return) -> None:
        value = self.read(node.value)
        function = self._function
        if function is None or value is None or isinstance(value, Parts | Foreign):
            return
        if function.gives is None and not function.is_generator:
            function.gives = value
            self.changed |= id(function) in self.missed

    def _global(self, node: ast.Global) -> None:
        self.scope.globals.update(node.names)

    # branches

    def _if(self, node: ast.If) -> None:
        self.read(node.test)
        self.branches(partial(self.read_block, node.body), partial(self.read_block, node.orelse))

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        value = self.types.item(self.read(node.iter))
        self.bind_target(node.target, value)
        self.branches(partial(self.read_block, node.body), lambda: None)
        self.read_block(node.orelse)

    def _while(self, node: ast.While) -> None:
        self.read(node.test)
        self.branches(partial(self.read_block, node.body), lambda: None)
        self.read_block(node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        outside = len(self.entered)
        for item in node.items:
            value = self._entered(self.read(item.context_expr))
            if isinstance(value, Instance) and not value.path:
                self.entered.append(value.type)
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, value)
        self.read_block(node.body)
        del self.entered[outside:]

    def _entered(self, value: Value | None) -> Value | None:
        if isinstance(value, Instance) and not value.path:
            said = self.types.find(f"{value.type}.__enter__")
            return value if said is None else self.types.named(said, value.chain, value.how)
        if isinstance(value, OwnObject):
            enter = value.of.find("__enter__") or value.of.find("__aenter__")
            return self.given(enter) if isinstance(enter, OwnFunction) else None
        return value.each if isinstance(value, Many) else None

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        def body() -> None:
            self.read_block(node.body)
            self.read_block(node.orelse)

        def handled(handler: ast.ExceptHandler) -> None:
            self.read(handler.type)
            if handler.name:
                self.bind(handler.name, None)
            self.read_block(handler.body)

        def body_and_handlers() -> None:
            body()
            after = dict(self.scope.names)
            for handler in node.handlers:
                handled(handler)
            for name, value in after.items():
                if value is not None:
                    self.scope.names[name] = value

        self.branches(body_and_handlers)
        self.read_block(node.finalbody)

    def _match(self, node: ast.Match) -> None:
        self.read(node.subject)

        def case(each: ast.match_case) -> None:
            for part in ast.walk(each.pattern):
                if isinstance(part, ast.MatchValue):
                    self.read(part.value)
                elif isinstance(part, ast.MatchClass):
                    self.read(part.cls)
            self.read(each.guard)
            self.read_block(each.body)

        self.branches(*(partial(case, each) for each in node.cases), lambda: None)

    # functions and classes

    def _define(self, node: _AnyFunction) -> None:
        function = self.functions.setdefault(id(node), OwnFunction())
        decorated: Value | None = function
        static = False
        for decorator in reversed(node.decorator_list):
            value = self.read(decorator, "decorator")
            last = strings.last_name(decorator)
            static |= last == "staticmethod"
            function.is_property |= last in ("property", "cached_property")
            if isinstance(value, Symbol):
                value = self.types.called(value)
            if isinstance(value, Instance) and not value.path:
                decorated = replace(value, wraps=function)
        given = self.annotated(node.returns, node.name)
        if function.gives is None and given is not None:
            function.gives = given
        for default in (*node.args.defaults, *node.args.kw_defaults):
            self.read(default)
        self.bind(node.name, decorated)
        scope = Scope(self.scope.enclosing)
        owner = None if static else self._class
        self._bind_arguments(node, scope, owner)
        self._bodies.append(_Body(node, function, scope))

    def _bind_arguments(self, node: _AnyFunction, scope: Scope, owner: OwnClass | None) -> None:
        arguments = all_arguments(node.args)
        defaults = dict(
            zip(
                [a.arg for a in reversed([*node.args.posonlyargs, *node.args.args])],
                reversed(node.args.defaults),
                strict=False,
            )
        )
        for at, argument in enumerate(arguments):
            value = self.annotated(argument.annotation, argument.arg)
            if at == 0 and owner is not None:
                value = OwnObject(owner)
            elif value is None and argument.annotation is None:
                value = self.handed_in(argument.arg)
                default = defaults.get(argument.arg)
                if value is None and isinstance(default, ast.Name | ast.Attribute):
                    self.silent += 1
                    value = self.read(default)
                    self.silent -= 1
            if isinstance(value, Instance) and argument is node.args.vararg:
                value = Many(value)
            scope.names[argument.arg] = None if argument is node.args.kwarg else value

    def _read_body(self, body: _Body) -> None:
        self.scope, self._function = body.scope, body.function
        outer, self._class = self._class, None
        self._read_deep(body.node.body)
        self._class, self._function = outer, None

    def _class_definition(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.read(decorator, "decorator")
        own = self._classes.setdefault(id(node), OwnClass(node.name))
        own.bases.clear()
        for base in node.bases:
            value = self.read(base, "base")
            if isinstance(value, OwnClass) and value is not own:
                own.bases.append(value)
            if isinstance(value, Symbol):
                self._note_flow(value)
        for keyword in node.keywords:
            self.read(keyword.value)
        outer_scope, outer_class = self.scope, self._class
        self.scope, self._class = Scope(outer_scope, is_class=True), own
        self.read_block(node.body)
        own.members.update(self.scope.names)
        self.scope, self._class = outer_scope, outer_class
        self.bind(node.name, own)

    def _note_flow(self, base: Symbol) -> None:
        for framework in self.tables.catalog.frameworks:
            if base.name in framework.flows:
                self.flows.add(framework.name)

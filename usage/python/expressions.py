"""What expressions stand for, and the uses in them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from usage.python import strings
from usage.python.commands import Command
from usage.python.marks import Marks
from usage.python.scopes import Scope, merged
from usage.python.syntax import tried
from usage.python.tables import Tables
from usage.python.types import PLAIN_METHODS, generic_of, mapping_of
from usage.python.values import (
    Foreign,
    Instance,
    Keyed,
    Many,
    Modules,
    OwnClass,
    OwnFunction,
    OwnModule,
    OwnObject,
    Parts,
    Symbol,
    Value,
)
from usage.uses import Kind

BUILTINS: Final = frozenset(dir(builtins)) | {"display", "get_ipython", "dbutils", "spark"}
_SAME_ITEMS: Final = frozenset({"list", "sorted", "reversed", "tuple", "set", "iter", "frozenset"})


class Expressions:
    """Reads expressions.

    Parameters
    ----------
    tables, modules
        What frameworks look like, and the repository's own modules.
    marks
        Collects the uses.
    path
        Of the file: imports are resolved from there.
    """

    def __init__(self, tables: Tables, modules: Modules, marks: Marks, path: str) -> None:
        self.path = path
        self.tables = tables
        self.types = tables.types
        self.modules = modules
        self.marks = marks
        self.scope = Scope()
        self.stars: list[str] = []
        self.missed: set[object] = set()
        self.changed = False
        self.functions: dict[int, OwnFunction] = {}
        self.silent = 0
        self.commands: list[Command] = []
        self.environment = 0
        self.entered: list[str] = []
        self.imported: set[str] = set()
        self.choices: set[int] = set()
        self._follows: dict[int, str] = {}
        self._readers: dict[type[ast.expr], Callable[..., Value | None]] = {
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.Constant: self._constant,
            ast.Subscript: self._subscript,
            ast.Await: self._inner,
            ast.Starred: self._inner,
            ast.NamedExpr: self._named,
            ast.IfExp: self._either,
            ast.BoolOp: self._any_of,
            ast.BinOp: self._binary,
            ast.List: self._list,
            ast.Set: self._list,
            ast.Tuple: self._tuple,
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.DictComp: self._comprehension,
            ast.Lambda: self._lambda,
            ast.Dict: self._dict,
            ast.Compare: self._compare,
        }

    def read(self, node: ast.expr | None, kind: Kind = "reference") -> Value | None:
        """Return what an expression stands for; note the uses in it, itself as of ``kind``."""
        if node is None or (type(node) is ast.Constant and not self.environment):
            return None
        reader = self._readers.get(type(node))
        if reader is not None:
            return reader(node, kind)
        self.read_parts(node)
        return None

    def read_parts(self, node: ast.AST) -> None:
        """Read the expressions in a node of which nothing else is known."""
        for name in node._fields:
            part = getattr(node, name, None)
            if isinstance(part, ast.expr):
                self.read(part)
            elif isinstance(part, list):
                for each in part:
                    if isinstance(each, ast.expr):
                        self.read(each)

    # names and attributes

    def look_up(self, name: str) -> Value | None:
        """Return what a name stands for here."""
        scope: Scope | None = self.scope
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        if name not in BUILTINS:
            self.missed.add(name)
            if len(self.stars) == 1 and not name.startswith("_"):
                return Symbol(f"{self.stars[0]}.{name}", "star")
        return None

    def _name(self, node: ast.Name, kind: Kind) -> Value | None:
        value = self.look_up(node.id)
        if type(value) in (Symbol, Foreign):
            self.note(value, kind, node.lineno)
        return value

    def _attribute(self, node: ast.Attribute, kind: Kind) -> Value | None:
        value = self._hanging(node, kind)
        if value is not None:
            self.note(value, kind, node.end_lineno or node.lineno)
        return value

    def _hanging(self, node: ast.Attribute, kind: Kind) -> Value | None:
        """Return what an attribute stands for, without noting it itself."""
        inner = node.value
        if isinstance(inner, ast.Name):
            base = self.look_up(inner.id)
        elif isinstance(inner, ast.Attribute):
            base = self._hanging(inner, "reference")
        else:
            if isinstance(inner, ast.Call):
                self._follows[id(inner)] = node.attr
            base = self.read(inner)
        value = self.attribute(base, node.attr, called=kind == "call")
        reached = isinstance(inner, ast.Attribute) or node.attr in PLAIN_METHODS
        if value is None and isinstance(base, Instance) and base.path and reached:
            # What is read of a plain value is no use of its own, but reaching the value is one.
            self.note(base, "reference", inner.end_lineno or inner.lineno)
        return value

    def attribute(self, base: Value | None, name: str, *, called: bool = False) -> Value | None:
        """Return what an attribute of a value stands for."""
        if base is None:
            return None
        if isinstance(base, Keyed):
            return base.attribute(name)
        if isinstance(base, Symbol):
            if base.how == "wrapper" and name.startswith("__"):
                return None
            how = "short" if base.how == "alias" else base.how
            return Symbol(f"{base.name}.{name}", how)
        if isinstance(base, Instance):
            if called and base.path and name in PLAIN_METHODS:
                return None
            return self.types.attribute(base, name)
        if isinstance(base, Foreign):
            return Foreign(f"{base.name}.{name}")
        if isinstance(base, OwnModule):
            return self._of_module(base, name)
        if isinstance(base, OwnObject):
            return self._of_object(base, name)
        if isinstance(base, OwnClass):
            return base.find(name)
        return None

    def _of_module(self, module: OwnModule, name: str) -> Value | None:
        value = self.modules.exports(module).get(name)
        return value if value is not None else self.modules.inside(module, name)

    def _of_object(self, base: OwnObject, name: str) -> Value | None:
        value = base.of.find(name)
        if isinstance(value, OwnFunction) and value.is_property:
            return self.given(value)
        if value is None:
            self.missed.add(name)
            return self.handed_in(name)
        return value

    def handed_in(self, name: str) -> Value | None:
        """Return what a parameter's name tells, in files that do not import the framework."""
        type_name = self.tables.catalog.parameters.get(name)
        if type_name is None or self.tables.framework_of(type_name) in self.imported:
            return None
        return Instance(type_name, name, how="parameter")

    def note(self, value: Value | None, kind: Kind, line: int) -> None:
        """Note the use of a value of a framework."""
        if self.silent:
            return
        if isinstance(value, Symbol):
            framework = self.tables.framework_of(value.name)
            if framework and (value.spoken or kind in ("call", "decorator")):
                self.marks.mark(framework, kind, line, value.name, value.how)
        elif isinstance(value, Instance):
            framework = self.tables.framework_of(value.type)
            if framework and value.path:
                self.marks.mark(
                    framework,
                    kind,
                    line,
                    value.type + value.path,
                    value.how,
                    resolved=value.chain if value.how == "instance" else "",
                )
        elif isinstance(value, Foreign):
            self._note_foreign(value, line)

    def _note_foreign(self, value: Foreign, line: int) -> None:
        for framework, way in self.tables.indirect.get(value.name, ()):
            if way.argument is None:
                self.marks.mark(framework, "indirect", line, value.name, "indirect")

    # calls

    def _call(self, node: ast.Call, _kind: Kind = "reference") -> Value | None:
        function = self.read(node.func, _kind if _kind == "decorator" else "call")
        self.choices.update(map(id, strings.choices_of(node)))
        is_environment = strings.is_environment(node)
        self.environment += is_environment
        arguments = [self.read(argument) for argument in node.args]
        for keyword in node.keywords:
            self._keyword(keyword, in_environment=is_environment)
        self.environment -= is_environment
        if isinstance(function, Foreign):
            self._note_arguments(function, node)
        if (imported := strings.read_call(self, node)) is not None:
            return imported
        if function is None:
            return self._called_unknown(node, arguments)
        return self._called(function, node)

    def _keyword(self, keyword: ast.keyword, *, in_environment: bool) -> None:
        of_environment = keyword.arg is not None and strings.names_environment(keyword.arg)
        self.environment += of_environment
        self.read(keyword.value)
        self.environment -= of_environment
        if in_environment and keyword.arg is not None:
            self.variable(keyword.arg, keyword.lineno)

    def variable(self, name: str, line: int) -> None:
        """Note an environment variable, if it is a framework's."""
        framework = self.tables.framework_of_variable(name)
        if framework is not None and not self.silent:
            self.marks.mark(framework, "env", line, name, "text", channel="config")

    def _called(self, function: Value, node: ast.Call) -> Value | None:
        if isinstance(function, Symbol):
            return self.types.called(function)
        if isinstance(function, Instance):
            if function.wraps is not None and not function.path:
                return self._called_wrapped(function, function.wraps)
            given = self.types.called(function) or self._same_builder(function, node)
            if isinstance(given, Instance) and given.type == function.type:
                return replace(given, wraps=function.wraps)
            return given
        if isinstance(function, OwnFunction):
            return self.given(function)
        if isinstance(function, OwnClass):
            return OwnObject(function)
        if isinstance(function, OwnObject):
            inner = function.of.find("__call__")
            return self.given(inner) if isinstance(inner, OwnFunction) else None
        return None

    def _called_wrapped(self, function: Instance, inner: OwnFunction) -> Value | None:
        """Return what a decorated function gives: its own result, or a step of what is entered."""
        for outer in reversed(self.entered):
            said = self.types.find(f"{outer}.__with__.{function.type}.__call__")
            if said is not None:
                return self.types.named(said, f"{function.chain}()")
        return self.given(inner)

    def _same_builder(self, function: Instance, node: ast.Call) -> Value | None:
        """Return the object itself where methods of one first word are called in a row."""
        word, _, rest = function.path[1:].partition("_")
        if not rest or "." in rest or self.types.find(function.type + function.path) is not None:
            return None
        if not self._follows.get(id(node), "").startswith(f"{word}_"):
            return None
        return Instance(function.type, f"{function.chain}()", how=function.how)

    def _called_unknown(self, node: ast.Call, arguments: list[Value | None]) -> Value | None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        first = arguments[0] if arguments else None
        if name in _SAME_ITEMS:
            # A list of an object is not the object: what it has is of its items.
            item = self.types.item(first)
            return first if not isinstance(first, Instance) else Many(item) if item else None
        if name in ("next", "min", "max"):
            return self.types.item(first)
        if name == "getattr" and len(node.args) > 1:
            attribute = node.args[1]
            if isinstance(attribute, ast.Constant) and isinstance(attribute.value, str):
                value = self.attribute(first, attribute.value)
                self.note(value, "reference", node.lineno)
                return value
        if name == "super" and not arguments:
            return self.look_up("self")
        return None

    def given(self, function: OwnFunction) -> Value | None:
        """Return what a function of the repository gives."""
        if function.gives is None:
            self.missed.add(id(function))
            return None
        value = function.gives
        if isinstance(value, Symbol):
            value = Symbol(value.name, "wrapper", spoken=False)
        return Many(value) if function.is_generator else value

    def _note_arguments(self, function: Foreign, node: ast.Call) -> None:
        for framework, way in self.tables.indirect.get(function.name, ()):
            for keyword in node.keywords:
                if keyword.arg != way.argument or way.argument is None:
                    continue
                if way.value is None or strings.holds(keyword.value, way.value):
                    line, symbol = keyword.value.lineno, function.name
                    if isinstance(way.value, str):
                        symbol = f"{symbol}.{way.argument}"
                    else:
                        line = node.func.end_lineno or line
                    self.marks.mark(framework, "indirect", line, symbol, "indirect")

    # other expressions

    def _constant(self, node: ast.Constant, _kind: Kind) -> Value | None:
        if self.environment and isinstance(node.value, str) and not self.silent:
            self.variable(node.value, node.lineno)
        return None

    def _subscript(self, node: ast.Subscript, kind: Kind) -> Value | None:
        base = self.read(node.value, kind if kind in ("base", "decorator") else "reference")
        of_environment = strings.names_environment(strings.last_name(node.value))
        self.environment += of_environment
        self.read(node.slice)
        self.environment -= of_environment
        if isinstance(base, Many) and isinstance(node.slice, ast.Slice):
            return base
        if isinstance(base, Keyed):
            return base.each
        if isinstance(base, Symbol):
            if base.name.rpartition(".")[2][:1].isupper():
                return base
            said = self.types.find(base.name)
            if said == "":
                return None
            return Instance(said.strip("[]") if said else base.name, f"{base.name}[]")
        if isinstance(base, Parts) and isinstance(node.slice, ast.Constant):
            at = node.slice.value
            if isinstance(at, int) and -len(base.items) <= at < len(base.items):
                return base.items[at]
        return self.types.item(base)

    def _inner(self, node: ast.Await | ast.Starred, kind: Kind) -> Value | None:
        return self.read(node.value, kind)

    def _named(self, node: ast.NamedExpr, _kind: Kind) -> Value | None:
        value = self.read(node.value)
        self.bind(node.target.id, value)
        return value

    def _either(self, node: ast.IfExp, _kind: Kind) -> Value | None:
        self.read(node.test)
        first, second = self.read(node.body), self.read(node.orelse)
        return first if first is not None else second

    def _any_of(self, node: ast.BoolOp, _kind: Kind) -> Value | None:
        values = [self.read(value) for value in node.values]
        if isinstance(node.op, ast.And):
            values.reverse()
        return next((value for value in values if value is not None), None)

    def _binary(self, node: ast.BinOp, _kind: Kind) -> Value | None:
        # A sum of many texts is nested deeply to the left.
        pending: list[ast.expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            pending.append(left.right)
            left = left.left
        first = self.read(left)
        for right in reversed(pending):
            second = self.read(right)
            first = (
                first if isinstance(first, Many) else second if isinstance(second, Many) else None
            )
        return first

    def _list(self, node: ast.List | ast.Set, _kind: Kind) -> Value | None:
        values = [self.read(element) for element in node.elts]
        strings.read_words(self, node)
        first = values[0] if values else None
        return Many(first) if isinstance(first, Instance) else None

    def _dict(self, node: ast.Dict, _kind: Kind) -> Value | None:
        given: list[Value | None] = []
        for key, value in zip(node.keys, node.values, strict=True):
            self.read(key)
            given.append(self.read(value))
        strings.read_entries(self, node)
        return mapping_of(given)

    def _compare(self, node: ast.Compare, _kind: Kind) -> Value | None:
        sides = [node.left, *node.comparators]
        self.choices.update(map(id, sides))
        is_environment = any(strings.names_environment(strings.last_name(side)) for side in sides)
        self.environment += is_environment
        for side in sides:
            self.read(side)
        self.environment -= is_environment
        return None

    def _tuple(self, node: ast.Tuple, _kind: Kind) -> Value | None:
        return Parts(tuple(self.read(element) for element in node.elts))

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, _kind: Kind
    ) -> Value | None:
        outer, self.scope = self.scope, Scope(self.scope)
        for each in node.generators:
            value = self.types.item(self.read(each.iter))
            self.bind_target(each.target, value)
            for test in each.ifs:
                self.read(test)
        given: Value | None = None
        if isinstance(node, ast.DictComp):
            self.read(node.key)
            given = self.read(node.value)
        else:
            given = self.read(node.elt)
        self.scope = outer
        if not isinstance(given, Instance):
            return None
        return Keyed(given) if isinstance(node, ast.DictComp) else Many(given)

    def _lambda(self, node: ast.Lambda, _kind: Kind) -> Value | None:
        outer, self.scope = self.scope, Scope(self.scope.enclosing)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            self.read(default)
        for argument in all_arguments(node.args):
            self.scope.names[argument.arg] = None
        function = self.functions.setdefault(id(node), OwnFunction())
        value = self.read(node.body)
        if function.gives is None and not isinstance(value, Parts):
            function.gives = value
        self.scope = outer
        return function

    # commands

    def keep_shell(self, text: str, node: ast.expr, how: str = "text") -> None:
        """Keep a text of shell, to be read when the whole repository is known."""
        mentions = ".py" in text or self.tables.catalog.mentioned(text)
        if mentions and not self.silent:
            last = node.end_lineno or node.lineno
            self.commands.append(Command(node.lineno, last, how, text))

    def keep_words(self, words: list[tuple[str, int]]) -> None:
        """Keep the words of a command."""
        if not self.silent:
            line = words[0][1]
            self.commands.append(Command(line, line, "argument-list", words=tuple(words)))

    # binding

    def bind(self, name: str, value: Value | None) -> None:
        """Let a name stand for a value in the scope that it is of."""
        if name in self.scope.globals:
            module = self.scope.module
            if value is not None and module.names.get(name) is None:
                module.names[name] = value
                self.changed |= name in self.missed
        self.scope.names[name] = value

    def bind_target(self, target: ast.expr, value: Value | None) -> None:
        """Let the target of an assignment stand for a value; attributes that are set are noted."""
        if isinstance(target, ast.Name):
            self.bind(target.id, value)
        elif isinstance(target, ast.Starred):
            self.bind_target(target.value, None)
        elif isinstance(target, ast.Tuple | ast.List):
            items = value.items if isinstance(value, Parts) else ()
            for at, element in enumerate(target.elts):
                self.bind_target(element, items[at] if len(items) == len(target.elts) else None)
        elif isinstance(target, ast.Attribute):
            self._set_attribute(target, value)
        elif isinstance(target, ast.Subscript):
            known = self._subscript(target, "reference")
            is_holder = isinstance(target.value, ast.Name | ast.Attribute)
            if isinstance(value, Instance) and known is None and is_holder:
                self._put_into(target.value, value)

    def _put_into(self, holder: ast.expr, value: Instance) -> None:
        """Let what nothing is known of hold a value under each of its keys."""
        if isinstance(holder, ast.Name) and self.look_up(holder.id) is None:
            self.bind(holder.id, Keyed(value))
        elif isinstance(holder, ast.Attribute) and isinstance(holder.value, ast.Name):
            base = self.look_up(holder.value.id)
            if isinstance(base, OwnObject) and base.of.find(holder.attr) is None:
                self._set_attribute(holder, Keyed(value))

    def _set_attribute(self, target: ast.Attribute, value: Value | None) -> None:
        base = self.look_up(target.value.id) if isinstance(target.value, ast.Name) else None
        if isinstance(base, OwnObject):
            if value is not None and base.of.kept.get(target.attr) is None:
                base.of.kept[target.attr] = value
                self.changed |= target.attr in self.missed
            return
        self._attribute(target, "set")

    def branches(self, *blocks: Callable[[], None]) -> None:
        """Read blocks of which any one may run, each from what holds before them."""
        before = self.scope.names
        after: dict[str, Value | None] | None = None
        for block in blocks:
            self.scope.names = dict(before)
            block()
            after = self.scope.names if after is None else merged(after, self.scope.names)
        self.scope.names = before if after is None else after

    # annotations

    def annotated(self, node: ast.expr | None, name: str) -> Value | None:
        """Return what an annotation says of a name, after its own uses are noted."""
        if node is None:
            return None
        self.read(node)
        self.silent += 1
        value = self._meant(node, name)
        self.silent -= 1
        return value

    def _meant(self, node: ast.expr, name: str) -> Value | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            statements, _ = tried(node.value.strip())
            if statements and isinstance(statements[0], ast.Expr):
                return self._meant(statements[0].value, name)
            return None
        if isinstance(node, ast.BinOp):
            return self._meant(node.left, name) or self._meant(node.right, name)
        if isinstance(node, ast.Subscript):
            return self._meant_by_generic(node, name)
        if isinstance(node, ast.Name | ast.Attribute):
            value = self.read(node)
            if isinstance(value, Symbol):
                return self.types.of_class(value.name, f"{value.name}()")
            if isinstance(value, OwnClass):
                return OwnObject(value)
        return None

    def _meant_by_generic(self, node: ast.Subscript, name: str) -> Value | None:
        generic = node.value.attr if isinstance(node.value, ast.Attribute) else None
        generic = node.value.id if isinstance(node.value, ast.Name) else generic
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        meant = next((found for each in inner if (found := self._meant(each, name))), None)
        if meant is None:
            return self._meant(node.value, name)
        return generic_of(generic, meant, self._meant(inner[-1], name))


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Return all arguments of a function, in order."""
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    found.extend(each for each in (arguments.vararg, arguments.kwarg) if each is not None)
    return found

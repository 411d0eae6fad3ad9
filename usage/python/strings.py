"""What texts in code say: modules that are imported by name, code that is evaluated, commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from usage.python.syntax import tried
from usage.python.values import Symbol, Value

if TYPE_CHECKING:
    from usage.python.expressions import Expressions

_IMPORTS_TEXT: Final = (
    "import_module __import__ importorskip lazy_import try_import optional_import"
    " import_optional import_string import_object locate resolve_name LazyImport LazyModule"
    " LazyLoader"
)
_IMPORTS: Final = frozenset(_IMPORTS_TEXT.split())
_ASKS: Final = re.compile(
    r"(?:^|_)(?:find_spec|find_loader|add_import|add_package|package|packages|module_available"
    r"|has_module|is_installed|installed|package_exists|requires?_package|import)(?:_|$)"
)
_RUNNERS_TEXT: Final = (
    "system popen Popen run call check_call check_output getoutput getstatusoutput spawn"
    " create_subprocess_shell create_subprocess_exec exec_command run_command run_cmd"
    " run_shell execute_command shell sh bash ShellTask DbtShellTask BashOperator"
    " ShellOperation shell_run_command sudo local"
)
_RUNNERS: Final = frozenset(_RUNNERS_TEXT.split())
_PROGRAMS_TEXT: Final = (
    "python python3 pip pip3 uv poetry conda mamba docker kubectl bash sh sudo nohup env npx"
    " torchrun accelerate coverage pipx hatch pdm rye"
)
_PROGRAMS: Final = frozenset(_PROGRAMS_TEXT.split())
_GAP: Final = "GAP_"
"""Stands in texts for values that are put into them: a name wherever a text may have one."""
_COMMAND_NAME: Final = re.compile(
    r"(?:^|_)(?:cmd|cmds|command|commands|cmdline|script|entrypoint|entry_point)$"
)
_ENVIRONMENT: Final = re.compile(
    r"(?:^|_)(?:env|envs|environ|environment|environs|envvar|envvars|env_vars|vars|getenv|putenv"
    r"|setenv|delenv|unsetenv)(?:_|$)",
    re.IGNORECASE,
)


@lru_cache(maxsize=65_536)
def names_environment(name: str) -> bool:
    """Tell whether a name is that of environment variables."""
    return _ENVIRONMENT.search(name) is not None


def is_environment(node: ast.Call) -> bool:
    """Tell whether a call reads or sets environment variables: ``os.environ.get``, ``setenv``."""
    function: ast.expr = node.func
    while isinstance(function, ast.Attribute):
        if names_environment(function.attr):
            return True
        function = function.value
    if isinstance(function, ast.Name) and names_environment(function.id):
        return True
    for argument in node.args:
        if type(argument) is ast.Attribute and names_environment(argument.attr):
            return True
    return False


@lru_cache(maxsize=65_536)
def names_command(name: str) -> bool:
    """Tell whether a name is that of a command line."""
    return _COMMAND_NAME.search(name.lower()) is not None


@lru_cache(maxsize=65_536)
def _asks(name: str) -> bool:
    return name in _IMPORTS or _ASKS.search(name) is not None


def last_name(node: ast.expr) -> str:
    """Return the last name of what is called or decorates: ``a.b(c)`` gives ``b``."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def choices_of(node: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call that list what may be chosen, and are no command."""
    named = [each.value for each in node.keywords if each.arg in ("choices", "options")]
    return [*node.args, *named] if last_name(node) == "Choice" else named


def text_of(node: ast.expr | None, gap: str = "*") -> str | None:
    """Return a text that is written out, ``gap`` for each value put into it."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else gap for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        left = text_of(node.left, gap)
        if left is None or isinstance(node.op, ast.Mod):
            return None if left is None else left.replace("%s", gap).replace("%d", gap)
        return left + (text_of(node.right, gap) or gap)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "format"
    ):
        text = text_of(node.func.value, gap)
        return None if text is None else re.sub(r"\{[^{}]*\}", gap.replace("\\", r"\\"), text)
    return None


def holds(node: ast.expr, value: str | bool) -> bool:
    """Tell whether an argument is a value, may be it, or is a list that holds it."""
    if isinstance(node, ast.Constant):
        return node.value == value and isinstance(node.value, bool) == isinstance(value, bool)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return any(holds(element, value) for element in node.elts)
    if isinstance(node, ast.IfExp):
        return holds(node.body, value) or holds(node.orelse, value)
    return isinstance(node, ast.BoolOp) and any(holds(each, value) for each in node.values)


def read_call(reader: Expressions, node: ast.Call) -> Value | None:
    """Note what the texts handed to a call say; return the module where it imports one."""
    name = last_name(node)
    first = node.args[0] if node.args else None
    if name in _RUNNERS:
        _read_run(reader, node)
    for keyword in node.keywords:
        if keyword.arg and names_command(keyword.arg):
            read_command(reader, keyword.value)
    if first is None or reader.silent:
        return None
    if _asks(name):
        return _read_import(reader, node, name, first)
    if name == "run_line_magic" and len(node.args) > 1:
        _read_extension(reader, text_of(first), node.args[1])
    if name in ("eval", "exec") and isinstance(node.func, ast.Name):
        return _read_eval(reader, first)
    return None


def _read_import(reader: Expressions, node: ast.Call, name: str, first: ast.expr) -> Value | None:
    text = text_of(first)
    if not text or not re.fullmatch(r"[A-Za-z_*][\w.*]*", text):
        return None
    framework = reader.tables.framework_of(text)
    if framework is None or reader.modules.find(reader.path, text.partition(".")[0], ()):
        return None
    how = "string"
    if "spec" in name or "loader" in name:
        how = "find_spec"
    elif name in _IMPORTS:
        how = "import_module"
    reader.marks.mark(framework, "dynamic", first.lineno, text, how)
    if name not in _IMPORTS:
        return None
    whole = name != "__import__"
    return Symbol(text if whole else text.partition(".")[0], "dynamic")


def _read_extension(reader: Expressions, magic: str | None, given: ast.expr) -> None:
    """Note the extension that a call of a magic loads."""
    extension = text_of(given) or ""
    framework = reader.tables.framework_of(extension)
    if framework is not None and magic in ("load_ext", "reload_ext"):
        reader.marks.mark(framework, "magic", given.lineno, extension, "string")


def _read_eval(reader: Expressions, first: ast.expr) -> Value | None:
    body, _ = tried((text_of(first, _GAP) or "").strip())
    value: Value | None = None
    for node in ast.walk(ast.Module(body or [], [])):
        if isinstance(node, ast.Attribute) and not isinstance(value, Symbol):
            reader.silent += 1
            value = reader.read(node)
            reader.silent -= 1
    if isinstance(value, Symbol):
        said = re.sub(rf"\w*{_GAP}\w*", "*", value.name)
        framework = reader.tables.framework_of(said)
        if framework is not None:
            reader.marks.mark(framework, "dynamic", first.lineno, said, "eval")
    return None


def _read_run(reader: Expressions, node: ast.Call) -> None:
    first = node.args[0] if node.args else None
    name = last_name(node)
    if first is None or isinstance(first, ast.List | ast.Tuple):
        return  # read as words
    words = [(text_of(argument, _GAP), argument.lineno) for argument in node.args]
    if len(words) > 1 and name in ("run", "create_subprocess_exec") and all(w for w, _ in words):
        reader.keep_words([(str(word), line) for word, line in words])
    elif words[0][0] is not None:
        read_command(reader, first, "shell-task" if name.endswith("Task") else "text")


def read_assigned(reader: Expressions, targets: Sequence[ast.expr], value: ast.expr) -> None:
    """Note the command in a text that is assigned to a name for commands."""
    for target in targets:
        if isinstance(target, ast.Name) and names_command(target.id):
            read_command(reader, value)


def read_entries(reader: Expressions, node: ast.Dict) -> None:
    """Note the commands in a mapping: ``{"command": "…"}``."""
    for key, value in zip(node.keys, node.values, strict=True):
        said = key.value if isinstance(key, ast.Constant) else None
        if isinstance(said, str) and names_command(said):
            read_command(reader, value)


def read_command(reader: Expressions, node: ast.expr, how: str = "text") -> None:
    """Note the commands in a text, or in texts of a list."""
    if isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            if (text := text_of(element, _GAP)) and " " in text.strip():
                reader.keep_shell(text, element, how)
    elif text := text_of(node, _GAP):
        reader.keep_shell(text, node, how)


def read_words(reader: Expressions, node: ast.List | ast.Set) -> None:
    """Note the command in a list of words."""
    if reader.silent or len(node.elts) < 2 or not isinstance(node, ast.List):
        return
    if id(node) in reader.choices:
        return
    words = [(text_of(element, _GAP), element.lineno) for element in node.elts]
    if words[0][0] is None and last_name(node.elts[0]) == "executable":
        words[0] = "python", words[0][1]
    first, second = (words[0][0] or "").rpartition("/")[2], words[1][0] or "-"
    catalog = reader.tables.catalog
    # A list of names of tools is no command of the first one.
    is_script = first in catalog.scripts and (
        second.startswith("-") or second in catalog.first_words.get(first, ())
    )
    if is_script or first in _PROGRAMS:
        reader.keep_words([(word or _GAP, line) for word, line in words])

"""Who imports whom: arrows point down, and only the fronts touch sockets, threads and clocks.

`LAYERS` is the drawing of the architecture as a table. A module that is not in it fails here too:
whoever adds one has to say where it belongs.
"""

import ast
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src/pynetdicom"

# From the top down. A module imports from the lines below its own, and from its own part of its own
# line; parts that stand on one line, such as the two fronts, do not know each other.
LAYERS: tuple[Mapping[str, str], ...] = (
    {"programs": "__main__ apps apps.*", "older systems": "compat compat.*"},
    {"fakes for users' tests": "testing"},
    {"public names": "__init__"},
    {
        "blocking front": "ae transport association _callbacks _turn _blocking _channel "
        "_waiting _listener",
        "asyncio front": "asyncio asyncio.*",
    },
    {
        "what both fronts share": "_association _exchange _server _entity _log _handlers _sink",
        "addresses": "_address",
    },
    {"conversations": "acse services services.*"},
    {"events": "events", "service users": "_service_user"},
    {"core": "upper_layer"},
    {"state table": "fsm", "buffer": "_receive_buffer"},
    {"messages": "dimse_messages command_set", "PDUs": "pdu pdu_items"},
    {"primitives": "dimse_primitives pdu_primitives"},
    {"contexts": "presentation"},
    {"negotiation items": "user_information"},
    {
        "fields": "_layout _pdu_text",
        "SOP classes": "sop_class _old_names service_class service_class_n status",
    },
    {
        "ground": "dsutils utils _elements _templates _large_data _values _files _config _options "
        "_globals _implementation _validators exceptions"
    },
)
FRONTS = {
    "programs",
    "older systems",
    "fakes for users' tests",
    "blocking front",
    "asyncio front",
    "addresses",
}
NETWORK = {"socket", "ssl", "select", "selectors", "socketserver"}
FOR_FRONTS = NETWORK | {"asyncio", "concurrent", "queue", "threading", "time"}


def place_of(module: str) -> tuple[int, str] | None:
    """Return the line and the part of the table that have this module."""
    for line, parts in enumerate(LAYERS):
        for part, patterns in parts.items():
            if any(fnmatch(module, pattern) for pattern in patterns.split()):
                return line, part
    return None


def modules_of(package: Path) -> dict[str, str]:
    """Return the source of each module: `ae`, `services.store`; a package has its folder's name."""
    modules = {}
    for path in sorted(package.rglob("*.py")):
        *folders, name = path.relative_to(package).with_suffix("").parts
        names = folders if folders and name == "__init__" else [*folders, name]
        modules[".".join(names)] = path.read_text(encoding="utf-8")
    return modules


def imports_in(tree: ast.AST, modules: Mapping[str, str]) -> Iterator[str]:
    """Yield what a tree imports; `from package import module` counts as that module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                name = f"{base}.{alias.name}"
                yield name if inner(name) in modules else base


def inner(name: str) -> str | None:
    """Return the name inside the package, `None` for what is not of the package."""
    if name == "pynetdicom":
        return "__init__"
    return name.removeprefix("pynetdicom.") if name.startswith("pynetdicom.") else None


def faults_in(modules: Mapping[str, str]) -> list[str]:
    """Return a sentence for each rule that these modules break."""
    trees = {module: ast.parse(source) for module, source in modules.items()}
    imports = {module: set(imports_in(tree, modules)) for module, tree in trees.items()}
    faults = [f"{module} is in no layer" for module in modules if place_of(module) is None]
    for module, names in imports.items():
        faults += [fault for name in sorted(names) if (fault := fault_of(module, name))]
    faults += [fault for module, tree in trees.items() for fault in hidden(module, tree, modules)]
    return faults + circles(imports)


def fault_of(module: str, name: str) -> str | None:
    """Say what is wrong about one import, `None` if nothing is."""
    line, part = place_of(module) or (0, "")
    if name.startswith("."):
        return f"{module} imports {name}: imports are absolute"
    target = inner(name)
    if target is None:
        outside = name.partition(".")[0] in FOR_FRONTS and part not in FRONTS
        return f"{module} imports {name}, which is for fronts" if outside else None
    below, other = place_of(target) or (0, "")
    if below > line or (below, other) == (line, part):
        return None
    return f"{module} ({part}) imports {target} ({other or 'no layer'})"


def hidden(module: str, tree: ast.AST, modules: Mapping[str, str]) -> Iterator[str]:
    """Say which imports of the package hide in functions: they are how circles are hidden."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = {name for name in imports_in(node, modules) if inner(name)}
            yield from (f"{module}.{node.name} imports {name} inside" for name in sorted(names))


def circles(imports: Mapping[str, set[str]]) -> list[str]:
    """Return a circle of imports, if there is one."""
    graph = {module: {inner(name) for name in names} for module, names in imports.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return ["a circle: " + " → ".join(map(str, error.args[1]))]
    return []


def test_every_import_of_the_package_points_down() -> None:
    modules = modules_of(SOURCE)

    assert "__init__" in modules
    assert faults_in(modules) == []


@pytest.mark.parametrize(
    ("modules", "fault"),
    [
        (
            {"events": "from pynetdicom.ae import AE", "ae": ""},
            "events (events) imports ae (blocking front)",
        ),
        (
            {"acse": "if TYPE_CHECKING:\n    import pynetdicom.association", "association": ""},
            "acse (conversations) imports association (blocking front)",
        ),
        (
            {"services.store": "from pynetdicom import transport", "transport": ""},
            "services.store (conversations) imports transport (blocking front)",
        ),
        (
            {"asyncio.ae": "from pynetdicom.ae import AE", "ae": ""},
            "asyncio.ae (asyncio front) imports ae (blocking front)",
        ),
        (
            {"ae": "from pynetdicom.asyncio import association", "asyncio.association": ""},
            "ae (blocking front) imports asyncio.association (asyncio front)",
        ),
        (
            {"pdu": "from pynetdicom import evt"},
            "pdu (PDUs) imports __init__ (public names)",
        ),
        (
            {"pdu": "import pynetdicom.command_set", "command_set": ""},
            "pdu (PDUs) imports command_set (messages)",
        ),
        ({"pdu": "from pynetdicom.lost import found"}, "pdu (PDUs) imports lost (no layer)"),
        ({"fsm": "import time"}, "fsm imports time, which is for fronts"),
        ({"utils": "from threading import Lock"}, "utils imports threading, which is for fronts"),
        (
            {"services.echo": "def wait():\n    from concurrent.futures import wait"},
            "services.echo imports concurrent.futures, which is for fronts",
        ),
        ({"ae": "from . import events"}, "ae imports .: imports are absolute"),
        ({"ae": "from .events import Event"}, "ae imports .events: imports are absolute"),
        (
            {"ae": "async def associate():\n    import pynetdicom.events", "events": ""},
            "ae.associate imports pynetdicom.events inside",
        ),
        (
            {"ae": "import pynetdicom.transport", "transport": "import pynetdicom.ae"},
            "a circle: ae → transport → ae",
        ),
        ({"helpers": ""}, "helpers is in no layer"),
    ],
)
def test_an_import_that_breaks_a_rule_is_named(modules: dict[str, str], fault: str) -> None:
    assert faults_in(modules) == [fault]


def test_imports_that_point_down_are_no_faults() -> None:
    modules = {
        "__init__": "from pynetdicom.ae import AE\nfrom pynetdicom import events as evt",
        "ae": "import socket, threading\nfrom pynetdicom.transport import AssociationServer",
        "transport": "import ssl\nfrom pynetdicom import _config",
        "asyncio": "from pynetdicom.asyncio.ae import AE",
        "asyncio.ae": "import asyncio\nfrom pynetdicom.services import store",
        "services": "from pynetdicom.services.store import serve_c_store",
        "services.store": "import re\nfrom collections import abc",
        "events": "",
        "_config": "",
        "utils": "import contextvars\nfrom pynetdicom import _config",
        "apps.echoscu": "def main():\n    import rich",
    }

    assert faults_in(modules) == []


def test_packages_have_the_names_of_their_folders(tmp_path: Path) -> None:
    services = tmp_path / "services"
    services.mkdir()
    for path in (tmp_path / "__init__.py", services / "__init__.py", services / "store.py"):
        path.touch()

    assert set(modules_of(tmp_path)) == {"__init__", "services", "services.store"}

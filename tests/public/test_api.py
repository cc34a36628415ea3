"""The public names, parameters and defaults, pinned: whoever changes one has to mean it.

`api.txt` is what this file says of the modules that programs import from, the vocabulary of the
standard excepted. After a change that is meant, run this file as a program to write it anew, and
read the difference.
"""

import enum
import importlib
import inspect
import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from pynetdicom import AE, Association, _implementation, evt
from pynetdicom.association import ServiceUser
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import T_CONNECT, AddressInformation, AssociationSocket

SNAPSHOT = Path(__file__).with_name("api.txt")

MODULES = """
    pynetdicom pynetdicom.ae pynetdicom.association pynetdicom.transport pynetdicom.events
    pynetdicom.acse pynetdicom.presentation pynetdicom.exceptions pynetdicom.dsutils
    pynetdicom.utils pynetdicom._config pynetdicom._globals pynetdicom.asyncio
""".split()

# Classes whose objects have attributes that only they show.
MADE: dict[type, Callable[[], Any]] = {
    AE: AE,
    Association: lambda: Association(AE(), "requestor"),
    ServiceUser: lambda: ServiceUser(None, "requestor"),
    AddressInformation: lambda: AddressInformation("127.0.0.1", 104),
    AssociationSocket: lambda: AssociationSocket(None),
    T_CONNECT: lambda: T_CONNECT(A_ASSOCIATE()),
    PresentationContext: PresentationContext,
    evt.Event: lambda: evt.Event(None, evt.EVT_ABORTED),
}

# What differs from version to version.
RELEASED = {
    repr(getattr(_implementation, name)): name
    for name in (
        "PYNETDICOM_IMPLEMENTATION_UID",
        "PYNETDICOM_IMPLEMENTATION_VERSION",
        "PYNETDICOM_UID_PREFIX",
        "__version__",
    )
}


def snapshot() -> str:
    return "".join(f"{line}\n" for name in MODULES for line in described(name))


def described(name: str) -> Iterator[str]:
    """Yield a line for each public name of a module, and for each member of its classes."""
    module = importlib.import_module(name)
    for key in public(module):
        yield from lines_of(f"{name}.{key}", getattr(module, key))


def public(module: ModuleType) -> list[str]:
    """Return the names a module gives: those of `__all__`, or its own and what it re-exports."""
    names = getattr(module, "__all__", None)
    if names is None:
        source = inspect.getsource(module)
        names = [key for key, value in vars(module).items() if is_given(module, source, key, value)]
    return sorted(names)


def is_given(module: ModuleType, source: str, key: str, value: Any) -> bool:
    if key.startswith("_") or key == "LOGGER" or inspect.ismodule(value):
        return False
    if isinstance(value, type | FunctionType):
        return value.__module__ == module.__name__ or f"{key} as {key}" in source
    return f"\n{key} = " in source or f"\n{key}: " in source


def lines_of(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, type):
        yield from lines_of_class(path, value)
    elif isinstance(value, FunctionType):
        yield path + signature(value)
    else:
        yield f"{path} = {shown(value)}"


def shown(value: Any) -> str:
    """Return a value if it is short and simple, and otherwise what it is."""
    text = RELEASED.get(repr(value), repr(value))
    is_simple = isinstance(value, str | int | float | bool | None) or type(value) is tuple
    if is_simple and len(text) <= 60:
        return text
    if typing.get_origin(value) is not None:
        return "type"  # how aliases are made differs from one Python to the next
    kind = type(value).__name__
    return f"{kind} of {len(value)}" if isinstance(value, list | dict) else kind


def lines_of_class(path: str, value: type) -> Iterator[str]:
    bases = [base.__name__ for base in value.__bases__ if is_public(base)]
    yield f"class {path}({', '.join(bases)})"
    if issubclass(value, enum.Enum):
        yield from (f"{path}.{member.name} = {member.value!r}" for member in value)
        return
    if isinstance(vars(value).get("__init__"), FunctionType):
        yield f"{path}.__init__{signature(vars(value)['__init__'])}"
    yield from sorted(f"{path}.{key}{text}" for key, text in members(value).items())


def is_public(base: type) -> bool:
    return base is not object and "._" not in base.__module__


def members(value: type) -> dict[str, str]:
    """Return the public members of a class that come from this package."""
    found: dict[str, str] = {}
    for base in reversed(value.__mro__):
        if base.__module__.startswith("pynetdicom"):
            found |= dict.fromkeys(
                base.__annotations__ if vars(base).get("__annotations__") else {}, ""
            )
            found |= {key: member_text(member) for key, member in vars(base).items()}
    if value in MADE:
        found |= dict.fromkeys(vars(MADE[value]()).keys() - found.keys(), "")
    return {key: text for key, text in found.items() if not key.startswith("_")}


def member_text(member: Any) -> str:
    if isinstance(member, property):
        return "" if member.fset else "  (read-only)"
    if isinstance(member, classmethod | staticmethod):
        return signature(member.__func__)
    return signature(member) if isinstance(member, FunctionType) else ""


def signature(function: Any) -> str:
    """Return parameters and defaults; types are the type checker's business."""
    given = inspect.signature(function).parameters.values()
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in given
        # `exchange` is what the method of a conversation fills in.
        if parameter.name not in ("self", "cls", "exchange")
    ]
    text = str(inspect.Signature(bare))
    for value, name in RELEASED.items():
        text = text.replace(value, name)
    return text


def test_the_public_names_are_what_they_were() -> None:
    expected = SNAPSHOT.read_text(encoding="utf-8")

    assert snapshot().splitlines() == expected.splitlines()


if __name__ == "__main__":
    SNAPSHOT.write_text(snapshot(), encoding="utf-8")
    sys.stdout.write(f"{SNAPSHOT} written\n")

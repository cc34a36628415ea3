"""Programs that were written for older systems, run as they are.

``python -m pynetdicom.compat pynetdicom1 script.py`` runs one. `install` does the same from inside
a program. Nothing here is imported unless it is asked for.
"""

import sys
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

__all__ = ["SYSTEMS", "install"]

SYSTEMS = {"pynetdicom1": "pynetdicom 1.1", "pynetdicom2": "pynetdicom2 0.9.7"}
"""The older systems, by the name that `install` knows, and which release each is."""


def install(system: str) -> None:
    """Let programs import an older system by its own name: what they get is this package.

    Call it before anything of the older system is imported. Calling it again does nothing.

    Args:
        system: ``"pynetdicom2"``, or ``"pynetdicom1"``, which makes ``import pynetdicom`` give the
            names of pynetdicom 1.1.

    Raises:
        ValueError: It is none of `SYSTEMS`.
        RuntimeError: The real one is imported already.
    """
    match system:
        case "pynetdicom1":
            _install_version_1()
        case "pynetdicom2":
            _install_package("pynetdicom2", "pynetdicom.compat.pynetdicom2")
        case _:
            raise ValueError(f"{system!r} is none of the older systems: {', '.join(SYSTEMS)}")


def _install_package(name: str, ours: str) -> None:
    present = sys.modules.get(name)
    if present is not None and present.__name__ != ours:
        where = getattr(present, "__file__", None) or "elsewhere"
        raise RuntimeError(f"{name} is already imported from {where}: call install() before that")
    package = sys.modules[name] = import_module(ours)
    for submodule, module in _submodules(package).items():
        sys.modules[f"{name}.{submodule}"] = module


def _install_version_1() -> None:
    real, old = sys.modules["pynetdicom"], import_module("pynetdicom.compat.v1")
    if getattr(real, "AE", None) is old.AE:
        return
    shown = sys.modules["pynetdicom"] = _merged(real, old)
    for submodule, module in _submodules(old).items():
        name = f"pynetdicom.{submodule}"
        merged = sys.modules[name] = _merged(import_module(name), module)
        setattr(shown, submodule, merged)
    old.setup_logger()


def _submodules(package: ModuleType) -> dict[str, ModuleType]:
    names = [module.name for module in iter_modules(package.__path__)]
    return {name: import_module(f"{package.__name__}.{name}") for name in names}


def _merged(real: ModuleType, old: ModuleType) -> ModuleType:
    """Return a module with what `real` has, and what `old` has in place of that.

    The real one stays as it is: our own modules have imported from it, and go on using that.
    """
    of_old = {name: value for name, value in vars(old).items() if name[:1] != "_"}
    module = ModuleType(real.__name__, old.__doc__)
    vars(module).update({**vars(real), **of_old})
    for name in ("__all__", "__getattr__"):
        if hasattr(old, name):
            setattr(module, name, getattr(old, name))
    return module

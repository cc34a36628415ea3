"""Run a program that was written for pynetdicom2 with our names in the place of the original's."""

import runpy
import sys
from importlib import import_module
from pkgutil import iter_modules

from pynetdicom.compat import pynetdicom2

sys.modules["pynetdicom2"] = pynetdicom2
for module in iter_modules(pynetdicom2.__path__):
    sys.modules[f"pynetdicom2.{module.name}"] = import_module(
        f"{pynetdicom2.__name__}.{module.name}"
    )
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")

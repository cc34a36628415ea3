"""Other Python implementations as peers.

Two of them have our import name. So each lives in a virtual environment of its own, and what it
does is written in programs that run there, isolated from this process' paths (`python -I`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from interop.processes import missing

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "peers"


class PythonPeer(NamedTuple):
    """A release of another implementation.

    Attributes:
        name: Name and version, as `dev.py setup` calls its folder in `.peers`.
        variable: The environment variable that names its Python, when it is not there.
    """

    name: str
    variable: str

    def python(self) -> Path:
        """Return the Python that has it installed, or skip the test."""
        usual_place = ROOT / ".peers" / self.name / "bin" / "python"
        python = Path(os.environ.get(self.variable, usual_place))
        if not python.exists():
            missing(f"{self.name} ({self.variable} names its Python, else {usual_place})")
        return python

    def script(self, name: str | Path) -> list[str | Path]:
        """Return the command that runs a program, perhaps of `peers/`, or skip the test."""
        return [self.python(), "-I", SCRIPTS / name]


PYNETDICOM_1 = PythonPeer("pynetdicom-1.1.0", "PYNETDICOM_1_PYTHON")
PYNETDICOM_2 = PythonPeer("pynetdicom2-0.9.7", "PYNETDICOM_2_PYTHON")
PYNETDICOM_3 = PythonPeer("pynetdicom-3.0.4", "PYNETDICOM_3_PYTHON")

"""Each program as a file that is started by its path, as programs of older versions were."""

import subprocess
import sys
from pathlib import Path

import pytest

import pynetdicom
from pynetdicom.__main__ import PROGRAMS

from .stage import DEADLINE, ENVIRONMENT

FOLDER = Path(pynetdicom.__file__).parent / "apps"


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PROGRAMS if (FOLDER / name).is_dir()])
def test_the_file_of_a_program_can_be_started(name: str) -> None:
    finished = subprocess.run(
        [sys.executable, FOLDER / name / f"{name}.py", "--help"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )

    assert finished.stdout.startswith(f"usage: pynetdicom {name}")
    assert finished.stderr == ""


def test_every_program_that_users_start_by_path_has_its_file() -> None:
    scus, scps = {"echoscu", "findscu", "getscu", "movescu", "storescu"}, {"echoscp", "storescp"}

    assert scus | scps | {"qrscp"} <= {path.parent.name for path in FOLDER.glob("*/*.py")}

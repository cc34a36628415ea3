"""Old imports find us, but only on request and only before the real package was imported."""

import subprocess
import sys
from pathlib import Path

import pytest

from interop.processes import DEADLINE, ENVIRONMENT
from pynetdicom.compat import SYSTEMS, install

pytestmark = pytest.mark.slow


def python(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own: what is installed there ends with it."""
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        env=ENVIRONMENT,
        timeout=DEADLINE,
        capture_output=True,
        text=True,
        check=False,
    )


def run_program(folder: Path, system: str, code: str, *arguments: str) -> str:
    """Run a program for an older system; return what it prints."""
    script = folder / "program.py"
    script.write_text(code)
    finished = python("-m", "pynetdicom.compat", system, script, *arguments)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def run_code(code: str) -> str:
    finished = python("-c", code)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


# The runner.


def test_the_runner_shows_the_names_of_1_1(tmp_path: Path) -> None:
    code = """
import pynetdicom, pynetdicom.ae
from pynetdicom import AE, StoragePresentationContexts, build_context
from pynetdicom.sop_class import VerificationSOPClass, CTImageStorage
from pynetdicom.presentation import PresentationContext, DEFAULT_TRANSFER_SYNTAXES
from pynetdicom.utils import validate_ae_title
from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation
print(AE().ae_title, len(StoragePresentationContexts), len(DEFAULT_TRANSFER_SYNTAXES))
print(AE is pynetdicom.AE is pynetdicom.ae.ApplicationEntity)
print(isinstance(build_context(VerificationSOPClass), PresentationContext))
print(validate_ae_title('TITLE'))
"""

    assert run_program(tmp_path, "pynetdicom1", code) == (
        "b'PYNETDICOM      ' 128 3\nTrue\nTrue\nb'TITLE           '\n"
    )


def test_a_star_import_gives_the_names_of_1_1(tmp_path: Path) -> None:
    code = """
from pynetdicom import *
print(AE().maximum_associations, 'evt' in globals())
"""

    assert run_program(tmp_path, "pynetdicom1", code) == "2 False\n"


def test_a_program_has_its_arguments_and_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("ANSWER = 42\n")
    code = """
import sys
from neighbour import ANSWER
print(sys.argv[1:], ANSWER, __name__, __file__ == sys.argv[0])
"""

    told = run_program(tmp_path, "pynetdicom1", code, "--port", "104")

    assert told == "['--port', '104'] 42 __main__ True\n"


def test_what_a_program_exits_with_is_what_the_runner_exits_with(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("raise SystemExit(3)")

    assert python("-m", "pynetdicom.compat", "pynetdicom1", script).returncode == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["pynetdicom9", "program.py"], "pynetdicom9"),
        (["pynetdicom1", "no_such_program.py"], "there is no program no_such_program.py"),
        (["pynetdicom1"], "script"),
    ],
)
def test_a_mistake_is_explained(arguments: list[str], told: str) -> None:
    finished = python("-m", "pynetdicom.compat", *arguments)

    assert finished.returncode == 2
    assert told in finished.stderr


def test_the_help_says_which_releases_they_are() -> None:
    told = python("-m", "pynetdicom.compat", "--help").stdout

    assert all(release.split()[-1] in told for release in SYSTEMS.values())


# From inside.


def test_install_changes_what_is_imported_behind_it() -> None:
    code = """
from pynetdicom import AE as modern
from pynetdicom.compat import install
install('pynetdicom1')
install('pynetdicom1')
from pynetdicom import AE
print(modern().ae_title, AE().ae_title)
"""

    assert run_code(code) == "PYNETDICOM b'PYNETDICOM      '\n"


def test_our_own_modules_go_on_with_their_own_names() -> None:
    code = """
from pynetdicom.compat import install
install('pynetdicom1')
from pynetdicom.asyncio import AE
from pynetdicom import _config, evt, status
from pynetdicom.testing import build
print(AE().ae_title, AE().dimse_timeout)
"""

    assert run_code(code) == "PYNETDICOM 30\n"


def test_nothing_of_it_is_imported_unless_it_is_asked_for() -> None:
    code = """
import pynetdicom, sys
print([name for name in sys.modules if 'compat' in name and 'pynetdicom' in name])
"""

    assert run_code(code) == "[]\n"


def test_the_runner_shows_the_modules_of_pynetdicom2(tmp_path: Path) -> None:
    code = """
import pynetdicom2.sopclass
from pynetdicom2 import applicationentity, uids
from pynetdicom2.sopclass import verification_scu
client = applicationentity.ClientAE('CLIENT').add_scu(verification_scu)
print(client.local_ae['aet'], uids is pynetdicom2.uids)
"""

    assert run_program(tmp_path, "pynetdicom2", code) == "CLIENT True\n"


def test_install_gives_one_set_of_modules_however_often() -> None:
    code = """
from pynetdicom.compat import install
install('pynetdicom2')
install('pynetdicom2')
import pynetdicom2.statuses
from pynetdicom.compat.pynetdicom2 import statuses
import pynetdicom
print(pynetdicom2.statuses is statuses, pynetdicom.AE().ae_title)
"""

    assert run_code(code) == "True PYNETDICOM\n"


def test_a_real_package_that_was_imported_before_stays(tmp_path: Path) -> None:
    (tmp_path / "pynetdicom2.py").write_text("NAME = 'the real one'\n")
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
import pynetdicom2
from pynetdicom.compat import install
try:
    install('pynetdicom2')
except RuntimeError as error:
    print(error)
import pynetdicom2
print(pynetdicom2.NAME)
"""

    assert run_code(code) == (
        f"pynetdicom2 is already imported from {tmp_path / 'pynetdicom2.py'}: "
        "call install() before that\nthe real one\n"
    )


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(ValueError, match="'pynetdicom9' is none of the older systems"):
        install("pynetdicom9")

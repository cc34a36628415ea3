"""Programs of users pass mypy and pyright, both strict, without casts; mistakes do not.

The programs are in `programs`; that of the mistakes is made here, so that no tool complains of it.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"
SOURCE = Path(__file__).resolve().parents[2] / "src"
PATIENCE = 300

pytestmark = pytest.mark.slow

PREAMBLE = """\
from pydicom import Dataset
from pynetdicom import AE, Association, build_role, evt
from pynetdicom.sop_class import PatientRootQueryRetrieveInformationModelFind as FIND
"""

# What a type checker must find.
MISTAKES = [
    "def f(assoc: Association) -> None: assoc.send_c_echo('1')",
    "def f(assoc: Association) -> None: assoc.send_c_ecko()",
    "def f(assoc: Association) -> None: assoc.send_c_find(Dataset())",
    "def f(assoc: Association) -> str: return assoc.send_c_echo()",
    "def f(assoc: Association) -> None: assoc.send_c_find(Dataset(), FIND).PatientName",
    "def f(assoc: Association) -> int: return assoc.send_n_get(None, FIND, '1.2')[1].Rows",
    "def f(assoc: Association) -> None: assoc.is_establisht",
    "def f(assoc: Association) -> None: assoc.bind('EVT_C_ECHO', print)",
    "def f(ae: AE) -> None: ae.associate('127.0.0.1')",
    "def f(ae: AE) -> None: ae.associate('127.0.0.1', '104')",
    "def f(ae: AE) -> None: ae.start_server('127.0.0.1')",
    "def f(ae: AE) -> None: ae.start_server(('', 104)).shutdown()",
    "def f(ae: AE) -> None: ae.add_requested_context(1)",
    "def f(ae: AE) -> None: ae.ae_title = b'TITLE'",
    "def f(ae: AE) -> None: ae.maximum_associations = '3'",
    "def f(ae: AE) -> None: ae.associate('', 1, ext_neg=build_role(FIND))",
    "def f(event: evt.Event) -> int: return event.datasett",
    "def f(event: evt.Event) -> int: return event.move_destination",
    "from pynetdicom.sop_class import CTImageStorag",
    "from pynetdicom.sop_class import VerificationSOPClass",
]


def mypy(*paths: Path) -> str:
    """Return what mypy finds."""
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    command.append(f"--cache-dir={SOURCE.parent / '.mypy_cache' / 'programs'}")
    return _output_of([*command, *map(str, paths)], paths[0].parent)


@pytest.fixture(scope="module")
def needs_pyright() -> None:
    command = [sys.executable, "-m", "pyright", "--version"]  # fetches the rest of it, once
    if subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False).returncode:
        pytest.skip("pyright is not installed, or cannot fetch its other half")


def pyright(folder: Path) -> list[str]:
    """Return what pyright finds."""
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(SOURCE)], "include": ["."]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--outputjson"]
    command += ["--pythonpath", sys.executable, "--project", str(folder)]
    found = json.loads(_output_of(command, folder))
    return [f"{f['range']['start']['line']}: {f['message']}" for f in found["generalDiagnostics"]]


def _output_of(command: list[str], folder: Path, **variables: str) -> str:
    environment = {**os.environ, "MYPYPATH": str(SOURCE), **variables}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.stdout.strip()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the programs, outside the project."""
    for path in PROGRAMS.glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def mistakes(tmp_path: Path) -> Path:
    """A program that is wrong in each line behind its preamble."""
    path = tmp_path / "mistakes.py"
    # Each function has a name of its own, or that would be the mistake.
    lines = [line.replace("def f(", f"def f{n}(") for n, line in enumerate(MISTAKES)]
    path.write_text("\n".join([PREAMBLE.strip(), *lines]), encoding="utf-8")
    return path


def line_of(mistake: str) -> int:
    return PREAMBLE.count("\n") + 1 + MISTAKES.index(mistake)


def test_mypy_has_nothing_against_the_programs(programs: Path) -> None:
    assert mypy(*sorted(programs.glob("*.py"))) == ""


@pytest.mark.usefixtures("needs_pyright")
def test_pyright_has_nothing_against_the_programs(programs: Path) -> None:
    assert pyright(programs) == []


@pytest.mark.usefixtures("needs_pyright")
def test_every_public_name_has_a_type(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pyright", "--outputjson", "--ignoreexternal"]
    # It asks the Python it finds first where packages are.
    found_first = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    paths = {"PYTHONPATH": str(SOURCE), "PATH": found_first}

    output = _output_of([*command, "--verifytypes", "pynetdicom"], tmp_path, **paths)
    result = json.loads(output)["typeCompleteness"]

    untyped = [s["name"] for s in result["symbols"] if s["isExported"] and not s["isTypeKnown"]]
    assert untyped == []
    assert result["exportedSymbolCounts"]["withKnownType"] > 1000
    assert result["completenessScore"] == 1


def test_mypy_finds_every_mistake(mistakes: Path) -> None:
    found = {int(number) for number in re.findall(r":(\d+): error:", mypy(mistakes))}

    assert [mistake for mistake in MISTAKES if line_of(mistake) not in found] == []


@pytest.mark.usefixtures("needs_pyright")
def test_pyright_finds_every_mistake(mistakes: Path) -> None:
    found = {int(line.partition(":")[0]) + 1 for line in pyright(mistakes.parent)}

    assert [mistake for mistake in MISTAKES if line_of(mistake) not in found] == []

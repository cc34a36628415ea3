"""`dev.py` is the first thing a newcomer runs: it explains itself, whatever Python they have."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "dev.py"


@pytest.fixture(scope="module")
def dev() -> ModuleType:
    specification = importlib.util.spec_from_file_location("dev", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_older_pythons_can_read_it_far_enough_to_say_that_they_are_old() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 7))

    # Nothing but `import sys` comes before the check of the version.
    docstring, only_import, check, *_ = tree.body
    assert isinstance(docstring, ast.Expr)
    assert ast.unparse(only_import) == "import sys"
    assert ast.unparse(check).startswith("if sys.version_info < (3, 11)")


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
             for alias in node.names}  # fmt: skip  # one thought, one line each
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_its_help_names_every_command(dev: ModuleType) -> None:
    told = subprocess.run(
        [sys.executable, str(SCRIPT), "--help"], capture_output=True, text=True, check=True
    ).stdout

    commands = {line.split()[0] for line in told.splitlines() if line.startswith("  ")}
    assert commands == {*dev.STEPS, *dev.TOOLS}
    assert {*dev.CHECKS} <= commands


def test_an_unknown_command_is_a_mistake_and_shows_the_help() -> None:
    finished = subprocess.run(
        [sys.executable, str(SCRIPT), "tset"], capture_output=True, text=True, check=False
    )

    assert finished.returncode == 1
    assert "usage:" in finished.stdout


def test_a_failing_program_ends_its_step(dev: ModuleType) -> None:
    with pytest.raises(dev.StepError, match="status 3"):
        dev.run(sys.executable, "-c", "raise SystemExit(3)")


def test_a_python_that_is_not_there_has_no_version(dev: ModuleType, tmp_path: Path) -> None:
    assert dev.version_of([str(tmp_path / "python")]) is None
    assert dev.version_of([sys.executable]) == f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_every_core_module_exists(dev: ModuleType) -> None:
    missing = [name for name in dev.CORE.split(",") if not (ROOT / name).exists()]

    assert missing == []

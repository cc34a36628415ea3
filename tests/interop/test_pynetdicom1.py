"""A program for pynetdicom 1.1 does the same on the original and on ours, each with each."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from fronts.stage import eventually
from interop.processes import Command, run, running
from interop.python_peers import PYNETDICOM_1, SCRIPTS
from ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.slow]

PROGRAM = "pynetdicom1_program.py"
OURS: Command = [sys.executable, "-m", "pynetdicom.compat", "pynetdicom1", SCRIPTS / PROGRAM]


def original() -> Command:
    return PYNETDICOM_1.script(PROGRAM)


def play(scp: Command, scu: Command, folder: Path) -> tuple[list[str], list[str]]:
    """Let one ask the other; return what the asked and the asking program showed."""
    folder.mkdir()
    port, destination, log = free_port(), str(free_port()), folder / "log"
    with running([*scp, "scp", str(port), destination], port, log):
        asking = told_in(run([*scu, "scu", str(port), destination]))
        assert eventually(lambda: "aborted None" in told_in(log.read_text()))
    return told_in(log.read_text()), asking


def told_in(output: str) -> list[str]:
    """Return what is told, behind it what other threads tell: when, is left to chance."""
    by_threads = re.compile("store 0008|accepted|rejected|released|aborted")
    lines: list[str] = re.findall(r"^TOLD (.*)$", output, re.MULTILINE)
    return sorted(lines, key=lambda line: bool(by_threads.match(line)))


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str]]:
    """Return what is shown when the original talks to itself."""
    return play(original(), original(), tmp_path_factory.mktemp("original") / "it")


def test_the_original_shows_what_it_is_told(expected: tuple[list[str], list[str]]) -> None:
    asked, asking = expected

    assert len(asked) > 80
    assert len(asking) > 100


def test_our_scp_does_as_the_original(
    expected: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    assert play(OURS, original(), tmp_path / "it") == expected


def test_our_scu_does_as_the_original(
    expected: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    assert play(original(), OURS, tmp_path / "it") == expected


def test_ours_among_themselves_do_as_the_original(
    expected: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    assert play(OURS, OURS, tmp_path / "it") == expected

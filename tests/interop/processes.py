"""Peers are programs: find them, start them, wait until they listen, end them.

Nothing here sleeps for a fixed time: a wait ends when the peer listens, exits or is overdue.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

import pynetdicom

# No peer needs a tenth of it, but two cores may be busy with something else.
DEADLINE = 60.0

ENVIRONMENT = {
    **os.environ,
    # DCMTK waits 40 ms per message for Nagle and delayed ACK to agree, unless told not to.
    "TCP_NODELAY": "1",
    # Our own programs are those of the library under test, wherever it is imported from.
    "PYTHONPATH": str(Path(pynetdicom.__file__).parents[1]),
}


def unmeasured(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment for a process that is to be interrupted while it works.

    An interruption at the moment when coverage has its lock would leave it locked for good.
    """
    return {name: text for name, text in environment.items() if not name.startswith("COVERAGE_")}


# Where Debian puts Orthanc, which is not on every user's path.
SERVERS = "/usr/sbin"

Command = Sequence[str | os.PathLike[str]]


def program(name: str, peer: str) -> str:
    """Return the path of a program of `peer`, or skip the test and say which peer is missing."""
    found = shutil.which(name) or shutil.which(name, path=SERVERS)
    return found or missing(f"{peer} ({name} is not installed)")


def missing(peer: str) -> str:
    """Skip the test because this peer is not here (never returns)."""
    pytest.skip(f"peer missing: {peer}")


@contextmanager
def running(command: Command, port: int, log: Path) -> Iterator[None]:
    """Run a server while the block lasts; enter the block when it listens on `port`."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT,
        )
    try:
        _wait_until_listening(process, port, log)
        yield
    finally:
        _end(process)


def run(command: Command, given: str = "", *, expected: int = 0) -> str:
    """Run a program to its end and return what it printed.

    Args:
        command: Program and arguments.
        given: What the program can read from its standard input.
        expected: The exit status the program must end with.
    """
    finished = subprocess.run(
        command,
        input=given.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=ENVIRONMENT,
        timeout=DEADLINE,
        check=False,
    )
    output = finished.stdout.decode(errors="replace")
    if finished.returncode != expected:
        pytest.fail(f"{command[0]} ended with {finished.returncode}:\n{output[-4000:]}")
    return output


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + DEADLINE
    while not _listens(port):
        if _ended(process, within=0.02):
            pytest.fail(f"a peer ended before it listened:\n{log.read_text(errors='replace')}")
        if time.monotonic() > deadline:
            pytest.fail(f"a peer does not listen:\n{log.read_text(errors='replace')}")


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=DEADLINE).close()
    except ConnectionRefusedError:
        return False
    return True


def _ended(process: subprocess.Popen[bytes], within: float) -> bool:
    try:
        process.wait(timeout=within)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    if not _ended(process, within=10):
        process.kill()
        process.wait()

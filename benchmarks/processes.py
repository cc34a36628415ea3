"""Child processes with deadlines; only those started here are ended here."""

import contextlib
import json
import resource
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

DEADLINE = 180.0  # seconds for one program to do its work
START_DEADLINE = 20.0  # and for a server to listen


class BenchmarkError(Exception):
    """Something did not work; the scenario goes on without this subject."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run; `says_ready` when it prints a line once it listens."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    says_ready: bool = True
    port: int = field(default=0, compare=False)


class Finished(NamedTuple):
    """What a program took, and said."""

    seconds: float
    cpu: float
    output: str

    def json(self) -> dict[str, Any]:
        """Return the JSON object in the last line of its output."""
        return _last_json(self.output)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def run(command: Command, deadline: float = DEADLINE) -> Finished:
    """Run a program to its end."""
    used = _processor_time_of_children()
    started = time.perf_counter()
    try:
        done = subprocess.run(
            command.arguments,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=deadline,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchmarkError(str(error)) from error
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise BenchmarkError(f"{command.arguments[0]} exits with {done.returncode}: {reason}")
    seconds = time.perf_counter() - started
    return Finished(seconds, _processor_time_of_children() - used, done.stdout)


def run_for_json(command: Command, deadline: float = DEADLINE) -> dict[str, Any]:
    """Run a program whose last line of output is a JSON object."""
    return run(command, deadline).json()


def _processor_time_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _last_json(output: str) -> dict[str, Any]:
    try:
        result: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    except (IndexError, ValueError) as error:
        raise BenchmarkError(f"unexpected output: {output!r}") from error
    return result


class Child:
    """A running server or holder."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.process_id = process.pid

    def read_line(self) -> str:
        """Read a line of its output; a process that is late is killed, which ends the wait."""
        assert self._process.stdout is not None
        timer = threading.Timer(START_DEADLINE, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            raise BenchmarkError("the process ended before it was ready")
        return line.strip()

    def finish(self) -> dict[str, Any]:
        """Close its standard input, wait for its end and return the JSON of its last line."""
        try:
            output, _ = self._process.communicate(timeout=START_DEADLINE)
        except subprocess.TimeoutExpired as error:
            raise BenchmarkError("the process did not end") from error
        return _last_json(output)

    def is_running(self) -> bool:
        return self._process.poll() is None


@contextlib.contextmanager
def started(command: Command) -> Iterator[Child]:
    """Start a program, give it to the caller and end it afterwards."""
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        process = subprocess.Popen(
            command.arguments,
            env=dict(command.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if command.says_ready else subprocess.DEVNULL,
            stderr=errors,
            text=True,
        )
        try:
            yield Child(process)
        except BenchmarkError as error:
            errors.seek(0)
            lines = errors.read().strip().splitlines()
            raise BenchmarkError(f"{error} ({lines[-1]})" if lines else str(error)) from error
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


@contextlib.contextmanager
def serving(command: Command) -> Iterator[Child]:
    """Start a server and wait until it listens."""
    with started(command) as child:
        if command.says_ready:
            child.read_line()
        else:
            _wait_until_listening(child, command.port)
        yield child


def _wait_until_listening(child: Child, port: int) -> None:
    deadline = time.monotonic() + START_DEADLINE
    while time.monotonic() < deadline and child.is_running():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise BenchmarkError(f"no server on port {port}")

"""What the programs are tested with: processes, nodes to talk to, peers that misbehave."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydicom.data import get_testdata_file

from interop.processes import unmeasured
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, evt
from pynetdicom.apps._arguments import storage_contexts
from pynetdicom.sop_class import Verification

SOURCE = Path(__file__).resolve().parents[2] / "src"
DEADLINE = 60.0
LOOPBACK = "127.0.0.1"

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("COLUMNS")},
    "PYTHONPATH": str(SOURCE),
    "PYTHONWARNINGS": "error",
    "NO_COLOR": "1",
}


def sample(name: str) -> Path:
    """Return a file that comes with pydicom."""
    return Path(str(get_testdata_file(name)))


CT = sample("CT_small.dcm")  # explicit VR little endian
MR = sample("MR_small.dcm")  # the same
JPEG_2000 = sample("JPEG2000.dcm")
IMPLICIT = sample("MR_small_implicit.dcm")
BIG_ENDIAN = sample("MR_small_bigendian.dcm")


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that has ended."""

    status: int
    out: str
    err: str


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "pynetdicom", *map(str, words)]


def run(*words: object, folder: Path | None = None) -> Finished:
    """Run a program to its end, as a user would."""
    finished = subprocess.run(
        command(*words),
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    return Finished(finished.returncode, finished.stdout, finished.stderr)


def started(*words: object) -> "subprocess.Popen[str]":
    """Start a program that is to be interrupted."""
    return subprocess.Popen(
        command(*words),
        env=unmeasured(ENVIRONMENT),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass
class Server:
    """A program that serves."""

    process: subprocess.Popen[str]
    greeting: str

    @property
    def port(self) -> int:
        found = re.search(r"port (\d+)", self.greeting)
        assert found, self.greeting
        return int(found[1])

    def end(self, number: signal.Signals = signal.SIGTERM) -> Finished:
        """Tell the program to end, and wait for that."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> Finished:
        out, err = self.process.communicate(timeout=DEADLINE)
        return Finished(self.process.returncode, self.greeting + out, err)


@contextmanager
def serving(name: str, *options: object, wrapper: tuple[str, ...] = ()) -> Iterator[Server]:
    """Run a server on a free port, from when it listens until the block ends."""
    port = ("--port", "0") if name == "qrscp" else ("0",)
    words = command(name, *port, "-ba", LOOPBACK, *options)
    with subprocess.Popen(
        [*wrapper, *words],
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Server(process, _first_line(process))
        finally:
            process.terminate()
            process.communicate(timeout=DEADLINE)


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], DEADLINE)
    line = process.stdout.readline() if ready else ""
    if not line:
        process.kill()
        _, err = process.communicate(timeout=DEADLINE)
        pytest.fail(f"the server said nothing: {err}")
    return line


@dataclass
class Node:
    """A node of ours, in this process."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    stored: list[Any] = field(default_factory=list)
    requested: list[Any] = field(default_factory=list)


@contextmanager
def node(
    prepare: Callable[[AE], object] = lambda ae: None,
    *,
    syntaxes: list[str] = ALL_TRANSFER_SYNTAXES,
    statuses: tuple[int, ...] = (),
    ssl_context: Any = None,
    address: str = LOOPBACK,
    on_store: Callable[[evt.Event], None] = lambda event: None,
    on_echo: Callable[[evt.Event], int] = lambda event: 0x0000,
    on_request: Callable[[evt.Event], None] = lambda event: None,
) -> Iterator[Node]:
    """Run a storage server; `statuses` are its first answers, then come successes."""
    described = Node(statuses=list(statuses))

    def store(event: evt.Event) -> int:
        on_store(event)
        described.stored.append((event.context, bytes(event.request.DataSet.getvalue())))
        return described.statuses.pop(0) if described.statuses else 0x0000

    def note(event: evt.Event) -> None:
        described.requested.append(event.assoc)
        on_request(event)

    ae = AE("NODE")
    for context in storage_contexts():
        ae.add_supported_context(str(context.abstract_syntax), syntaxes)
    ae.add_supported_context(Verification)
    prepare(ae)
    handlers: list[evt.EventHandlerType] = [
        (evt.EVT_C_STORE, store),
        (evt.EVT_C_ECHO, on_echo),
        (evt.EVT_REQUESTED, note),
    ]
    server = ae.start_server((address, 0), False, ssl_context, handlers)
    described.port = server.server_address[1]
    try:
        yield described
    finally:
        ended = server.active_associations
        server.shutdown()
        for assoc in ended:
            assoc.join(DEADLINE)


@contextmanager
def peer(act: Callable[[socket.socket], None]) -> Iterator[int]:
    """Listen, and do with each connection what `act` does; return the port."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, act))
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(DEADLINE)


def _serve(listener: socket.socket, act: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, suppress(OSError):
            connection.settimeout(DEADLINE)
            act(connection)


def answers(port: int) -> bool:
    """Tell whether somebody listens."""
    with suppress(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, port), timeout=DEADLINE).close()
        return True
    return False


def read_pdu(connection: socket.socket) -> bytes:
    """Return one PDU."""
    head = _read(connection, 6)
    return head + _read(connection, int.from_bytes(head[2:], "big"))


def _read(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError("the program hung up")
        data += more
    return data


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def until(condition: Callable[[], object]) -> None:
    """Wait until something that another thread or process does has happened."""
    deadline = time.monotonic() + DEADLINE
    never = threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        never.wait(0.01)

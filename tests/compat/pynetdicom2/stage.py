"""Programs that were written for pynetdicom2, run by the original and by ours."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interop.processes import DEADLINE, ENVIRONMENT, Command, running
from interop.python_peers import PYNETDICOM_2
from pynetdicom.dimse_messages import Assembler, open_memory_sink
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ, P_DATA_TF, PDU
from pynetdicom.testing import pdus_in

PROGRAMS = Path(__file__).parent / "programs"

# Who runs a program.
OURS, ORIGINAL = "ours", "the original"


def command(who: str, program: str, *arguments: object) -> Command:
    """Return the command that has a program run, or skip the test for want of the original."""
    words = [str(PROGRAMS / program), *map(str, arguments)]
    if who == OURS:
        return [sys.executable, "-m", "pynetdicom.compat", "pynetdicom2", *words]
    return [PYNETDICOM_2.python(), "-I", *words]


def output_of(who: str, program: str, *arguments: object) -> str:
    """Return what a program prints."""
    finished = subprocess.run(
        command(who, program, *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=ENVIRONMENT,
        timeout=DEADLINE,
        check=False,
    )
    errors = finished.stderr.decode(errors="replace")
    assert finished.returncode == 0, errors
    return finished.stdout.decode()


@contextmanager
def serving(who: str, folder: Path, program: str, port: int, *arguments: object) -> Iterator[Path]:
    """Run a server; give its log."""
    log = folder / f"{program}.log"
    with running(command(who, program, port, *arguments), port, log):
        yield log


@dataclass
class Tap:
    """A wire that remembers what went over it: connections to `port` go on to `target`."""

    target: int
    port: int = 0
    bytes_sent: dict[tuple[int, str], bytearray] = field(default_factory=dict)

    @contextmanager
    def open(self) -> Iterator[Tap]:
        """Listen while the block lasts."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            thread = threading.Thread(target=self._accept, args=(listener,))
            thread.start()
            try:
                yield self
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join(DEADLINE)

    def _accept(self, listener: socket.socket) -> None:
        threads: list[threading.Thread] = []
        number = 0
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                break
            try:
                far = socket.create_connection(("127.0.0.1", self.target), timeout=DEADLINE)
            except OSError:
                near.close()
                continue
            for source, sink, way in ((near, far, "asks"), (far, near, "answers")):
                kept = self.bytes_sent[number, way] = bytearray()
                threads.append(threading.Thread(target=_carry, args=(source, sink, kept)))
                threads[-1].start()
            number += 1
        for thread in threads:
            thread.join(DEADLINE)

    def messages(self) -> list[Any]:
        """Return the messages of each connection and way: name, elements, data set."""
        return [
            (number, way, *_shown(message))
            for (number, way), data in sorted(self.bytes_sent.items())
            for message in _messages_in(data)
        ]

    def negotiations(self) -> list[Any]:
        """Return what each connection proposed and accepted."""
        return [
            (number, way, _negotiated(pdus_in(bytes(data))[0]))
            for (number, way), data in sorted(self.bytes_sent.items())
        ]


def _negotiated(value: PDU) -> list[Any]:
    match value:
        case A_ASSOCIATE_RQ():
            contexts = value.presentation_context
            return [(i.context_id, i.abstract_syntax, sorted(i.transfer_syntax)) for i in contexts]
        case A_ASSOCIATE_AC():
            accepted = [item for item in value.presentation_context if item.result == 0]
            return [(item.context_id, item.transfer_syntax) for item in accepted]
    return [value]


def _carry(source: socket.socket, sink: socket.socket, kept: bytearray) -> None:
    with suppress(OSError):  # one of the two has gone
        while data := source.recv(0x10000):
            kept += data
            sink.sendall(data)
    for one in (source, sink):
        with suppress(OSError):  # the other thread was quicker
            one.shutdown(socket.SHUT_RDWR)
    source.close()


def _messages_in(data: bytearray) -> Iterator[DIMSEPrimitive]:
    assembler = Assembler(open_memory_sink, 0x10000000)
    for value in pdus_in(bytes(data)):
        if isinstance(value, P_DATA_TF):
            for item in value.presentation_data_value_items:
                message = assembler.add(item.context_id, item.data[0], item.data[1:])
                if message is not None:
                    yield message


def _shown(message: DIMSEPrimitive) -> tuple[str, dict[str, Any], bytes | None]:
    elements = {
        element.name: value
        for element in message.elements
        if (value := getattr(message, element.name)) is not None
    }
    data = message.data_set
    return type(message).__name__, elements, None if data is None else data.getvalue()

"""Sends prepared bytes and reads responses with little work: the neutral end of every SCP.

Everything is encoded before the clock starts. One message at a time, as DIMSE demands without
an asynchronous operations window (PS3.7 D.3.3.3).
"""

import argparse
import json
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import wire
from benchmarks.affinity import take_processor
from benchmarks.wire import CONTEXT_IDS


def connect(port: int) -> socket.socket:
    # Without a timeout: CPython would poll before every call. The benchmark ends a late process.
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_pdu(connection: socket.socket) -> bytes:
    """Read one PDU; the answers are so small that they come whole."""
    received = connection.recv(65536)
    while len(received) < 6 or len(received) < 6 + wire.PDU_HEADER.unpack_from(received)[1]:
        more = connection.recv(65536)
        if not more:
            raise ConnectionError("the acceptor closed the connection")
        received += more
    return received


def associate(
    connection: socket.socket, maximum_length: int, context_ids: Mapping[str, int] = CONTEXT_IDS
) -> None:
    """Associate, and see to it that the acceptor takes PDUs as long as they were prepared."""
    connection.sendall(wire.associate_rq(context_ids=context_ids))
    accept = read_pdu(connection)
    if accept[0] != wire.PDUType.ASSOCIATE_AC:
        raise ConnectionError(f"no association: PDU type {accept[0]}")
    limit, accepted = wire.accepted(accept)
    if 0 < limit < maximum_length:
        raise ConnectionError(f"the acceptor takes {limit} bytes, not {maximum_length}")
    if not accepted:
        raise ConnectionError("no presentation context was accepted")


def release(connection: socket.socket) -> None:
    connection.sendall(wire.RELEASE_RQ)
    read_pdu(connection)


@contextmanager
def association(
    port: int, maximum_length: int, context_ids: Mapping[str, int] = CONTEXT_IDS
) -> Iterator[socket.socket]:
    with connect(port) as connection:
        associate(connection, maximum_length, context_ids)
        yield connection
        release(connection)


def exchange(
    connection: socket.socket, messages: Sequence[bytes | bytearray], seconds: float = 60.0
) -> dict[str, float]:
    """Send the messages one after the other, as many as can be sent in about these seconds."""
    octets = count = 0
    used = time.process_time()
    started = now = time.perf_counter()
    for message in messages:
        connection.sendall(message)
        answer = read_pdu(connection)
        now = time.perf_counter()
        if status := wire.status(answer):
            raise ConnectionError(f"status 0x{status:04X}")
        octets += len(message)
        count += 1
        if now > started + seconds:
            break
    used = time.process_time() - used
    return {"seconds": now - started, "count": count, "octets": octets, "cpu": used}


def echo_message(message_id: int) -> bytearray:
    context_id = wire.CONTEXT_IDS[wire.VERIFICATION]
    request = wire.c_echo_request(message_id)
    return wire.fragment(context_id, wire.COMMAND, request, 16384)


def store_message(message_id: int, path: Path, maximum_length: int) -> bytearray:
    instance = wire.read_instance(path)
    context_id = wire.CONTEXT_IDS[instance.sop_class]
    request = wire.c_store_request(message_id, instance)
    command = wire.fragment(context_id, wire.COMMAND, request, maximum_length)
    return command + wire.fragment(context_id, 0, instance.data_set, maximum_length)


def echo(arguments: argparse.Namespace) -> dict[str, float]:
    messages = [echo_message(number % 65535 + 1) for number in range(arguments.count)]
    with association(arguments.port, 0) as connection:
        return exchange(connection, messages, arguments.seconds)


def cycle(arguments: argparse.Namespace) -> dict[str, float]:
    message = [echo_message(1)]
    count = 0
    used = time.process_time()
    started = now = time.perf_counter()
    while count < arguments.count and now < started + arguments.seconds:
        with association(arguments.port, 0) as connection:
            exchange(connection, message)
        count += 1
        now = time.perf_counter()
    used = time.process_time() - used
    return {"seconds": now - started, "count": count, "cpu": used}


def store(arguments: argparse.Namespace) -> dict[str, float]:
    limit = arguments.maximum_length
    paths = sorted(arguments.folder.glob("*.dcm"))
    messages = [store_message(number, path, limit) for number, path in enumerate(paths, 1)]
    with association(arguments.port, limit) as connection:
        return exchange(connection, messages * arguments.repeat, arguments.seconds)


def hold(arguments: argparse.Namespace) -> dict[str, float]:
    """Hold idle associations until the standard input ends."""
    connections = [connect(arguments.port) for _ in range(arguments.count)]
    for connection in connections:
        associate(connection, 0)
    print("ready", flush=True)
    sys.stdin.read()
    for connection in connections:
        connection.close()
    return {"count": len(connections)}


def main() -> None:
    """Do one of the above and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=WORKS)
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, default=1, help="messages, cycles or associations")
    parser.add_argument("--seconds", type=float, default=10.0, help="stop then, done or not")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--maximum-length", type=int, default=16384)
    arguments = parser.parse_args()
    take_processor()
    print(json.dumps(WORKS[arguments.work](arguments)))


WORKS = {"echo": echo, "cycle": cycle, "store": store, "hold": hold}

if __name__ == "__main__":
    main()

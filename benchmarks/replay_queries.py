"""Asks prepared queries and reads their responses with little work, as `replay` does for stores."""

import argparse
import json
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import wire
from benchmarks.affinity import take_processor
from benchmarks.replay import association

BUFFER_SIZE = 1 << 20
STILL_PENDING = wire.STATUS_AT + struct.pack("<H", wire.PENDING)


@dataclass(slots=True)
class Answer:
    """What came in one read: how many pending responses, and the last response."""

    pending: int = 0
    last: bytes = b""
    is_final: bool = False


def answers(connection: socket.socket) -> Iterator[Answer]:
    """Read the responses to one request, up to the final one."""
    view = memoryview(bytearray(BUFFER_SIZE))
    end = 0
    while True:
        received = connection.recv_into(view[end:])
        if not received:
            raise ConnectionError("the acceptor closed the connection")
        end += received
        answer = Answer()
        start = _walk(view, end, answer)
        view[: end - start] = view[start:end]
        end -= start
        yield answer
        if answer.is_final:
            return


def _walk(view: memoryview, end: int, answer: Answer) -> int:
    """Go through the complete PDUs and return where the rest begins."""
    start = 0
    while end - start >= wire.PDATA_HEADER.size:
        kind, length, _, _, control = wire.PDATA_HEADER.unpack_from(view, start)
        after = start + wire.PDU_HEADER.size + length
        if after > end:
            break
        if kind != wire.PDUType.P_DATA:
            raise ConnectionError(f"PDU type {kind} instead of a response")
        if control & wire.COMMAND:
            # One fragment: a command set is small. Its status is its last element but for counts.
            answer.last = bytes(view[start + wire.PDATA_HEADER.size : after])
            if STILL_PENDING in answer.last:
                answer.pending += 1
            else:
                answer.is_final = True
        start = after
    return start


def request(command_field: int, sop_class: str, data_set: bytes, destination: str = "") -> bytes:
    context_id = wire.QUERY_CONTEXT_IDS[sop_class]
    command = wire.query_request(command_field, sop_class, 1, destination)
    message = wire.fragment(context_id, wire.COMMAND, command, 16384)
    return bytes(message + wire.fragment(context_id, 0, data_set, 16384))


def find(arguments: argparse.Namespace) -> dict[str, float]:
    """Query until there were enough matches, or the time is over, maybe within a query."""
    keys = {tag: (vr, "") for tag, vr, _ in wire.MATCH}
    keys |= {0x00080052: ("CS", "IMAGE"), 0x0020000E: ("UI", arguments.series)}
    keys |= {0x00080018: ("UI", ""), 0x0020000D: ("UI", arguments.study)}
    elements = ((tag, *keys[tag]) for tag in sorted(keys))
    message = request(wire.C_FIND_RQ, wire.STUDY_ROOT_FIND, wire.identifier(elements))
    count = 0
    with association(arguments.port, 0, wire.QUERY_CONTEXT_IDS) as connection:
        started = now = time.perf_counter()
        while count < arguments.count:
            connection.sendall(message)
            for answer in answers(connection):
                count += answer.pending
                now = time.perf_counter()
                if now > started + arguments.seconds:
                    return {"seconds": now - started, "count": count}
            if status := wire.status(answer.last):
                raise ConnectionError(f"status 0x{status:04X}")
            if not count:
                raise ConnectionError("no matches")
    return {"seconds": now - started, "count": count}


def move(arguments: argparse.Namespace) -> dict[str, float]:
    """Have a study moved so many times, or fewer when the time is over."""
    level = (0x00080052, "CS", "STUDY")
    data_set = wire.identifier([level, (0x0020000D, "UI", arguments.study)])
    message = request(wire.C_MOVE_RQ, wire.STUDY_ROOT_MOVE, data_set, arguments.destination)
    count = 0
    with association(arguments.port, 0, wire.QUERY_CONTEXT_IDS) as connection:
        started = now = time.perf_counter()
        for _ in range(arguments.count):
            connection.sendall(message)
            *_, answer = answers(connection)
            now = time.perf_counter()
            if status := wire.status(answer.last):
                raise ConnectionError(f"status 0x{status:04X}")
            count += wire.completed(answer.last)
            if now > started + arguments.seconds:
                break
    return {"seconds": now - started, "count": count}


def main() -> None:
    """Do one of the above and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=WORKS)
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, default=1, help="matches or retrievals")
    parser.add_argument("--seconds", type=float, default=10.0, help="stop then, done or not")
    parser.add_argument("--study", default="", help="its instance UID")
    parser.add_argument("--series", default="", help="its instance UID")
    parser.add_argument("--destination", default="SINK", help="the AE title to move to")
    arguments = parser.parse_args()
    take_processor()
    print(json.dumps(WORKS[arguments.work](arguments)))


WORKS = {"find": find, "move": move}

if __name__ == "__main__":
    main()

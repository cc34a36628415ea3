"""A C-ECHO, C-STORE and C-FIND acceptor that costs next to nothing: the neutral end of SCUs.

It walks the PDU headers in a large buffer, looks at two numbers of each command set and answers
with prepared bytes; a query has as many matches as it was told. Nothing of a data set is looked
at or kept. Its clock serves every SCU alike.
"""

import argparse
import contextlib
import json
import socket
import threading
import time
from dataclasses import asdict, dataclass

from benchmarks import wire
from benchmarks.affinity import take_processor

BUFFER_SIZE = 1 << 20
REPORT = b"REPORT"  # as first bytes of a connection: answer the report, then end
REPORT_TYPE = REPORT[0]


@dataclass(slots=True)
class Report:
    """What was seen; the times are seconds of the sink's clock."""

    connected: float = 0.0
    accepted: float = 0.0  # the first A-ASSOCIATE-AC has been sent
    answered: float = 0.0  # the last response has been sent
    released: float = 0.0  # the last A-RELEASE-RP has been sent
    associations: int = 0
    messages: int = 0
    octets: int = 0
    largest_pdu: int = 0


class Sink:
    """Accepts everything; see the module."""

    def __init__(self, maximum_length: int, matches: int = 0) -> None:
        self.report = Report()
        self.matches = matches
        self.maximum_length = maximum_length
        self.finished = False
        self._accepts: dict[bytes, bytes] = {}

    def accept(self, request: bytes) -> bytes:
        """Return the A-ASSOCIATE-AC; cycles send the same request again and again."""
        if request not in self._accepts:
            self._accepts[request] = wire.associate_ac(request, self.maximum_length)
        return self._accepts[request]

    def serve(self, connection: socket.socket) -> None:
        """Answer one connection until its end."""
        # Who has seen enough of a query's matches may abort.
        with connection, contextlib.suppress(ConnectionError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.report.connected = self.report.connected or time.perf_counter()
            self._read(connection)

    def _read(self, connection: socket.socket) -> None:
        conversation = Conversation(self, connection)
        view = memoryview(bytearray(BUFFER_SIZE))
        end = 0
        while received := connection.recv_into(view[end:]):
            end += received
            self.report.octets += received
            start = conversation.walk(view, end)
            if start:
                view[: end - start] = view[start:end]
                end -= start


class Conversation:
    """One association: which request waits for the end of its data set."""

    def __init__(self, sink: Sink, connection: socket.socket) -> None:
        self._sink = sink
        self._connection = connection
        self._message_id = b""
        self._command_field = 0
        self._answers = {field: self._prepare(field) for field in (wire.C_ECHO_RQ, wire.C_STORE_RQ)}

    @staticmethod
    def _prepare(command_field: int) -> bytearray:
        return wire.fragment(0, wire.COMMAND, wire.response(command_field), 16384)

    def walk(self, view: memoryview, end: int) -> int:
        """Go through the complete PDUs of the buffer and return where the rest begins."""
        start = 0
        while end - start >= wire.PDU_HEADER.size:
            kind, length = wire.PDU_HEADER.unpack_from(view, start)
            if kind == REPORT_TYPE:
                self._send_report()
                return end
            after = start + wire.PDU_HEADER.size + length
            if after > end:
                break
            if kind == wire.PDUType.P_DATA:
                self._data(view, start + wire.PDU_HEADER.size, after)
                self._sink.report.largest_pdu = max(self._sink.report.largest_pdu, length)
            else:
                self._control(kind, view[start:after])
            start = after
        return start

    def _control(self, kind: int, pdu: memoryview) -> None:
        report = self._sink.report
        if kind == wire.PDUType.ASSOCIATE_RQ:
            self._connection.sendall(self._sink.accept(bytes(pdu)))
            report.accepted = report.accepted or time.perf_counter()
            report.associations += 1
        elif kind == wire.PDUType.RELEASE_RQ:
            self._connection.sendall(wire.RELEASE_RP)
            report.released = time.perf_counter()

    def _data(self, view: memoryview, at: int, end: int) -> None:
        while at < end:
            length, context_id, control = wire.PDV_HEADER.unpack_from(view, at)
            if control & wire.COMMAND:
                self._command(bytes(view[at + 6 : at + 4 + length]), context_id)
            elif control & wire.LAST and self._command_field == wire.C_FIND_RQ:
                self._send_matches(context_id)
            elif control & wire.LAST:
                self._answer(wire.C_STORE_RQ, context_id)
            at += 4 + length

    def _command(self, command_set: bytes, context_id: int) -> None:
        at = command_set.index(wire.MESSAGE_ID_AT) + 8
        self._message_id = command_set[at : at + 2]
        self._command_field = wire.command_field(command_set)
        if self._command_field == wire.C_ECHO_RQ:
            self._answer(wire.C_ECHO_RQ, context_id)

    def _answer(self, command_field: int, context_id: int) -> None:
        answer = self._answers[command_field]
        answer[10] = context_id  # after the PDU's six and the PDV's four bytes of length
        # The two headers (12), group length (12), command field (10), tag and length (8).
        answer[42:44] = self._message_id
        self._connection.sendall(answer)
        self._sink.report.answered = time.perf_counter()
        self._sink.report.messages += 1

    def _send_matches(self, context_id: int) -> None:
        pending = wire.find_response(self._message_id, wire.PENDING)
        match = wire.fragment(context_id, wire.COMMAND, pending, 16384)
        match += wire.fragment(context_id, 0, wire.identifier(wire.MATCH), 16384)
        final = wire.find_response(self._message_id, 0)
        matches = self._sink.matches
        self._connection.sendall(match * matches)
        self._connection.sendall(wire.fragment(context_id, wire.COMMAND, final, 16384))
        self._sink.report.answered = time.perf_counter()
        self._sink.report.messages += matches

    def _send_report(self) -> None:
        self._sink.finished = True
        self._connection.sendall(json.dumps(asdict(self._sink.report)).encode())
        self._connection.shutdown(socket.SHUT_WR)


def main() -> None:
    """Serve until somebody asks for the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maximum-length", type=int, default=16384)
    parser.add_argument("--matches", type=int, default=0, help="how many a query has")
    parser.add_argument("--threads", action="store_true", help="many associations at once")
    arguments = parser.parse_args()
    take_processor()
    sink = Sink(arguments.maximum_length, arguments.matches)
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        print(listener.getsockname()[1], flush=True)
        while not sink.finished:
            connection, _ = listener.accept()
            if arguments.threads:
                threading.Thread(target=sink.serve, args=(connection,), daemon=True).start()
            else:
                sink.serve(connection)


if __name__ == "__main__":
    main()

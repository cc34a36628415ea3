"""A peer that says exactly what a story wants, right or wrong, over a plain socket."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from pydicom.uid import UID

from fronts.stage import PATIENCE
from pynetdicom import build_context, pdu
from pynetdicom.dimse_messages import DataSource, batches
from pynetdicom.dimse_primitives import C_ECHO, C_STORE, DIMSEPrimitive
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import CTImageStorage, Verification
from pynetdicom.user_information import ServiceParameter


class Peer:
    """The other end of a transport connection."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE / 2)
        self.socket = sock

    @classmethod
    def at(cls, address: tuple[Any, ...]) -> Self:
        """Connect to a server."""
        return cls(socket.create_connection(address[:2], PATIENCE))

    @classmethod
    def associated(cls, address: tuple[Any, ...], **details: Any) -> Self:
        """Connect to a server and agree on an association with it."""
        peer = cls.at(address)
        peer.say(association_request(**details))
        assert isinstance(peer.hear(), pdu.A_ASSOCIATE_AC)
        return peer

    def say(self, *what: pdu.PDU | bytes) -> None:
        """Send PDUs, or bytes that may be anything."""
        parts = [part if isinstance(part, bytes) else part.encode() for part in what]
        self.socket.sendall(b"".join(parts))

    def say_message(self, message: DIMSEPrimitive, context_id: int, data: bytes = b"") -> None:
        """Send a DIMSE message."""
        self.say(*encoded(message, context_id, data))

    def hear(self) -> pdu.PDU | None:
        """Return the next PDU, `None` at the end of the connection."""
        header = self._exactly(6)
        if header is None:
            return None
        kind, length = struct.unpack(">BxI", header)
        value: pdu.PDU = pdu.PDU_TYPES[kind]()
        value.decode(header + (self._exactly(length) or b""))
        return value

    def hear_the_end(self) -> list[pdu.PDU]:
        """Return all the PDUs that come until the connection ends."""
        heard = []
        while (value := self.hear()) is not None:
            heard.append(value)
        return heard

    def _exactly(self, count: int) -> bytes | None:
        data = b""
        while len(data) < count:
            try:
                more = self.socket.recv(count - len(data))
            except ConnectionError:
                return None
            if not more:
                return None
            data += more
        return data

    def close(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        """Close so that the other side's system sees an error, not an end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def encoded(
    message: DIMSEPrimitive, context_id: int, data: bytes = b"", maximum_length: int = 16382
) -> Iterator[bytes]:
    """Yield the PDUs of a DIMSE message."""
    source = DataSource.of(data) if data else None
    for batch in batches(message, context_id, maximum_length, source):
        for header, fragment in zip(batch[::2], batch[1::2], strict=True):
            yield bytes(header) + bytes(fragment)


def association_request(
    contexts: list[PresentationContext] | None = None,
    items: list[ServiceParameter] | None = None,
    called: str = "ANY-SCP",
    maximum_length: int = 16382,
) -> pdu.A_ASSOCIATE_RQ:
    """Return a request for Verification (context 1) and CT images (context 3)."""
    primitive = A_ASSOCIATE()
    primitive.calling_ae_title, primitive.called_ae_title = "PEER", called
    proposed = contexts or [build_context(Verification), build_context(CTImageStorage)]
    for number, context in enumerate(proposed):
        context.context_id = 2 * number + 1
    primitive.presentation_context_definition_list = proposed
    primitive.maximum_length_received = maximum_length
    primitive.implementation_class_uid = "1.2.3"
    primitive.user_information += items or []
    request = pdu.A_ASSOCIATE_RQ()
    request.from_primitive(primitive)
    return request


def acceptance(
    request: pdu.PDU | None,
    results: dict[int, int] | None = None,
    items: list[ServiceParameter] | None = None,
) -> pdu.A_ASSOCIATE_AC:
    """Return an answer that accepts contexts, but those for which `results` says otherwise."""
    assert isinstance(request, pdu.A_ASSOCIATE_RQ)
    asked = request.to_primitive()
    primitive = A_ASSOCIATE()
    primitive.result, primitive.result_source = 0, 1
    primitive.calling_ae_title = asked.calling_ae_title
    primitive.called_ae_title = asked.called_ae_title
    decided = asked.presentation_context_definition_list
    for context in decided:
        context.result = (results or {}).get(context.context_id or 0, 0)
        context.transfer_syntax = context.transfer_syntax[:1]
    primitive.presentation_context_definition_results_list = decided
    primitive.maximum_length_received = 16382
    primitive.implementation_class_uid = "1.2.3"
    primitive.user_information += items or []
    answer = pdu.A_ASSOCIATE_AC()
    answer.from_primitive(primitive)
    return answer


def accepts(peer: Peer) -> None:
    """Let a peer agree on whatever association it is asked for."""
    peer.say(acceptance(peer.hear()))


def rejection(result: int, source: int, diagnostic: int) -> pdu.A_ASSOCIATE_RJ:
    answer = pdu.A_ASSOCIATE_RJ()
    answer.result, answer.source, answer.reason_diagnostic = result, source, diagnostic
    return answer


def abort(source: int, reason: int = 0) -> pdu.A_ABORT_RQ:
    value = pdu.A_ABORT_RQ()
    value.source, value.reason_diagnostic = source, reason
    return value


def echo_request(number: int = 1) -> C_ECHO:
    request = C_ECHO()
    request.MessageID, request.AffectedSOPClassUID = number, Verification
    return request


def echo_response(number: int = 1) -> C_ECHO:
    response = C_ECHO()
    response.MessageIDBeingRespondedTo, response.Status = number, 0x0000
    response.AffectedSOPClassUID = Verification
    return response


def store_request() -> C_STORE:
    request = C_STORE()
    request.MessageID, request.AffectedSOPClassUID = 1, CTImageStorage
    request.AffectedSOPInstanceUID = UID("1.2.3.4")
    return request


Script = Callable[[Peer], object]


@contextmanager
def listening(script: Script, receive_buffer: int | None = None) -> Iterator[tuple[Any, ...]]:
    """Yield an address where a peer waits that plays `script` to the first who connects.

    What the script raises is raised at the end.
    """
    faults: list[BaseException] = []

    def play() -> None:
        try:
            connection, _ = listener.accept()
            with Peer(connection) as peer:
                script(peer)
        except BaseException as fault:
            faults.append(fault)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        if receive_buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        actor = threading.Thread(target=play, name="peer")
        actor.start()
        try:
            yield listener.getsockname()
        finally:
            actor.join(PATIENCE)
    assert not actor.is_alive(), "the peer's part is not over"
    if faults:
        raise faults[0]

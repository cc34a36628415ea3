"""Fakes for tests of protocol and handlers, without a network, a thread or a clock.

`Side` is one `UpperLayer` and the front that plays it: whatever it is told, it takes what comes of
it. `Pair` is a requestor and an acceptor with a wire between them. Nothing is sent until it is
carried, so that a test can let two PDUs cross.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from pynetdicom import pdu
from pynetdicom._globals import DEFAULT_MAX_LENGTH
from pynetdicom._layout import Buffer
from pynetdicom.dimse_messages import DataSource, OpenSink, open_memory_sink
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.exceptions import AbortReason
from pynetdicom.fsm import State
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_P_ABORT, A_RELEASE
from pynetdicom.presentation import PresentationContext, build_context, negotiate_as_acceptor
from pynetdicom.sop_class import Verification
from pynetdicom.upper_layer import ACSEPrimitive, Received, UpperLayer

__all__ = ["Pair", "Side", "acceptance", "build", "pdus_in", "rejection", "request"]

Built = TypeVar("Built")

_IMPLEMENTATION = "1.2.826.0.1.3680043.9.3811.4"
_MAXIMUM_DATA_SET = 0x1000000


def build(kind: Callable[[], Built], **parameters: Any) -> Built:
    """Return a primitive or item with these parameters: ``build(C_ECHO, MessageID=1)``."""
    value = kind()
    for name, parameter in parameters.items():
        setattr(value, name, parameter)
    return value


def request(
    *contexts: PresentationContext, maximum_length: int = DEFAULT_MAX_LENGTH
) -> A_ASSOCIATE:
    """Return an A-ASSOCIATE request.

    Args:
        contexts: What it proposes, by default Verification; they are numbered 1, 3, 5 …
        maximum_length: The maximum length it announces.
    """
    proposed = list(contexts) or [build_context(Verification)]
    for position, context in enumerate(proposed):
        context.context_id = 2 * position + 1
    return build(
        A_ASSOCIATE,
        calling_ae_title="REQUESTOR",
        called_ae_title="ACCEPTOR",
        presentation_context_definition_list=proposed,
        maximum_length_received=maximum_length,
        implementation_class_uid=_IMPLEMENTATION,
    )


def acceptance(of: A_ASSOCIATE, maximum_length: int = DEFAULT_MAX_LENGTH) -> A_ASSOCIATE:
    """Return an A-ASSOCIATE response that accepts all that a request proposes.

    Args:
        of: The request.
        maximum_length: The maximum length that the response announces.
    """
    proposed = of.presentation_context_definition_list
    decided, _ = negotiate_as_acceptor(proposed, proposed)
    return build(
        A_ASSOCIATE,
        calling_ae_title=of.calling_ae_title,
        called_ae_title=of.called_ae_title,
        result=0,
        result_source=1,
        presentation_context_definition_results_list=decided,
        maximum_length_received=maximum_length,
        implementation_class_uid=_IMPLEMENTATION,
    )


def rejection(result: int = 1, source: int = 1, diagnostic: int = 1) -> A_ASSOCIATE:
    """Return an A-ASSOCIATE response that rejects; the numbers are those of PS3.8 Table 9-21."""
    return build(A_ASSOCIATE, result=result, result_source=source, diagnostic=diagnostic)


def pdus_in(data: Buffer) -> list[Any]:
    """Return the PDUs that these bytes are.

    Raises:
        RemoteProtocolError: One of them is not what the standard describes.
    """
    found, position = [], 0
    while position < len(data):
        kind, length = pdu.PDU_HEADER.unpack_from(data, position)
        end = position + pdu.PDU_HEADER.size + length
        found.append(pdu.PDU_TYPES[kind]())
        found[-1].decode(data[position:end])
        position = end
    return found


class Side:
    """One end of an association: a core, what it has said, and what it has told its user.

    Args:
        is_requestor: Whether it requests the association.
        maximum_length: The maximum length it announces, 0 for no limit.
        maximum_data_set_length: The most bytes of a data set it receives.
        open_sink: Where its data sets go, by default into memory.

    Attributes:
        core: The upper layer.
        events: The primitives and notices since `take_events`, in order.
        sent: Every byte it has written, which `Pair.carry` brings to the other side.
    """

    def __init__(
        self,
        *,
        is_requestor: bool,
        maximum_length: int = DEFAULT_MAX_LENGTH,
        maximum_data_set_length: int = _MAXIMUM_DATA_SET,
        open_sink: OpenSink = open_memory_sink,
    ) -> None:
        self.core: UpperLayer = UpperLayer(
            is_requestor=is_requestor,
            maximum_data_set_length=maximum_data_set_length,
            open_sink=open_sink,
        )
        self.maximum_length = maximum_length
        self.events: list[Received] = []
        self.sent: bytearray = bytearray()
        self._carried = 0
        self._is_hung_up = False

    # What can happen to it.

    def send(self, primitive: ACSEPrimitive | DIMSEPrimitive, context_id: int = 1) -> None:
        """Send a primitive; a DIMSE message takes its data set along.

        Raises:
            LocalProtocolError: The state does not allow it.
        """
        source = None
        if isinstance(primitive, DIMSEPrimitive) and primitive.data_set is not None:
            source = DataSource.of(primitive.data_set.getvalue())
        self.core.send(primitive, context_id, source)
        self._settle()

    def connect(self) -> None:
        """Open the transport connection."""
        self.core.connected()
        self._settle()

    def receive(self, data: bytes, piece: int = 0) -> None:
        """Receive bytes, at once or in pieces of so many."""
        step = piece or max(len(data), 1)
        for position in range(0, len(data), step):
            self.core.receive_data(data[position : position + step])
            self._settle()

    def receive_eof(self) -> None:
        """Lose the transport connection."""
        self.core.receive_eof()
        self._settle()

    def expire(self) -> None:
        """Let the ARTIM timer expire."""
        self.core.artim_expired()
        self._settle()

    def _settle(self) -> None:
        """Take what comes of it, as every front does after every input."""
        for batch in self.core.data_to_send():
            self.sent += b"".join(batch)
        self.events += self.core.events_received()

    # What can be seen of it.

    def take_events(self) -> list[Received]:
        """Return the events since the last call."""
        events, self.events = self.events, []
        return events

    def take_bytes(self) -> bytes:
        """Return what it has written and nobody has carried."""
        begin, self._carried = self._carried, len(self.sent)
        return bytes(self.sent[begin:])

    def take_hangup(self) -> bool:
        """Return whether it has closed the transport connection since the last call."""
        was_hung_up, self._is_hung_up = self._is_hung_up, self.core.close_wanted
        return self._is_hung_up and not was_hung_up

    @property
    def pdus(self) -> list[Any]:
        """Every PDU it has sent."""
        return pdus_in(self.sent)

    def assert_aborted(self, reason: AbortReason = AbortReason.NOT_SPECIFIED) -> None:
        """Check that it has sent an A-ABORT as the service provider and awaits the end (AA-8).

        Args:
            reason: The reason in the A-ABORT and in the A-P-ABORT indication (PS3.8 9.3.8).
        """
        abort = build(pdu.A_ABORT_RQ, source=2, reason_diagnostic=reason)
        _check(self.pdus[-1:] == [abort], f"{abort} is not the last of {self.pdus}")
        indicated = [event for event in self.events if isinstance(event, A_P_ABORT)]
        _check(indicated == [A_P_ABORT(reason)], f"{indicated} instead of A-P-ABORT {reason}")
        self.assert_waits_for_close()

    def assert_refused(self) -> None:
        """Check that it has sent an A-ABORT before any association, and awaits the end (AA-1)."""
        abort = pdu.A_ABORT_RQ()
        _check(self.pdus == [abort], f"{self.pdus} instead of {abort} alone")
        _check(not self.events, f"{self.events} instead of no event")
        self.assert_waits_for_close()

    def assert_waits_for_close(self) -> None:
        """Check that it is in Sta13, its ARTIM timer running."""
        _check(self.core.state is State.STA13, f"{self.core.state} instead of Sta13")
        _check(self.core.artim_running, "ARTIM is not running")

    def assert_closed(self) -> None:
        """Check that it is idle again and wants its transport connection closed."""
        _check(self.core.state is State.STA1, f"{self.core.state} instead of Sta1")
        _check(self.core.close_wanted, "the transport connection is to stay open")
        _check(not self.core.artim_running, "ARTIM is running")


def _check(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise AssertionError(otherwise)


class Pair:
    """A requestor and an acceptor, joined by a wire.

    Args:
        requestor_maximum_length: The maximum length that the requestor announces.
        acceptor_maximum_length: The maximum length that the acceptor announces.
        piece: How many bytes the wire brings at once; 0 brings all there are.
    """

    def __init__(
        self,
        requestor_maximum_length: int = DEFAULT_MAX_LENGTH,
        acceptor_maximum_length: int = DEFAULT_MAX_LENGTH,
        piece: int = 0,
    ) -> None:
        self.requestor: Side = Side(is_requestor=True, maximum_length=requestor_maximum_length)
        self.acceptor: Side = Side(is_requestor=False, maximum_length=acceptor_maximum_length)
        self.piece = piece

    def carry(self) -> None:
        """Carry bytes and hang-ups to and fro until both sides are silent."""
        one, other = self.requestor, self.acceptor
        while self._carry(one, other) | self._carry(other, one):
            pass

    def _carry(self, sender: Side, receiver: Side) -> bool:
        data, is_hung_up = sender.take_bytes(), sender.take_hangup()
        receiver.receive(data, self.piece)
        if is_hung_up:
            receiver.receive_eof()
        return bool(data) or is_hung_up

    def propose(self, *contexts: PresentationContext) -> A_ASSOCIATE:
        """Connect both sides and bring the request to the acceptor; return the indication."""
        self.requestor.send(request(*contexts, maximum_length=self.requestor.maximum_length))
        self.acceptor.connect()
        self.requestor.connect()
        self.carry()
        events = self.acceptor.take_events()
        indication = next((event for event in events if isinstance(event, A_ASSOCIATE)), None)
        if indication is None:
            raise AssertionError(f"{events} instead of an A-ASSOCIATE indication")
        return indication

    def establish(self, *contexts: PresentationContext) -> None:
        """Establish an association with these contexts, by default Verification."""
        indication = self.propose(*contexts)
        self.acceptor.send(acceptance(indication, self.acceptor.maximum_length))
        self.carry()
        self.requestor.take_events()

    def release(self) -> None:
        """Release the association: the requestor asks, the acceptor agrees."""
        self.requestor.send(A_RELEASE())
        self.carry()
        self.acceptor.send(A_RELEASE("affirmative"))
        self.carry()

    def abort(self) -> None:
        """Abort the association by the requestor's user."""
        self.requestor.send(A_ABORT(0))
        self.carry()

"""The upper layer of one association, without I/O (PS3.8 9.2): bytes and primitives in and out.

Feed it with `send`, `receive_data` (or `receive_buffer` and `bytes_received`), `receive_eof`,
`connected` and `artim_expired`. After each of these take `events_received()` and write
`data_to_send()`. It has no clock and no socket: `artim_running` and `close_wanted` say what the
front is to do about them. Receiving never raises: a peer's mistake becomes an A-ABORT to send, an
A-P-ABORT event, and `error`. It is not thread-safe: the front lets in one thread at a time.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pynetdicom import pdu
from pynetdicom._layout import Buffer
from pynetdicom._receive_buffer import ReceiveBuffer
from pynetdicom.dimse_messages import (
    FRAGMENT_HEADER,
    LAST,
    Assembler,
    Batch,
    DataSource,
    OpenSink,
    batches,
    command_batch,
    open_memory_sink,
)
from pynetdicom.dimse_primitives import DIMSEPrimitive
from pynetdicom.exceptions import AbortReason, InvalidEventError, RemoteProtocolError
from pynetdicom.fsm import NEXT_STATE, PDU_EVENTS, TRANSITIONS, Action, Event, State
from pynetdicom.pdu import PDU_HEADER, PDV_HEADER
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_P_ABORT, A_RELEASE

# An A-ASSOCIATE-RQ of 128 contexts with 64 transfer syntaxes each and long tickets fits well.
MAXIMUM_ASSOCIATE_LENGTH: Final = 0x100000
_FIXED_LENGTH: Final = 4  # of A-ASSOCIATE-RJ, A-RELEASE-RQ, A-RELEASE-RP and A-ABORT

_P_DATA_TF: Final = 0x04
_VERSION_1: Final = 0x01  # "only bit 0 shall be tested" (PS3.8 Table 9-11)

# Actions that refuse a PDU; they need nothing of it but its header.
_REFUSALS: Final = frozenset({Action.AA_1, Action.AA_7, Action.AA_8})

# A peer may exceed the maximum length we announced up to this: several products count the header
# or take no notice at all, and fragments need no memory of their own here.
_TOLERATED_LENGTH: Final = 0x20000


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened that a handler may want to know; `name` is that of an `evt` event."""

    name: str
    attributes: dict[str, Any]


ACSEPrimitive = A_ASSOCIATE | A_RELEASE | A_ABORT | A_P_ABORT
Received = ACSEPrimitive | DIMSEPrimitive | Notice


class UpperLayer:
    """One association as the standard's upper layer sees it; when it is over, make another.

    Args:
        is_requestor: Whether this side requests the association.
        maximum_data_set_length: The most bytes of a data set that is received.
        open_sink: Returns where a data set goes while it arrives; by default into memory.

    Attributes:
        state: The state of PS3.8 Table 9-10.
        artim_running: Whether the front's ARTIM timer should run.
        close_wanted: Whether the front should close the transport connection.
        output: What there is to be written, for `next_batch`; empty when there is nothing.
        error: What the peer did wrong, if anything.
        peer_maximum_length: The longest P-DATA-TF PDU the peer wants, 0 for no limit.
    """

    def __init__(
        self,
        *,
        is_requestor: bool,
        maximum_data_set_length: int,
        open_sink: OpenSink = open_memory_sink,
    ) -> None:
        self.state: State = State.STA1
        self.artim_running: bool = False
        self.close_wanted: bool = False
        self.error: RemoteProtocolError | None = None
        self.peer_maximum_length: int = 0
        self._is_requestor = is_requestor
        self._limit = _TOLERATED_LENGTH
        self._assembler = Assembler(open_sink, maximum_data_set_length)
        self._watched: frozenset[str] = frozenset()
        self._watches_data = False
        self._request = A_ASSOCIATE()
        self._proposal = pdu.A_ASSOCIATE_RQ()
        self._events: list[Received] = []
        self.output: deque[Batch | Iterator[Batch]] = deque()
        self._in = ReceiveBuffer()
        self._is_deaf = self._is_cut_off = False
        self._is_known_version = True
        self._pdu_left = self._pdv_left = self._skip = 0
        self._context_id = self._control = 0

    # What the front calls.

    def watch(self, names: frozenset[str], *, with_data: bool) -> None:
        """Say which notices are wanted.

        Args:
            names: Names of `evt` events about PDUs, data and transitions.
            with_data: Whether P-DATA-TF PDUs are meant too; this costs speed.
        """
        self._watched = names
        self._watches_data = with_data and bool(names)

    def connected(self) -> None:
        """Tell that the transport connection is open."""
        self._step(Event.EVT2 if self._is_requestor else Event.EVT5)

    def receive_data(self, data: Buffer) -> None:
        """Tell what came from the transport connection. Never raises."""
        rest = memoryview(data)
        while rest:
            space = self.receive_buffer()
            count = min(len(space), len(rest))
            space[:count] = rest[:count]
            self.bytes_received(count)
            rest = rest[count:]

    def receive_buffer(self) -> memoryview:
        """Return where the next bytes from the transport connection can be put.

        Call `bytes_received` afterwards.
        """
        return self._in.space()

    def bytes_received(self, count: int) -> None:
        """Tell how many bytes were put into `receive_buffer()`. Never raises."""
        self._in.filled(count)
        if self.state in (State.STA1, State.STA4):
            self._in.start = self._in.end  # not connected: a front's late read
        try:
            while self._in.start < self._in.end and not self._is_deaf and self._take():
                pass
        except RemoteProtocolError as error:
            self._refuse(Event.EVT19, error)
        if self._is_deaf:
            self._in.start = self._in.end

    def receive_eof(self) -> None:
        """Tell that the transport connection is closed. Never raises."""
        self._happen(Event.EVT17)

    def artim_expired(self) -> None:
        """Tell that the ARTIM timer expired. Never raises."""
        self._happen(Event.EVT18)

    def send(
        self,
        primitive: ACSEPrimitive | DIMSEPrimitive,
        context_id: int = 0,
        source: DataSource | None = None,
    ) -> None:
        """Send a primitive of the local user.

        Args:
            primitive: What to send. An A-ASSOCIATE request goes out when `connected` is called.
            context_id: The presentation context of a DIMSE message.
            source: The data set of a DIMSE message, ``None`` if it has none.

        Raises:
            LocalProtocolError: The state does not allow it.
            TypeError: A mandatory parameter of `primitive` is missing; nothing was done.
            ValueError: The same, or a parameter is too long; nothing was done.
        """
        match primitive:
            case DIMSEPrimitive():
                self._step(Event.EVT9, (primitive, context_id, source))
            case A_ASSOCIATE(result=None):
                self._step(Event.EVT1, primitive)
            case A_ASSOCIATE(result=0):
                self._step(Event.EVT7, primitive)
            case A_ASSOCIATE():
                self._step(Event.EVT8, primitive)
            case A_RELEASE(result=None):
                self._step(Event.EVT11)
            case A_RELEASE():
                self._step(Event.EVT14)
            case _:
                self._step(Event.EVT15, primitive)

    def events_received(self) -> list[Received]:
        """Return what happened since the last call: primitives for the user, and notices."""
        events, self._events = self._events, []
        return events

    def data_to_send(self) -> Iterator[Batch]:
        """Yield lists of buffers to be written, each list at once.

        The buffers are valid until the next list is asked for.
        """
        while True:
            batch = self.next_batch()
            if batch is None:
                return
            yield batch

    def next_batch(self) -> Batch | None:
        """Return the next list of `data_to_send`, ``None`` when there is none."""
        while self.output:
            first = self.output[0]
            if isinstance(first, list):
                self.output.popleft()
                return first
            batch = next(first, None)
            if batch is not None:
                return batch
            # What was sent meanwhile, an abort say, may have taken its place.
            if self.output and self.output[0] is first:
                self.output.popleft()
        return None

    @property
    def is_mid_message(self) -> bool:
        """Whether a message has begun to arrive and is not complete."""
        return self._assembler.is_busy

    @property
    def is_mid_pdu(self) -> bool:
        """Whether a PDU has begun to arrive and is not complete."""
        return not self._is_deaf and (self._in.start < self._in.end or self._pdu_left > 0)

    # Receiving. Type and length of a PDU are judged before its body is waited for.

    def _take(self) -> bool:
        """Take the next PDU or a part of it; return False when more bytes are needed."""
        if self._pdu_left and self.state is State.STA13:
            self._skip, self._pdu_left, self._pdv_left = self._pdu_left, 0, 0
        if self._skip:
            return self._take_ignored()
        if self._pdu_left:
            return self._take_fragments(self._in.end)
        if not self._watches_data and self._take_whole_fragments():
            return True
        available = self._in.end - self._in.start
        if available < PDU_HEADER.size:
            return False
        kind, length = PDU_HEADER.unpack_from(self._in.data, self._in.start)
        if not self._is_welcome(kind, length):
            return True
        is_data = kind == _P_DATA_TF
        end = self._in.start + PDU_HEADER.size + length
        if end > self._in.end and not (is_data and not self._watches_data):
            return False
        if is_data:
            return self._begin_data(length, end)
        self._take_whole(kind, end)
        return True

    def _take_whole_fragments(self) -> bool:
        """Take PDUs of one fragment which are there completely: nearly all there are.

        This loop is what receiving costs, so it is written for speed; whatever is unusual is left
        to the other methods.
        """
        if self.state is not State.STA6:
            return False
        position = begin = self._in.start
        end, limit = self._in.end, self._limit
        unpack, add = FRAGMENT_HEADER.unpack_from, self._assembler.add
        buffer, view = self._in.data, self._in.view
        while end - position >= FRAGMENT_HEADER.size:
            kind, length, pdv, context_id, control = unpack(buffer, position)
            stop = position + PDU_HEADER.size + length
            if kind != _P_DATA_TF or pdv != length - 4 or pdv < 2 or stop > end or length > limit:
                break
            message = add(context_id, control, view[position + FRAGMENT_HEADER.size : stop])
            if message is not None:
                self._events.append(message)
            position = stop
        self._in.start = position
        return position > begin

    def _is_welcome(self, kind: int, length: int) -> bool:
        """Judge a PDU by its header; refuse it if it cannot be here."""
        event = PDU_EVENTS.get(kind)
        if event is None:
            raise RemoteProtocolError(
                f"PDU type {kind:02X}H is unknown", AbortReason.UNRECOGNIZED_PDU
            )
        if TRANSITIONS[event, self.state] in _REFUSALS:
            reason = AbortReason.UNEXPECTED_PDU
            name = pdu.PDU_TYPES[kind].__name__
            self._refuse(event, RemoteProtocolError(f"{name} came in {self.state}", reason))
            return False
        if kind == _P_DATA_TF:
            is_possible = PDV_HEADER.size <= length <= self._limit
        elif event in (Event.EVT3, Event.EVT6):
            is_possible = length <= MAXIMUM_ASSOCIATE_LENGTH
        else:
            is_possible = length == _FIXED_LENGTH
        if not is_possible:
            raise RemoteProtocolError(f"A PDU of type {kind:02X}H says it has {length} bytes")
        return True

    def _take_whole(self, kind: int, end: int) -> None:
        data = bytes(self._in.view[self._in.start : end])
        self._in.start = end
        self._note("EVT_DATA_RECV", data=data)
        received = pdu.PDU_TYPES[kind]()
        received.decode(data)
        primitive = received.to_primitive()
        self._note("EVT_PDU_RECV", pdu=received)
        if isinstance(received, pdu.A_ASSOCIATE_RQ):
            self._is_known_version = bool(received.protocol_version & _VERSION_1)
        self._step(PDU_EVENTS[kind], primitive)

    def _begin_data(self, length: int, end: int) -> bool:
        """Take a P-DATA-TF PDU, as far as it has come unless somebody watches."""
        if self._watches_data:
            self._note_data("RECV", bytes(self._in.view[self._in.start : end]))
        self._in.start += PDU_HEADER.size
        self._step(Event.EVT10)
        if self.state is State.STA13:
            self._skip = length
            return True
        self._pdu_left = length
        return self._take_fragments(min(end, self._in.end))

    def _take_ignored(self) -> bool:
        count = min(self._skip, self._in.end - self._in.start)
        self._skip -= count
        self._in.start += count
        return True

    def _take_fragments(self, end: int) -> bool:
        """Take what has come of a P-DATA-TF PDU, up to `end`."""
        begin = self._in.start
        while self._pdu_left:
            if not self._pdv_left:
                if end - self._in.start < PDV_HEADER.size:
                    break
                self._begin_fragment()
            stop = min(end, self._in.start + self._pdv_left)
            if stop == self._in.start and self._pdv_left:
                break
            self._take_fragment(stop)
        return self._in.start > begin

    def _begin_fragment(self) -> None:
        pdv, self._context_id, self._control = PDV_HEADER.unpack_from(self._in.data, self._in.start)
        if not 2 <= pdv <= self._pdu_left - 4:
            raise RemoteProtocolError(f"A presentation data value says it has {pdv} bytes")
        self._in.start += PDV_HEADER.size
        self._pdu_left -= PDV_HEADER.size
        self._pdv_left = pdv - 2
        if 0 < self._pdu_left - self._pdv_left < PDV_HEADER.size:
            raise RemoteProtocolError("Stray bytes behind the last presentation data value")

    def _take_fragment(self, stop: int) -> None:
        count = stop - self._in.start
        self._pdv_left -= count
        self._pdu_left -= count
        control = self._control & ~LAST if self._pdv_left else self._control
        fragment = self._in.view[self._in.start : stop]
        self._in.start = stop
        message = self._assembler.add(self._context_id, control, fragment)
        if message is not None:
            self._events.append(message)

    def _refuse(self, event: Event, error: RemoteProtocolError) -> None:
        """Answer what the peer did wrong; after it nothing that comes can be trusted."""
        # Without its frames: they hold on to the bytes of the PDU.
        self.error = error.with_traceback(None)
        error.__cause__ = error.__context__ = None
        self._is_deaf = True
        self._step(event, error)

    # The machine.

    def _happen(self, event: Event) -> None:
        if (event, self.state) in TRANSITIONS:
            self._step(event)

    def _step(self, event: Event, subject: Any = None) -> None:
        """Do what Table 9-10 says about `event` in this state."""
        before = self.state
        action = TRANSITIONS.get((event, before))
        if action is None or (self._is_cut_off and before is State.STA1):
            raise InvalidEventError(f"{event} is not possible in {before} (PS3.8 Table 9-10)")
        self.state = NEXT_STATE[action]
        mark = len(self._events)
        try:
            _ACTIONS[action](self, subject)
        except Exception:
            self.state = before  # actions encode before they do anything, so nothing was done
            raise
        if "EVT_FSM_TRANSITION" in self._watched:
            self._note_transition(event, before, action, mark)

    def _note_transition(self, event: Event, before: State, action: Action, mark: int) -> None:
        """Note it behind the PDU that caused or was sent, before the primitive that was issued."""
        while mark < len(self._events) and isinstance(self._events[mark], Notice):
            mark += 1
        attributes = {"action": action.value, "fsm_event": event.value}
        attributes |= {"current_state": before.value, "next_state": self.state.value}
        self._events.insert(mark, Notice("EVT_FSM_TRANSITION", attributes))

    def _note(self, name: str, **attributes: Any) -> None:
        if name in self._watched:
            self._events.append(Notice(name, attributes))

    def _note_data(self, direction: str, data: bytes) -> None:
        """Note a P-DATA-TF PDU, its bytes first: they may be no PDU."""
        self._note(f"EVT_DATA_{direction}", data=data)
        value = pdu.P_DATA_TF()
        value.decode(data)
        self._note(f"EVT_PDU_{direction}", pdu=value)

    def _put(self, value: pdu.PDU) -> None:
        data = value.encode()
        self.output.append([data])
        self._note("EVT_DATA_SENT", data=data)
        self._note("EVT_PDU_SENT", pdu=value)

    # The actions of PS3.8 Tables 9-6 to 9-9, each as its row reads.

    def _ae_1(self, request: A_ASSOCIATE) -> None:
        self._proposal.from_primitive(request)
        self._proposal.encode()  # what is wrong with it is better told now than when connected
        self._request = request

    def _ae_2(self, _: None) -> None:
        self._put(self._proposal)

    def _ae_3(self, confirmation: A_ASSOCIATE) -> None:
        self._agree(self._request, confirmation, confirmation)
        self._events.append(confirmation)

    def _ae_4(self, confirmation: A_ASSOCIATE) -> None:
        self._events.append(confirmation)
        self._close()

    def _ae_5(self, _: None) -> None:
        self.artim_running = True

    def _ae_6(self, indication: A_ASSOCIATE) -> None:
        if self._is_known_version:
            self.artim_running = False
            self._request = indication
            self._events.append(indication)
            return
        self.state = State.STA13
        rejection = pdu.A_ASSOCIATE_RJ()
        rejection.result, rejection.source, rejection.reason_diagnostic = 1, 2, 2
        self._put(rejection)

    def _ae_7(self, response: A_ASSOCIATE) -> None:
        value = pdu.A_ASSOCIATE_AC()
        value.from_primitive(response)
        self._put(value)
        self._agree(response, self._request, response)

    def _ae_8(self, response: A_ASSOCIATE) -> None:
        value = pdu.A_ASSOCIATE_RJ()
        value.from_primitive(response)
        self._put(value)
        self.artim_running = True

    def _agree(self, own: A_ASSOCIATE, peer: A_ASSOCIATE, response: A_ASSOCIATE) -> None:
        """Remember both maximum lengths and which contexts were accepted."""
        self.peer_maximum_length = peer.maximum_length_received or 0
        announced = own.maximum_length_received or 0xFFFFFFFF
        self._limit = max(announced, _TOLERATED_LENGTH)
        proposed = self._request.presentation_context_definition_list
        results = response.presentation_context_definition_results_list
        accepted = {context.context_id for context in results if context.result == 0}
        self._assembler.accepted = accepted.intersection(item.context_id for item in proposed)

    def _dt_1(self, message: tuple[DIMSEPrimitive, int, DataSource | None]) -> None:
        primitive, context_id, source = message
        limit = self.peer_maximum_length
        if source is None:
            batch = command_batch(primitive, context_id, limit)
            self.output.append(self._noted(batch) if self._watches_data else batch)
            return
        self.output.append(self._while_allowed(batches(primitive, context_id, limit, source)))

    def _while_allowed(self, cut: Iterator[Batch]) -> Iterator[Batch]:
        """Yield batches until an abort forbids it: it need not wait for the end of a message."""
        for batch in cut:
            if self._is_cut_off:
                return
            yield self._noted(batch)

    def _noted(self, batch: Batch) -> Batch:
        if self._watches_data:
            for header, fragment in zip(batch[::2], batch[1::2], strict=True):
                self._note_data("SENT", bytes(header) + bytes(fragment))
        return batch

    def _dt_2(self, _: None) -> None:
        """The fragments are joined where they are taken."""

    def _ar_1(self, _: None) -> None:
        self._put(pdu.A_RELEASE_RQ())

    def _ar_2(self, indication: A_RELEASE) -> None:
        self._events.append(indication)

    def _ar_3(self, confirmation: A_RELEASE) -> None:
        self._events.append(confirmation)
        self._close()

    def _ar_4(self, _: None) -> None:
        self._put(pdu.A_RELEASE_RP())
        self.artim_running = True

    def _ar_5(self, _: None) -> None:
        self.artim_running = False
        self._cut_off()

    _ar_6 = _dt_2
    _ar_7 = _dt_1

    def _ar_8(self, indication: A_RELEASE) -> None:
        self._events.append(indication)
        if not self._is_requestor:
            self.state = State.STA10

    def _ar_9(self, _: None) -> None:
        self._put(pdu.A_RELEASE_RP())

    def _ar_10(self, confirmation: A_RELEASE) -> None:
        self._events.append(confirmation)

    def _aa_1(self, cause: Any) -> None:
        value = pdu.A_ABORT_RQ()
        if isinstance(cause, (A_ABORT, A_P_ABORT)):
            value.from_primitive(cause)
        self._cut_off()
        self._put(value)
        self.artim_running = True

    def _aa_2(self, _: Any) -> None:
        self.artim_running = False
        self._close()

    def _aa_3(self, indication: A_ABORT | A_P_ABORT) -> None:
        self._events.append(indication)
        self._close()

    def _aa_4(self, _: None) -> None:
        self._events.append(A_P_ABORT(AbortReason.NOT_SPECIFIED))
        self._close()

    _aa_5 = _ar_5

    def _aa_6(self, _: Any) -> None:
        """Ignore the PDU."""

    def _aa_7(self, error: RemoteProtocolError) -> None:
        value = pdu.A_ABORT_RQ()
        value.source, value.reason_diagnostic = 2, error.reason
        self._put(value)

    def _aa_8(self, error: RemoteProtocolError) -> None:
        self._cut_off()
        self._aa_7(error)
        self._events.append(A_P_ABORT(error.reason))
        self.artim_running = True

    def _cut_off(self) -> None:
        """End both messages under way, the one that comes and the one that goes."""
        self._assembler.discard()
        self._is_cut_off = True

    def _close(self) -> None:
        self._cut_off()
        self.output.clear()
        self._is_deaf = True
        self.close_wanted = True


_ACTIONS: Final[dict[Action, Callable[[UpperLayer, Any], None]]] = {
    action: getattr(UpperLayer, f"_{action.name.lower()}") for action in Action
}

"""What the associations of both fronts know and do: sides, flags, contexts, handlers, dispatch."""

import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import Any, Literal, overload

from pynetdicom import _log
from pynetdicom import events as evt
from pynetdicom._globals import MODE_ACCEPTOR, MODE_REQUESTOR
from pynetdicom._options import Options
from pynetdicom._service_user import ServiceUser
from pynetdicom._sink import FileSink, SpoolSink
from pynetdicom.acse import ACSE
from pynetdicom.dimse_messages import DataSource, Sink, message_of, open_memory_sink
from pynetdicom.dimse_primitives import C_CANCEL, C_STORE, DIMSEPrimitive
from pynetdicom.fsm import State
from pynetdicom.pdu_primitives import A_ABORT, A_ASSOCIATE, A_P_ABORT, A_RELEASE
from pynetdicom.presentation import ACCEPTED, PresentationContext
from pynetdicom.services import serve
from pynetdicom.services.exchange import Exchange
from pynetdicom.upper_layer import ACSEPrimitive, Notice, Received, UpperLayer

# Under the name that users know from before there were two fronts.
LOGGER = logging.getLogger("pynetdicom.association")

_PDU_EVENTS = (evt.EVT_PDU_RECV, evt.EVT_PDU_SENT, evt.EVT_DATA_RECV, evt.EVT_DATA_SENT)
_CORE_EVENTS = (*_PDU_EVENTS, evt.EVT_FSM_TRANSITION)

# Responses that may wait to be taken before the peer is no longer read from. One read brings more.
_BACKLOG = 64

_RECEIVE_INTO_FILES = Options.receive_into_files

_PENDING = (0xFF00, 0xFF01, 0xB001)  # more responses follow one of these


class DULView:
    """What programs read of `assoc.dul`: the socket and the state.

    Args:
        assoc: The association.
    """

    def __init__(self, assoc: "BaseAssociation") -> None:
        self._assoc = assoc

    @property
    def socket(self) -> Any:
        """The association's socket object, ``None`` without a connection."""
        return self._assoc._transport

    @property
    def state_machine(self) -> "DULView":
        """What has `current_state`."""
        return self

    @property
    def current_state(self) -> str:
        """The state of PS3.8 Table 9-10, such as "Sta6"."""
        return self._assoc._core.state.value


class BaseAssociation(ABC):
    """An association between two application entities (PS3.8 7).

    Attributes:
        requestor: The side that requests the association.
        acceptor: The side that is asked for it.
        acse: What negotiates, releases and aborts.
        is_established: Whether messages can be exchanged.
        is_rejected: Whether the request was rejected.
        is_aborted: Whether it was aborted, by either side, or the connection lost.
        is_released: Whether it was released.
        network_timeout_response: What to do when the peer is silent for too long: "A-ABORT" or
            "A-RELEASE".
    """

    _exchange: Exchange  # its front makes it
    _service_user_class: type[ServiceUser] = ServiceUser

    def __init__(self, ae: Any, mode: str, handlers: evt.Handlers) -> None:
        if mode not in (MODE_REQUESTOR, MODE_ACCEPTOR):
            raise ValueError("'mode' must be 'requestor' or 'acceptor'")
        self._ae = ae
        self._mode = mode
        self.requestor: ServiceUser = self._service_user_class(self, MODE_REQUESTOR)
        self.acceptor: ServiceUser = self._service_user_class(self, MODE_ACCEPTOR)
        self.is_established = False
        self.is_rejected = False
        self.is_aborted = False
        self.is_released = False
        self.network_timeout_response: Literal["A-ABORT", "A-RELEASE"] = "A-ABORT"
        self._acse_timeout: float | None = ae.acse_timeout
        self._dimse_timeout: float | None = ae.dimse_timeout
        self._network_timeout: float | None = ae.network_timeout
        self._connection_timeout: float | None = ae.connection_timeout
        self.acse: ACSE = ACSE(self)
        self.dul: DULView = DULView(self)
        self._transport: Any = None
        self._decided: list[PresentationContext] = []
        self._accepted_by_id: dict[int, PresentationContext] = {}
        self._accepted_by_syntax: dict[str, list[PresentationContext]] = {}
        self._answers: deque[ACSEPrimitive] = deque()
        self._requests: deque[DIMSEPrimitive] = deque()
        self._responses: dict[int, deque[DIMSEPrimitive]] = {}
        self._stores: deque[DIMSEPrimitive] | None = None  # of a C-GET of ours
        self._abandoned: set[int] = set()  # message IDs whose responses nobody waits for
        self._cancels: set[int] = set()
        self._served: DIMSEPrimitive | None = None  # the request a handler works on
        self._has_place = False
        self._server: Any = None  # who accepted the connection
        self._handlers = handlers
        if Options.log_handler_level.of(ae) != "none":
            handlers.bind_all(_log.STANDARD_HANDLERS)
        self._is_logging = _log.is_wanted()
        self._core = self._make_core()
        self._wanted: frozenset[evt.EventType] = frozenset()
        self._look_at_handlers()

    def _make_core(self) -> UpperLayer:
        return UpperLayer(
            is_requestor=self.is_requestor,
            maximum_data_set_length=Options.maximum_data_set_length.of(self._ae),
            open_sink=self._open_sink,
        )

    # Facts.

    @property
    def ae(self) -> Any:
        """The application entity it belongs to."""
        return self._ae

    @property
    def mode(self) -> str:
        """``"requestor"`` or ``"acceptor"``: which side is ours."""
        return self._mode

    @property
    def is_requestor(self) -> bool:
        """Whether this side requested the association."""
        return self._mode == MODE_REQUESTOR

    @property
    def is_acceptor(self) -> bool:
        """Whether this side was asked for the association."""
        return self._mode == MODE_ACCEPTOR

    @property
    def local(self) -> dict[str, Any]:
        """Our AE title, address, port, mode and maximum length."""
        return (self.requestor if self.is_requestor else self.acceptor).info

    @property
    def remote(self) -> dict[str, Any]:
        """The peer's AE title, address, port, mode and maximum length."""
        return (self.acceptor if self.is_requestor else self.requestor).info

    @property
    def accepted_contexts(self) -> list[PresentationContext]:
        """The accepted presentation contexts, by ID."""
        return [self._accepted_by_id[number] for number in sorted(self._accepted_by_id)]

    @property
    def rejected_contexts(self) -> list[PresentationContext]:
        """The presentation contexts that were not accepted."""
        return [context for context in self._decided if context.result != ACCEPTED]

    @property
    def _decided_contexts(self) -> list[PresentationContext]:
        return self._decided

    def _set_contexts(self, contexts: list[PresentationContext]) -> None:
        self._decided = contexts
        for context in contexts:
            if context.result == ACCEPTED:
                self._accepted_by_id[context.context_id or 0] = context
                same = self._accepted_by_syntax.setdefault(context.abstract_syntax or "", [])
                same.append(context)

    def _take_place(self) -> bool:
        return bool(self._ae._take_place(self))

    # Timeouts, in seconds; None waits for ever.

    @property
    def acse_timeout(self) -> float | None:
        """How long to wait for the peer's part of negotiation and release."""
        return self._acse_timeout

    @acse_timeout.setter
    def acse_timeout(self, value: float | None) -> None:
        self._acse_timeout = value
        self._wake()

    @property
    def dimse_timeout(self) -> float | None:
        """How long to wait for a response."""
        return self._dimse_timeout

    @dimse_timeout.setter
    def dimse_timeout(self, value: float | None) -> None:
        self._dimse_timeout = value

    @property
    def network_timeout(self) -> float | None:
        """How long the peer may be silent; the time our handlers take does not count."""
        return self._network_timeout

    @network_timeout.setter
    def network_timeout(self, value: float | None) -> None:
        self._network_timeout = value
        self._wake()

    @property
    def connection_timeout(self) -> float | None:
        """How long connecting may take."""
        return self._connection_timeout

    @connection_timeout.setter
    def connection_timeout(self, value: float | None) -> None:
        self._connection_timeout = value

    @abstractmethod
    def _wake(self) -> None:
        """Let whoever waits look again: at a timeout, or at a request."""

    # Handlers.

    def bind(
        self, event: evt.EventType, handler: evt.Handler, args: list[Any] | None = None
    ) -> None:
        """Bind a handler to an event.

        Args:
            event: One of `evt`'s events.
            handler: Called with an `Event`, and `args` behind it.
            args: Further arguments, ``None`` for none.
        """
        self._handlers.bind(event, handler, args)
        self._look_at_handlers()

    def unbind(self, event: evt.EventType, handler: evt.Handler) -> None:
        """Unbind a handler; an intervention event gets its default handler back."""
        self._handlers.unbind(event, handler)
        self._look_at_handlers()

    def get_events(self) -> list[evt.EventType]:
        """Return the events with handlers, sorted by name."""
        return self._handlers.get_events()

    @overload
    def get_handlers(self, event: evt.NotificationEvent) -> list[evt.Binding]: ...

    @overload
    def get_handlers(self, event: evt.InterventionEvent) -> evt.Binding: ...

    def get_handlers(self, event: evt.EventType) -> evt.Binding | list[evt.Binding]:
        """Return (handler, args) of an intervention, a list of such pairs of a notification."""
        return self._handlers.get_handlers(event)

    def _look_at_handlers(self) -> None:
        """Decide what is worth building: nobody pays for events that nobody watches."""
        wanted = {
            event
            for event, bindings in self._handlers.notifications.items()
            if self._is_logging or any(b[0] not in _log.STANDARD for b in bindings)
        }
        self._wanted = frozenset(wanted)
        with_data = any(
            binding[0] not in _log.STANDARD
            for event in _CORE_EVENTS
            for binding in self._handlers.notifications.get(event, ())
        )
        names = frozenset(event.name for event in wanted.intersection(_CORE_EVENTS))
        self._core.watch(names, with_data=with_data)

    def _tell(self, event: evt.NotificationEvent, **attributes: Any) -> None:
        if event in self._wanted:
            evt.trigger(self, event, attributes)

    def _notify(self, handler: evt.Handler, event: evt.Event, *args: Any) -> None:
        """Call the handler of a notification."""
        handler(event, *args)

    # What comes from the core.

    def _dispatch(self, received: Received) -> None:
        """Put what came where those who wait for it look."""
        match received:
            case Notice():
                self._tell(evt.notification(received.name), **received.attributes)
            case DIMSEPrimitive():
                self._dispatch_message(received)
            case _:
                self._tell(evt.EVT_ACSE_RECV, primitive=received)
                self._dispatch_acse(received)

    def _dispatch_message(self, message: DIMSEPrimitive) -> None:
        if evt.EVT_DIMSE_RECV in self._wanted:
            self._tell(evt.EVT_DIMSE_RECV, message=message_of(message))
        if message.is_response:
            box = self._responses.get(message.MessageIDBeingRespondedTo or 0)
            if box is not None:
                box.append(message)
            else:
                self._drop_late(message)
        elif self._stores is not None and isinstance(message, C_STORE):
            self._stores.append(message)
        elif isinstance(message, C_CANCEL):
            self._cancel(message.MessageIDBeingRespondedTo or 0)
        elif self._core.state is State.STA6:
            self._requests.append(message)
        else:
            LOGGER.warning("A %s request came while releasing", message.msg_type)

    def _cancel(self, message_id: int) -> None:
        """Remember a C-CANCEL, if the request it is about is still there."""
        if self._open_request(message_id) is not None:
            self._cancels.add(message_id)
        else:
            LOGGER.info("There is no request %s to be cancelled any more", message_id)

    def _open_request(self, message_id: int) -> DIMSEPrimitive | None:
        """Return the request of the peer with that ID, if it is being served or waits for it."""
        served = [] if self._served is None else [self._served]
        return next((r for r in (*served, *self._requests) if r.MessageID == message_id), None)

    async def _serve_next(self) -> None:
        """Serve the request that waits longest."""
        request = self._requests.popleft()
        self._served = request
        try:
            await serve(self._exchange, request)
        finally:
            self._cancels.discard(request.MessageID or 0)
            self._served = None

    def _drop_late(self, response: DIMSEPrimitive) -> None:
        """Drop a response that nobody waits for; the last one frees its message ID."""
        message_id = response.MessageIDBeingRespondedTo or 0
        if message_id not in self._abandoned:
            LOGGER.warning("Received unexpected %s service message", response.msg_type)
        elif response.Status not in _PENDING:
            self._abandoned.discard(message_id)

    def _log_abort(self, received: A_ABORT | A_P_ABORT) -> None:
        """Say why the association ends: the peer's mistake, its wish, or a lost connection."""
        if self._core.error is not None:
            LOGGER.error("Aborting Association: %s", self._core.error)
            return
        level = logging.INFO if self.is_established else logging.ERROR
        how = " (A-P-ABORT)" if isinstance(received, A_P_ABORT) else ""
        LOGGER.log(level, "Association Aborted%s", how)

    def _dispatch_acse(self, received: ACSEPrimitive) -> None:
        match received:
            case A_ABORT() | A_P_ABORT():
                self._log_abort(received)
                self.acse.aborted()
            case A_RELEASE(result=None):
                LOGGER.info("Association Released")
                self.acse.released_by_peer()
            case A_RELEASE():
                self.acse.release_confirmed()
                self._answers.append(received)  # behind its handlers: whoever waits goes on
            case A_ASSOCIATE(result=1 | 2):
                self.acse.rejected_by_peer(received)
                self._answers.append(received)
            case _:
                self._answers.append(received)

    def _take_cancel(self, message_id: int) -> bool:
        """Return whether a C-CANCEL for `message_id` came, once for each."""
        self._read_what_is_there()
        if message_id not in self._cancels:
            return False
        self._cancels.discard(message_id)
        return True

    @abstractmethod
    def _read_what_is_there(self) -> None:
        """Read what the peer has sent so far, without waiting."""

    @property
    def _is_backed_up(self) -> bool:
        """Whether so many responses wait to be taken that the peer has to wait, too."""
        return any(len(box) > _BACKLOG for box in list(self._responses.values()))

    def _is_receiving(self) -> bool:
        """Whether a message is under way and its peer goes on sending it."""
        timeout = self.dimse_timeout
        return self._core.is_mid_message and timeout is not None and self._silence() < timeout

    @property
    def _is_over(self) -> bool:
        return self.is_aborted or self.is_released or self.is_rejected

    # What a front provides.

    @abstractmethod
    def release(self) -> Any:
        """Release the association; nothing happens unless it is established (PS3.8 7.2)."""

    @abstractmethod
    def _silence(self) -> float:
        """Return for how many seconds nothing has come."""

    @abstractmethod
    def _taken(self) -> None:
        """Go on reading, if it was left because too many responses waited."""

    @abstractmethod
    def _put(self, primitive: ACSEPrimitive) -> None:
        """Hand a primitive to the core, and what it says to the transport."""

    @abstractmethod
    def _flush(self) -> None:
        """Hand what the core says to the transport."""

    @abstractmethod
    async def _transmit(
        self, message: DIMSEPrimitive, context_id: int, source: DataSource | None
    ) -> None:
        """Send a message, all of it."""

    @abstractmethod
    async def _await(self, ready: Callable[[], object], timeout: float | None) -> bool:
        """Wait until `ready()`; return False when that took longer than `timeout` seconds."""

    @abstractmethod
    async def _call(self, event: evt.InterventionEvent, **attributes: Any) -> Any:
        """Return what the handler of an intervention returns."""

    @abstractmethod
    def _iterate(self, results: Any) -> AsyncGenerator[Any, None]:
        """Yield what a handler's generator yields."""

    @abstractmethod
    async def _associate(self, address: str, port: int, options: dict[str, Any]) -> Any:
        """Return an association with somebody else, established or not.

        Raises:
            RuntimeError, TypeError, ValueError: It cannot even be tried.
        """

    @abstractmethod
    async def _release_other(self, other: Any) -> None:
        """Release an association with somebody else."""

    def _open_sink(self, primitive: DIMSEPrimitive, context_id: int) -> Sink:
        """Return where the data set of a message goes."""
        if not isinstance(primitive, C_STORE):
            return open_memory_sink(primitive, context_id)
        spool = self._ae._spool
        if spool is None and not _RECEIVE_INTO_FILES.of(self._ae):
            return open_memory_sink(primitive, context_id)
        transfer_syntax = self._accepted_by_id[context_id]._transfer_syntax[0]
        if spool is None:
            return FileSink(primitive, transfer_syntax)
        return SpoolSink(primitive, transfer_syntax, spool)

    async def _receive_acse(self, timeout: float | None) -> ACSEPrimitive | None:
        await self._await(
            lambda: self._answers or self.is_aborted or self._asked_for_nothing, timeout
        )
        return self._answers.popleft() if self._answers else None

    @property
    def _asks_nothing(self) -> bool:
        """Whether it is a connection that was accepted, and no more so far."""
        return self.is_acceptor and self.requestor.primitive is None and not self._is_over

    @property
    def _asked_for_nothing(self) -> bool:
        """Whether the peer went before it requested an association, which leaves no flag."""
        return self.requestor.primitive is None and self._core.state is State.STA1

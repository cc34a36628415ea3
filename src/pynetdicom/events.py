"""`evt`: what can happen to an association, and how handlers learn of it.

Any number of handlers can be bound to a notification event; exactly one to an intervention event,
and what it returns is used. `Handlers` keeps the bindings of an association or a server.
"""

import inspect
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from io import BytesIO
from mmap import mmap
from pathlib import Path
from typing import Any, NamedTuple, overload

from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.uid import UID

from pynetdicom import _elements, dsutils
from pynetdicom._large_data import is_unseen
from pynetdicom._options import Options
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.pdu import PDU
from pynetdicom.presentation import PresentationContextTuple

LOGGER = logging.getLogger(__name__)

Handler = Callable[..., Any]
Binding = tuple[Handler, list[Any] | None]


class NotificationEvent(NamedTuple):
    """Something happened; what handlers return is ignored, what they raise is logged."""

    name: str
    description: str
    is_intervention: bool = False
    is_notification: bool = True

    def __str__(self) -> str:
        return self.name


class InterventionEvent(NamedTuple):
    """Something is asked; the handler's result is the answer."""

    name: str
    description: str
    is_intervention: bool = True
    is_notification: bool = False

    def __str__(self) -> str:
        return self.name


EventType = NotificationEvent | InterventionEvent
EventHandlerType = tuple[EventType, Handler] | tuple[EventType, Handler, list[Any]] | Sequence[Any]

EVT_ABORTED = NotificationEvent("EVT_ABORTED", "Association aborted")
EVT_ACCEPTED = NotificationEvent("EVT_ACCEPTED", "Association request accepted")
EVT_ACSE_RECV = NotificationEvent("EVT_ACSE_RECV", "ACSE primitive received")
EVT_ACSE_SENT = NotificationEvent("EVT_ACSE_SENT", "ACSE primitive sent")
EVT_CONN_CLOSE = NotificationEvent("EVT_CONN_CLOSE", "Connection closed")
EVT_CONN_OPEN = NotificationEvent("EVT_CONN_OPEN", "Connection opened")
EVT_DATA_RECV = NotificationEvent("EVT_DATA_RECV", "PDU received, as bytes")
EVT_DATA_SENT = NotificationEvent("EVT_DATA_SENT", "PDU encoded, as bytes")
EVT_DIMSE_RECV = NotificationEvent("EVT_DIMSE_RECV", "DIMSE message received")
EVT_DIMSE_SENT = NotificationEvent("EVT_DIMSE_SENT", "DIMSE message about to be sent")
EVT_ESTABLISHED = NotificationEvent("EVT_ESTABLISHED", "Association established")
EVT_FSM_TRANSITION = NotificationEvent("EVT_FSM_TRANSITION", "State machine went on")
EVT_PDU_RECV = NotificationEvent("EVT_PDU_RECV", "PDU received and decoded")
EVT_PDU_SENT = NotificationEvent("EVT_PDU_SENT", "PDU encoded")
EVT_REJECTED = NotificationEvent("EVT_REJECTED", "Association request rejected")
EVT_RELEASED = NotificationEvent("EVT_RELEASED", "Association released")
EVT_REQUESTED = NotificationEvent("EVT_REQUESTED", "Association requested")

EVT_ASYNC_OPS = InterventionEvent("EVT_ASYNC_OPS", "Asynchronous operations window proposed")
EVT_SOP_COMMON = InterventionEvent("EVT_SOP_COMMON", "SOP class common extended negotiation")
EVT_SOP_EXTENDED = InterventionEvent("EVT_SOP_EXTENDED", "SOP class extended negotiation")
EVT_USER_ID = InterventionEvent("EVT_USER_ID", "User identity proposed")
EVT_C_ECHO = InterventionEvent("EVT_C_ECHO", "C-ECHO request received")
EVT_C_FIND = InterventionEvent("EVT_C_FIND", "C-FIND request received")
EVT_C_GET = InterventionEvent("EVT_C_GET", "C-GET request received")
EVT_C_MOVE = InterventionEvent("EVT_C_MOVE", "C-MOVE request received")
EVT_C_STORE = InterventionEvent("EVT_C_STORE", "C-STORE request received")
EVT_N_ACTION = InterventionEvent("EVT_N_ACTION", "N-ACTION request received")
EVT_N_CREATE = InterventionEvent("EVT_N_CREATE", "N-CREATE request received")
EVT_N_DELETE = InterventionEvent("EVT_N_DELETE", "N-DELETE request received")
EVT_N_EVENT_REPORT = InterventionEvent("EVT_N_EVENT_REPORT", "N-EVENT-REPORT request received")
EVT_N_GET = InterventionEvent("EVT_N_GET", "N-GET request received")
EVT_N_SET = InterventionEvent("EVT_N_SET", "N-SET request received")

_EVENTS: dict[str, EventType] = {
    name: value for name, value in list(globals().items()) if name.startswith("EVT_")
}


def notification(name: str) -> NotificationEvent:
    """Return the notification event of that name."""
    return _BY_NAME[name]


_INTERVENTION_EVENTS = [e for e in _EVENTS.values() if isinstance(e, InterventionEvent)]
_NOTIFICATION_EVENTS = [e for e in _EVENTS.values() if isinstance(e, NotificationEvent)]
_BY_NAME = {event.name: event for event in _NOTIFICATION_EVENTS}


class Event:
    """What a handler is given.

    Attributes:
        assoc: The association it happened on.
        event: What happened.
        timestamp: When.

    Besides these an event has the attributes of its kind; which, the documentation of the events
    says.
    """

    assoc: Any
    event: EventType
    timestamp: datetime
    # Of the events about connections, PDUs, messages and transitions.
    address: tuple[Any, ...]
    data: bytes
    pdu: PDU
    primitive: Any
    message: DIMSEMessage
    action: str
    current_state: str
    fsm_event: str
    next_state: str
    # Of the requests.
    request: Any
    context: PresentationContextTuple
    # Of the negotiation.
    user_id_type: int
    primary_field: bytes
    secondary_field: bytes | None
    app_info: dict[UID, bytes]
    items: dict[UID, Any]
    nr_invoked: int
    nr_performed: int
    invoked: int
    performed: int

    def __init__(self, assoc: Any, event: EventType, attrs: dict[str, Any] | None = None) -> None:
        self.assoc = assoc
        self.event = event
        self.timestamp = datetime.now()
        self._decoded: dict[str, Dataset] = {}
        if attrs:
            if not _OWN_ATTRIBUTES.isdisjoint(attrs):
                (name, *_) = _OWN_ATTRIBUTES.intersection(attrs)
                raise AttributeError(f"'Event' object already has an attribute '{name}'")
            vars(self).update(attrs)

    def _parameter(self, name: str, what: str) -> Any:
        """Return a parameter of the request, which must be one that has it."""
        self._check_parameter(name, what)
        return getattr(self.request, name)

    def _check_parameter(self, name: str, what: str) -> None:
        request = self.__dict__.get("request")
        if request is None or not hasattr(type(request), name):
            raise AttributeError(f"The corresponding event has no '{what}' parameter")

    def _data_set(self, name: str, what: str) -> Dataset:
        """Return a decoded data set of the request, decoded once."""
        self._check_parameter(name, what)
        if name not in self._decoded:
            self._decoded[name] = self._decode()
        return self._decoded[name]

    def _decode(self) -> Dataset:
        if self.request._dataset_path is not None:
            return Dataset(dcmread(self.request._dataset_path, force=True))
        stream: BytesIO | mmap | None = self.request._encoded
        if stream is None or (isinstance(stream, BytesIO) and not stream.getbuffer().nbytes):
            return Dataset()
        encoding = dsutils.encoding_of(self.context.transfer_syntax)
        apart = self._take_apart(stream, *encoding) if isinstance(stream, mmap) else None
        if apart is not None:
            return apart
        if not encoding[-1]:
            return dsutils.decode(stream, *encoding)
        limit = Options.maximum_data_set_length.of(self.assoc.ae)
        return dsutils.decode(stream, *encoding, maximum_length=limit)

    def _take_apart(
        self, memory: mmap, is_implicit_vr: bool, is_little_endian: bool, deflated: bool
    ) -> Dataset | None:
        """Decode a large data set so that its large values are never there twice, if possible."""
        if deflated or not is_little_endian or not is_unseen(memory):
            return None
        apart = _elements.take_apart(memory, is_implicit_vr)
        if apart is None:
            return None
        dataset, pieces = apart
        self.request._keep(pieces)
        return dataset

    @property
    def message_id(self) -> int:
        """The request's message ID."""
        value: int = self._parameter("MessageID", "Message ID")
        return value

    @property
    def dataset(self) -> Dataset:
        """A C-STORE request's data set, decoded when it is first asked for."""
        return self._data_set("DataSet", "Data Set")

    @property
    def dataset_path(self) -> Path:
        """The file with a C-STORE request's data set.

        Raises:
            AttributeError: This is no C-STORE request.
            TypeError: The data set is in memory: the AE's ``receive_into_files`` is not set.
        """
        self._parameter("DataSet", "Data Set")
        path = self.request._dataset_path
        if path is None:
            raise TypeError(
                "The data set is not in a file: set the AE's 'receive_into_files' first"
            )
        return Path(path)

    @property
    def file_meta(self) -> FileMetaDataset:
        """File meta information for a C-STORE request's data set (PS3.10 7.1)."""
        self._parameter("DataSet", "Data Set")
        return dsutils.create_file_meta(
            sop_class_uid=self.request.AffectedSOPClassUID,
            sop_instance_uid=self.request.AffectedSOPInstanceUID,
            transfer_syntax=self.context.transfer_syntax,
        )

    def encoded_dataset(self, include_meta: bool = True) -> bytes:
        """Return a C-STORE request's data set as it came.

        Args:
            include_meta: Whether preamble, prefix and file meta information come first, so that
                the bytes are those of a DICOM file.
        """
        self._check_parameter("DataSet", "Data Set")
        stream: BytesIO | mmap | None = self.request._encoded
        if self.request._dataset_path is not None:
            content = Path(self.request._dataset_path).read_bytes()
            _, offset = dsutils.split_dataset(self.request._dataset_path)
            data = content[offset:]
        elif isinstance(stream, BytesIO):
            data = stream.getvalue()
        else:
            data = b"" if stream is None else stream[:]
        return dsutils.encode_preamble(self.file_meta) + data if include_meta else data

    @property
    def identifier(self) -> Dataset:
        """A C-FIND, C-GET or C-MOVE request's identifier."""
        return self._data_set("Identifier", "Identifier")

    @property
    def is_cancelled(self) -> bool:
        """Whether the peer cancelled the request; each C-CANCEL is reported once."""
        return bool(self.assoc._take_cancel(self.message_id))

    @property
    def move_destination(self) -> str:
        """A C-MOVE request's destination."""
        value: str = self._parameter("MoveDestination", "Move Destination")
        return value

    @property
    def action_information(self) -> Dataset:
        """An N-ACTION request's information."""
        return self._data_set("ActionInformation", "Action Information")

    @property
    def action_type(self) -> int:
        """An N-ACTION request's type."""
        value: int = self._parameter("ActionTypeID", "Action Type ID")
        return value

    @property
    def attribute_identifiers(self) -> list[BaseTag]:
        """The tags an N-GET request asks for, none if it asks for all."""
        name = "AttributeIdentifierList"
        tags: list[BaseTag] | None = self._parameter(name, "Attribute Identifier List")
        return tags or []

    @property
    def attribute_list(self) -> Dataset:
        """An N-CREATE request's attributes."""
        return self._data_set("AttributeList", "Attribute List")

    @property
    def event_information(self) -> Dataset:
        """An N-EVENT-REPORT request's information."""
        return self._data_set("EventInformation", "Event Information")

    @property
    def event_type(self) -> int:
        """An N-EVENT-REPORT request's type."""
        value: int = self._parameter("EventTypeID", "Event Type ID")
        return value

    @property
    def modification_list(self) -> Dataset:
        """An N-SET request's modifications."""
        return self._data_set("ModificationList", "Modification List")


class HandlerNotBoundError(NotImplementedError):
    """An intervention without a handler; what that means depends on the service."""


def _echo(event: Event) -> int:
    del event
    return 0x0000


def _nothing(event: Event) -> dict[Any, Any]:
    del event
    return {}


def _not_bound(event: Event) -> Any:
    raise HandlerNotBoundError(f"No handler has been bound to '{event.event}'")


_DEFAULTS: dict[EventType, Handler] = {
    **dict.fromkeys(_INTERVENTION_EVENTS, _not_bound),
    EVT_C_ECHO: _echo,
    EVT_SOP_COMMON: _nothing,
    EVT_SOP_EXTENDED: _nothing,
}


def get_default_handler(event: InterventionEvent) -> Handler:
    """Return the handler of an intervention event to which none was bound."""
    return _DEFAULTS[event]


class Handlers:
    """The handlers bound to the events of an association or a server.

    Args:
        allows_coroutines: Whether ``async def`` functions can be handlers.
    """

    def __init__(self, *, allows_coroutines: bool = False) -> None:
        self._allows_coroutines = allows_coroutines
        self.notifications: dict[EventType, list[Binding]] = {}
        self.interventions: dict[EventType, Binding] = {
            event: (handler, None) for event, handler in _DEFAULTS.items()
        }

    def bind(self, event: EventType, handler: Handler, args: list[Any] | None = None) -> None:
        """Bind `handler` to `event`.

        Args:
            event: A notification or intervention event.
            handler: Called with an `Event`, and `args` behind it.
            args: Further arguments, ``None`` for none.

        Raises:
            TypeError: `handler` is a coroutine function where nothing can await it.
        """
        if inspect.iscoroutinefunction(handler) and not self._allows_coroutines:
            raise TypeError(
                f"{event}: a blocking association cannot await {handler!r}; "
                "bind a plain function or use pynetdicom.asyncio"
            )
        binding = (handler, args)
        if event.is_intervention:
            self.interventions[event] = binding
            return
        bindings = self.notifications.setdefault(event, [])
        if binding not in bindings:
            # A new list, for another thread may be going through the old one.
            self.notifications[event] = [*bindings, binding]

    def unbind(self, event: EventType, handler: Handler) -> None:
        """Unbind `handler` from `event`; an intervention gets its default handler back."""
        if event.is_intervention:
            if self.interventions[event][0] is handler or self.interventions[event][0] == handler:
                self.interventions[event] = (_DEFAULTS[event], None)
            return
        rest = [b for b in self.notifications.get(event, []) if b[0] != handler]
        self.notifications[event] = rest
        if not rest:
            del self.notifications[event]

    def bind_all(self, bindings: Iterable[EventHandlerType] | None) -> None:
        """Bind each of (event, handler) or (event, handler, args)."""
        for binding in bindings or ():
            self.bind(*binding)

    def get_events(self) -> list[EventType]:
        """Return the events with handlers, sorted by name."""
        return sorted([*self.notifications, *self.interventions], key=lambda event: event.name)

    @overload
    def get_handlers(self, event: NotificationEvent) -> list[Binding]: ...

    @overload
    def get_handlers(self, event: InterventionEvent) -> Binding: ...

    def get_handlers(self, event: EventType) -> Binding | list[Binding]:
        """Return the handlers of `event`.

        Returns:
            A list of (handler, args) for a notification, one (handler, args) for an intervention.
        """
        if event.is_intervention:
            return self.interventions[event]
        return list(self.notifications.get(event, []))

    def copy(self) -> "Handlers":
        """Return a copy that can be changed on its own."""
        twin = Handlers(allows_coroutines=self._allows_coroutines)
        twin.notifications = dict(self.notifications)
        twin.interventions = dict(self.interventions)
        return twin


_OWN_ATTRIBUTES = frozenset({*dir(Event), *vars(Event(None, EVT_C_ECHO))})


def trigger(assoc: Any, event: EventType, attrs: dict[str, Any] | None = None) -> Any:
    """Tell the handlers of `event`, or ask the one of an intervention.

    Args:
        assoc: The association it happened on.
        event: What happened.
        attrs: Further attributes of the `Event`.

    Returns:
        What the intervention's handler returned, ``None`` for a notification.

    Raises:
        Exception: What the intervention's handler raised. Notifications' exceptions are logged.
    """
    handlers: Handlers = assoc._handlers
    if event.is_intervention:
        handler, args = handlers.interventions[event]
        return handler(Event(assoc, event, attrs), *(args or ()))
    for handler, args in handlers.notifications.get(event, ()):
        try:
            assoc._notify(handler, Event(assoc, event, attrs), *(args or ()))
        except Exception:
            name = getattr(handler, "__name__", repr(handler))
            LOGGER.exception("Exception raised in user's 'evt.%s' event handler '%s'", event, name)
    return None

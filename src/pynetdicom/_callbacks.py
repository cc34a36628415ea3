"""The callbacks of pynetdicom 1.0 to 1.3, such as `AE.on_c_store`, by the events of today.

`Callbacks` is below the blocking front's `AE`, so that programs with callbacks run unchanged
and are told how they would be written now. A callback becomes a handler when a server or an
association is made; a handler that was bound to the same event comes first. What was otherwise in
1.1, `pynetdicom.compat.v1` has.
"""

import logging
import socket
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any, Final, NamedTuple

from pydicom import Dataset

from pynetdicom import events as evt
from pynetdicom._entity import BaseEntity
from pynetdicom.dimse_messages import C_CANCEL_RQ
from pynetdicom.dimse_primitives import C_FIND, C_GET, C_MOVE, DIMSEPrimitive
from pynetdicom.pdu_primitives import A_ABORT, A_P_ABORT, A_RELEASE
from pynetdicom.services.retrieve import BadHandlerError
from pynetdicom.utils import deprecated

LOGGER = logging.getLogger(__name__)

Callback = Callable[..., Any]

STORE_NOT_DECODED = 0xC210
FIND_NOT_DECODED = 0xC310
GET_NOT_DECODED = 0xC410
MOVE_NOT_DECODED = 0xC510
NO_COUNT = 0xC413
NO_DESTINATION_OR_COUNT = 0xC514


class _CallbackAttribute:
    """An attribute such as `on_c_store`: who sets it binds a handler."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, ae: Any, owner: type | None = None) -> Any:
        if ae is None:
            return self
        set_one = ae.__dict__.get(self._name)
        return ae._default_callback(self._name) if set_one is None else set_one

    def __set__(self, ae: "Callbacks", callback: Callback) -> None:
        ae.__dict__[self._name] = callback
        ae._callback_was_set(self._name)


class Callbacks(BaseEntity):
    """Calls the callbacks that are set as attributes, or are methods of a subclass.

    A callback of a DIMSE service is called with ``context`` (context ID, abstract and transfer
    syntax) and ``info``, a `dict`: ``"requestor"`` and ``"acceptor"`` with their titles and
    addresses, ``"parameters"`` with those of the request, ``"sop_class_extended"`` and
    ``"sop_class_common_extended"`` with what was negotiated, and for queries and retrievals
    ``"cancelled"``, a function that takes a message ID. What it returns or yields is what a
    handler does.

    Attributes:
        bind_addr: Where `start` listens, empty for all interfaces.
    """

    _callbacks: frozenset[str] = frozenset()  # the names of those that are there
    _port: int = 0
    bind_addr: str = ""

    # The application entity has these.
    start_server: Callable[..., Any]
    shutdown: Callable[[], None]
    _servers: set[Any]

    on_c_echo: _CallbackAttribute = _CallbackAttribute()
    on_c_store: _CallbackAttribute = _CallbackAttribute()
    on_c_find: _CallbackAttribute = _CallbackAttribute()
    on_c_find_cancel: _CallbackAttribute = _CallbackAttribute()
    on_c_get: _CallbackAttribute = _CallbackAttribute()
    on_c_get_cancel: _CallbackAttribute = _CallbackAttribute()
    on_c_move: _CallbackAttribute = _CallbackAttribute()
    on_c_move_cancel: _CallbackAttribute = _CallbackAttribute()
    on_n_action: _CallbackAttribute = _CallbackAttribute()
    on_n_create: _CallbackAttribute = _CallbackAttribute()
    on_n_delete: _CallbackAttribute = _CallbackAttribute()
    on_n_event_report: _CallbackAttribute = _CallbackAttribute()
    on_n_get: _CallbackAttribute = _CallbackAttribute()
    on_n_set: _CallbackAttribute = _CallbackAttribute()
    on_user_identity: _CallbackAttribute = _CallbackAttribute()
    on_async_ops_window: _CallbackAttribute = _CallbackAttribute()
    on_sop_class_extended: _CallbackAttribute = _CallbackAttribute()
    on_sop_class_common_extended: _CallbackAttribute = _CallbackAttribute()
    on_association_requested: _CallbackAttribute = _CallbackAttribute()
    on_association_accepted: _CallbackAttribute = _CallbackAttribute()
    on_association_rejected: _CallbackAttribute = _CallbackAttribute()
    on_association_released: _CallbackAttribute = _CallbackAttribute()
    on_association_aborted: _CallbackAttribute = _CallbackAttribute()
    on_make_connection: _CallbackAttribute = _CallbackAttribute()
    on_receive_connection: _CallbackAttribute = _CallbackAttribute()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        methods = {n for n in MEANINGS if not isinstance(getattr(cls, n), _CallbackAttribute)}
        own = methods - cls._callbacks
        cls._callbacks |= own
        for name in sorted(own):
            cls._remind(f"{cls.__name__}.{name}", MEANINGS[name].modern_form)

    @classmethod
    def _remind(cls, old: str, new: str) -> None:
        """Show somebody who uses the old way the modern form."""
        deprecated(f"{old} is the way of pynetdicom 1.1. The modern form is: {new}")

    def _callback_was_set(self, name: str) -> None:
        self._callbacks |= {name}
        self._remind(f"AE.{name}", MEANINGS[name].modern_form)
        requested = [assoc for assoc in self.active_associations if assoc.is_requestor]
        for place in (*self._servers, *requested):
            _bind(place, MEANINGS[name])

    def _bind_callbacks(self, place: Any) -> None:
        """Bind the callbacks to the events of a server or an association, where none is bound."""
        for name in self._callbacks:
            _bind(place, MEANINGS[name])

    # How a server was run.

    @property
    def port(self) -> int:
        """The port where `start` listens, 0 for a free one.

        Raises:
            ValueError: It was set to something that is no port.
        """
        return self._port

    @port.setter
    def port(self, value: int) -> None:
        if not isinstance(value, int) or value < 0:
            raise ValueError(f"'port' must be an int of at least 0, not {value!r}")
        self._remind("AE.port", f"ae.start_server(({self.bind_addr!r}, {value}))")
        self._port = value

    @property
    def address(self) -> str:
        """The IP address of this computer."""
        try:
            return socket.gethostbyname(socket.gethostname())
        except OSError:
            return "127.0.0.1"

    @property
    def client_socket(self) -> Any:
        """The socket of an association that was requested, ``None`` without one."""
        requested = [assoc for assoc in self.active_associations if assoc.is_requestor]
        return requested[0].dul.socket.socket if requested else None

    def start(self, select_timeout: float = 0.5) -> None:
        """Listen on `port` until `stop` is called, in another thread, or the user interrupts.

        Args:
            select_timeout: Without effect: nothing polls.

        Raises:
            ValueError: There is no supported presentation context.
            OSError: It cannot listen there.
        """
        del select_timeout
        self._remind("AE.start()", f"ae.start_server(({self.bind_addr!r}, {self._port}))")
        if any((c.scu_role is None) != (c.scp_role is None) for c in self.supported_contexts):
            LOGGER.error("Not started: a context must answer to both roles or to none")
            return
        self.start_server((self.bind_addr, self._port))

    def stop(self) -> None:
        """Abort all associations and let `start` return."""
        self._remind("AE.stop()", "ae.shutdown()")
        self.shutdown()

    def quit(self) -> None:
        """Do as `stop`."""
        self._remind("AE.quit()", "ae.shutdown()")
        self.shutdown()

    def cleanup_associations(self) -> None:
        """Do nothing: associations that have ended are forgotten at once."""
        self._remind("AE.cleanup_associations()", "nothing, leave it out")

    def _default_callback(self, name: str) -> Callback:
        raise AttributeError(f"No callback was set as '{name}'")

    def _shown_title(self, title: str | None) -> Any:
        """Return an AE title as callbacks see it."""
        return title

    def _shown_primitive(self, primitive: Any) -> Any:
        """Return an A-ASSOCIATE primitive as callbacks see it."""
        return primitive


def _bind(place: Any, meaning: "Meaning") -> None:
    """Bind a callback unless a handler is there."""
    event = meaning.event
    if isinstance(event, evt.InterventionEvent):
        default = evt.get_default_handler(event)
        if place.get_handlers(event)[0] is not default:
            return
    place.bind(event, meaning.handler)


# What callbacks are called with.


def _parameters(event: evt.Event, **parameters: Any) -> dict[str, Any]:
    """Return the `info` of a request."""
    assoc = event.assoc
    info = {
        "requestor": assoc.requestor.info,
        "acceptor": assoc.acceptor.info,
        "parameters": {"message_id": event.message_id, **parameters},
    }
    if assoc.is_acceptor:
        info["sop_class_extended"] = assoc.acceptor.sop_class_extended
        info["sop_class_common_extended"] = assoc.acceptor.accepted_common_extended
    return info


def _query(event: evt.Event) -> dict[str, Any]:
    """Return the `info` of a query or retrieval, which can be cancelled."""
    info = _parameters(event, priority=event.request.Priority)
    return {**info, "cancelled": event.assoc._take_cancel}


def _echo(callback: Callback, event: evt.Event) -> Any:
    return callback(event.context, _parameters(event))


def _store(callback: Callback, event: evt.Event) -> Any:
    request, ae = event.request, event.assoc.ae
    try:
        dataset = event.dataset
    except Exception:
        LOGGER.exception("The data set of a C-STORE request cannot be decoded")
        return STORE_NOT_DECODED
    # The requestor, which is sent what it wants to C-GET, knew the second by another name.
    its_id = "originator_message_id" if event.assoc.is_acceptor else "original_message_id"
    originator = {
        "originator_aet": ae._shown_title(request.MoveOriginatorApplicationEntityTitle),
        its_id: request.MoveOriginatorMessageID,
    }
    info = _parameters(event, priority=request.Priority, **originator)
    return callback(dataset, event.context, info)


def _find(callback: Callback, event: evt.Event) -> Iterator[Any]:
    try:
        identifier = event.identifier
    except Exception:
        LOGGER.exception("The identifier of a C-FIND request cannot be decoded")
        yield FIND_NOT_DECODED, None
        return
    for result in callback(identifier, event.context, _query(event)):
        yield result
        event.assoc._read_what_is_there()  # a C-CANCEL, perhaps, before the next match


def _get(callback: Callback, event: evt.Event) -> Any:
    identifier = _identifier(event, GET_NOT_DECODED)
    results = callback(identifier, event.context, _query(event))
    return _retrieved(results, 1, NO_COUNT)


def _move(callback: Callback, event: evt.Event) -> Any:
    identifier = _identifier(event, MOVE_NOT_DECODED)
    destination = event.assoc.ae._shown_title(event.move_destination)
    results = callback(identifier, destination, event.context, _query(event))
    return _retrieved(results, 2, NO_DESTINATION_OR_COUNT)


def _identifier(event: evt.Event, not_decoded: int) -> Dataset:
    try:
        return event.identifier
    except Exception as error:
        message = f"was not called: the identifier cannot be decoded: {error}"
        raise BadHandlerError(not_decoded, message) from error


def _retrieved(results: Any, least: int, too_few: int) -> Iterator[Any]:
    """Yield what a callback yields about a retrieval, and success as its last word.

    So an instance that was announced and is not there does not count as failed, and if all have
    failed the status is 0xB000: in both, 1.1 was otherwise than we are.
    """
    try:
        iterator = iter(results)
        first = list(islice(iterator, least))
    except Exception as error:
        LOGGER.exception("Exception in a callback")
        raise BadHandlerError(too_few, "raised an exception") from error
    if len(first) < least:
        raise BadHandlerError(too_few, "yielded too little")
    yield from first
    yield from iterator
    yield 0x0000, None


def _instance(event: evt.Event, **more: Any) -> dict[str, Any]:
    """Return the `info` of a DIMSE-N request about an instance that is there."""
    request = event.request
    return _parameters(
        event,
        requested_sop_class_uid=request.RequestedSOPClassUID,
        requested_sop_instance_uid=request.RequestedSOPInstanceUID,
        **more,
    )


def _affected(event: evt.Event, **more: Any) -> dict[str, Any]:
    """Return the `info` of a DIMSE-N request about an instance that is new or has news."""
    request = event.request
    return _parameters(
        event,
        affected_sop_class_uid=request.AffectedSOPClassUID,
        affected_sop_instance_uid=request.AffectedSOPInstanceUID,
        **more,
    )


def _n_get(callback: Callback, event: evt.Event) -> Any:
    return callback(event.attribute_identifiers, event.context, _instance(event))


def _n_set(callback: Callback, event: evt.Event) -> Any:
    return callback(event.modification_list, event.context, _instance(event))


def _n_action(callback: Callback, event: evt.Event) -> Any:
    info = _instance(event, action_type_id=event.action_type)
    return callback(event.action_information, event.context, info)


def _n_create(callback: Callback, event: evt.Event) -> Any:
    return callback(event.attribute_list, event.context, _affected(event))


def _n_delete(callback: Callback, event: evt.Event) -> Any:
    return callback(event.context, _instance(event))


def _n_event_report(callback: Callback, event: evt.Event) -> Any:
    info = _affected(event, event_type_id=event.event_type)
    return callback(event.event_information, event.context, info)


def _user_identity(callback: Callback, event: evt.Event) -> Any:
    info = {"requestor": event.assoc.requestor.info}
    try:
        return callback(event.user_id_type, event.primary_field, event.secondary_field, info)
    except evt.HandlerNotBoundError:
        raise
    except NotImplementedError as error:
        raise evt.HandlerNotBoundError(str(error)) from error  # everybody is let in


def _window(callback: Callback, event: evt.Event) -> Any:
    return callback(event.nr_invoked, event.nr_performed)


def _extended(callback: Callback, event: evt.Event) -> Any:
    return callback(event.app_info)


def _common_extended(callback: Callback, event: evt.Event) -> Any:
    return callback(event.items)


def _requested(callback: Callback, event: evt.Event) -> None:
    callback(event.assoc.ae._shown_primitive(event.assoc.requestor.primitive))


def _answered(callback: Callback, event: evt.Event) -> None:
    callback(event.assoc.ae._shown_primitive(event.assoc.acceptor.primitive))


def _released(callback: Callback, event: evt.Event) -> None:
    if isinstance(event.primitive, A_RELEASE) and event.primitive.result is None:
        callback()  # the peer asks for it


def _aborted(callback: Callback, event: evt.Event) -> None:
    if isinstance(event.primitive, A_ABORT | A_P_ABORT):
        callback()


def _make(callback: Callback, event: evt.Event) -> None:
    if event.assoc.is_requestor:
        callback()


def _receive(callback: Callback, event: evt.Event) -> None:
    if event.assoc.is_acceptor:
        callback()


def _cancelled(kind: type[DIMSEPrimitive], callback: Callback, event: evt.Event) -> None:
    """Call a callback when a request of that kind is cancelled."""
    message = event.message
    if isinstance(message, C_CANCEL_RQ):
        message_id = message.command_set.MessageIDBeingRespondedTo
        if type(event.assoc._open_request(message_id)) is kind:
            callback()


class Meaning(NamedTuple):
    """What a callback is among the events.

    Attributes:
        event: What calls it.
        handler: What is bound to that.
        modern_form: How to write it now.
    """

    event: evt.EventType
    handler: evt.Handler
    modern_form: str


def _meaning(
    name: str,
    event: evt.EventType,
    call: Callable[[Callback, evt.Event], Any],
    modern_form: str | None = None,
) -> Meaning:
    def handler(happened: evt.Event) -> Any:
        return call(getattr(happened.assoc.ae, name), happened)

    handler.__name__ = name  # logs say it
    return Meaning(event, handler, modern_form or _bound(event))


def _bound(event: evt.EventType) -> str:
    return f"ae.start_server(address, evt_handlers=[(evt.{event}, handler)])"


def _polled(event: evt.EventType) -> str:
    return f"look at event.is_cancelled in the handler of evt.{event}"


# Where the modern form is given, what calls it is another event: those of release and abort are
# told of our own, too, and callbacks were not.
MEANINGS: Final = {
    row[0]: _meaning(*row)
    for row in (
        ("on_c_echo", evt.EVT_C_ECHO, _echo),
        ("on_c_store", evt.EVT_C_STORE, _store),
        ("on_c_find", evt.EVT_C_FIND, _find),
        ("on_c_get", evt.EVT_C_GET, _get),
        ("on_c_move", evt.EVT_C_MOVE, _move),
        (
            "on_c_find_cancel",
            evt.EVT_DIMSE_RECV,
            partial(_cancelled, C_FIND),
            _polled(evt.EVT_C_FIND),
        ),
        ("on_c_get_cancel", evt.EVT_DIMSE_RECV, partial(_cancelled, C_GET), _polled(evt.EVT_C_GET)),
        (
            "on_c_move_cancel",
            evt.EVT_DIMSE_RECV,
            partial(_cancelled, C_MOVE),
            _polled(evt.EVT_C_MOVE),
        ),
        ("on_n_action", evt.EVT_N_ACTION, _n_action),
        ("on_n_create", evt.EVT_N_CREATE, _n_create),
        ("on_n_delete", evt.EVT_N_DELETE, _n_delete),
        ("on_n_event_report", evt.EVT_N_EVENT_REPORT, _n_event_report),
        ("on_n_get", evt.EVT_N_GET, _n_get),
        ("on_n_set", evt.EVT_N_SET, _n_set),
        ("on_user_identity", evt.EVT_USER_ID, _user_identity),
        ("on_async_ops_window", evt.EVT_ASYNC_OPS, _window),
        ("on_sop_class_extended", evt.EVT_SOP_EXTENDED, _extended),
        ("on_sop_class_common_extended", evt.EVT_SOP_COMMON, _common_extended),
        ("on_association_requested", evt.EVT_REQUESTED, _requested),
        ("on_association_accepted", evt.EVT_ACCEPTED, _answered),
        ("on_association_rejected", evt.EVT_REJECTED, _answered),
        ("on_association_released", evt.EVT_ACSE_RECV, _released, _bound(evt.EVT_RELEASED)),
        ("on_association_aborted", evt.EVT_ACSE_RECV, _aborted, _bound(evt.EVT_ABORTED)),
        ("on_make_connection", evt.EVT_CONN_OPEN, _make),
        ("on_receive_connection", evt.EVT_CONN_OPEN, _receive),
    )
}

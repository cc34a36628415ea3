"""What the services of pynetdicom2 consist of: requests, answers, methods for messages."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from pynetdicom.compat.pynetdicom2 import dimsemessages
from pynetdicom.compat.pynetdicom2.asceprovider import Association, PContextDef
from pynetdicom.compat.pynetdicom2.dimsemessages import DIMSEMessage
from pynetdicom.compat.pynetdicom2.exceptions import ClassNotSupportedError, DIMSEProcessingError
from pynetdicom.compat.pynetdicom2.statuses import Status

Service = TypeVar("Service", bound=Callable[..., Any])
Message = TypeVar("Message", bound=DIMSEMessage)

CANCELLED: Final = Status(0xFE00)
_UNRECOGNIZED_OPERATION: Final = Status(0x0211)


def sop_classes(uids: Iterable[str]) -> Callable[[Service], Service]:
    """Decorate a service with the SOP classes it is for.

    Args:
        uids: Their UIDs.
    """

    def decorate(service: Service) -> Service:
        service.sop_classes = list(uids)  # type: ignore[attr-defined]  # functions may have any
        return service

    return decorate


def store_in_file(service: Service) -> Service:
    """Decorate a service whose data sets go to a file as they come."""
    service.store_in_file = True  # type: ignore[attr-defined]  # functions may have any
    return service


# What conversations consist of.


def request_for(kind: type[Message], ctx: PContextDef, msg_id: int) -> Message:
    """Return a request of a kind for a context."""
    request = kind()
    request.sop_class_uid = ctx.sop_class
    request.message_id = msg_id  # type: ignore[attr-defined]  # requests have one
    if "Priority" in kind.command_fields:
        request.priority = dimsemessages.PRIORITY_MEDIUM  # type: ignore[attr-defined]  # so it has one
    return request


def response_to(msg: DIMSEMessage, status: int | Status) -> Any:
    """Return the response to a request."""
    response: Any = dimsemessages.MESSAGE_TYPE[msg.command_field | 0x8000]()
    response.message_id_being_responded_to = msg.message_id  # type: ignore[attr-defined]  # a request has one
    response.sop_class_uid = msg.sop_class_uid
    response.status = int(status)
    return response


def answer_to(asce: Association, kind: type[Message], msg_id: int) -> Message:
    """Wait for the response to a request; responses that came too late for others are dropped.

    Raises:
        DIMSEProcessingError: Something else came.
    """
    while True:
        response: Any = asce.receive()[0]
        if response.command_field < 0x8000:
            raise DIMSEProcessingError(f"{type(response).__name__} came instead of a response")
        if response.message_id_being_responded_to == msg_id and isinstance(response, kind):
            return response


def serves(
    *kinds: type[DIMSEMessage],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorate a service that answers these requests; any other gets a status that says so."""

    def decorate(service: Callable[..., None]) -> Callable[..., None]:
        def serve(asce: Any, ctx: PContextDef, msg: DIMSEMessage) -> None:
            if isinstance(msg, kinds):
                service(asce, ctx, msg)
            else:
                refuse(asce, ctx, msg)

        serve.__name__, serve.__doc__ = service.__name__, service.__doc__
        return serve

    return decorate


def refuse(asce: Association, ctx: PContextDef, msg: DIMSEMessage) -> None:
    """Answer a request that a service has no method for; a late cancel has no answer."""
    if msg.command_field < 0x8000 and not isinstance(msg, dimsemessages.CCancelRQMessage):
        asce.send(response_to(msg, _UNRECOGNIZED_OPERATION), ctx.id)


class MessageDispatcher:
    """A service with a method for each kind of request: `c_store` … `n_delete`.

    A method is called with the association, the context, and the rest of the arguments.
    """

    def get_method(self, msg: DIMSEMessage) -> Callable[..., Any] | None:
        """Return the method for a message, ``None`` if there is none."""
        method: Callable[..., Any] | None = getattr(self, _METHODS.get(msg.command_field, ""), None)
        return method


class MessageDispatcherSCU(MessageDispatcher):
    """A service of the requestor's side; the message that is its argument tells the method."""

    def __call__(self, asce: Association, ctx: PContextDef, msg: DIMSEMessage, *args: Any) -> Any:
        method = self.get_method(msg)
        if method is None:
            raise ClassNotSupportedError(f"{type(self).__name__} has no {type(msg).__name__}")
        return method(asce, ctx, msg, *args)


class MessageDispatcherSCP(MessageDispatcher):
    """A service of the acceptor's side; what it has no method for is answered with 0x0211."""

    def __call__(self, asce: Association, ctx: PContextDef, msg: DIMSEMessage) -> Any:
        return (self.get_method(msg) or refuse)(asce, ctx, msg)


_METHODS = {
    0x0001: "c_store",
    0x0010: "c_get",
    0x0020: "c_find",
    0x0021: "c_move",
    0x0030: "c_echo",
    0x0100: "n_event_report",
    0x0110: "n_get",
    0x0120: "n_set",
    0x0130: "n_action",
    0x0140: "n_create",
    0x0150: "n_delete",
}

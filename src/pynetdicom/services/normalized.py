"""The DIMSE-N services (PS3.7 10): what can be asked of a managed instance, and told about it.

The six differ in which UIDs they carry and what their data sets are called; `OPERATIONS` says so.
One function asks for all of them, one answers, and six thin ones carry the public signatures.
"""

import logging
from dataclasses import dataclass
from typing import Any

from pydicom import Dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID

from pynetdicom import events as evt
from pynetdicom.dimse_messages import DataSource
from pynetdicom.dimse_primitives import (
    N_ACTION,
    N_CREATE,
    N_DELETE,
    N_EVENT_REPORT,
    N_GET,
    N_SET,
    DIMSEPrimitive,
)
from pynetdicom.exceptions import NoAcceptedContextError
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import ServiceClass
from pynetdicom.services.exchange import (
    Exchange,
    check_established,
    context_for,
    decoded,
    encoded,
    response_to,
    status_of,
)
from pynetdicom.services.outcome import set_status
from pynetdicom.sop_class import (
    UnifiedProcedureStepEvent,
    UnifiedProcedureStepPull,
    UnifiedProcedureStepPush,
    UnifiedProcedureStepQuery,
    UnifiedProcedureStepWatch,
)
from pynetdicom.status import STATUS_SUCCESS, STATUS_WARNING, code_to_category

LOGGER = logging.getLogger(__name__)

PROCESSING_FAILURE = 0x0110

Reply = tuple[Dataset, Dataset | None]
Tags = list[BaseTag] | list[int] | list[str] | list[tuple[int, int]] | BaseTag | int | str


@dataclass(frozen=True, slots=True)
class Operation:
    """What sets a DIMSE-N service apart.

    Attributes:
        event: Asks for its handler.
        names_instance: Whether its request's UIDs are "requested" ones, of an instance that is
            there, or "affected" ones.
        repeats: What its response repeats of the request besides the UIDs.
        has_reply: Whether its handler returns a data set with the status.
    """

    event: evt.InterventionEvent
    names_instance: bool
    repeats: str | None = None
    has_reply: bool = True


OPERATIONS: dict[type[DIMSEPrimitive], Operation] = {
    N_EVENT_REPORT: Operation(evt.EVT_N_EVENT_REPORT, False, "EventTypeID"),
    N_GET: Operation(evt.EVT_N_GET, True),
    N_SET: Operation(evt.EVT_N_SET, True),
    N_ACTION: Operation(evt.EVT_N_ACTION, True, "ActionTypeID"),
    N_CREATE: Operation(evt.EVT_N_CREATE, False),
    N_DELETE: Operation(evt.EVT_N_DELETE, True, has_reply=False),
}

# The messages of a unified procedure step name the Push class whatever context they use
# (PS3.4 CC.3.1); contexts are looked for in this order.
_UNIFIED_PROCEDURE_STEP = (
    UnifiedProcedureStepPush,
    UnifiedProcedureStepPull,
    UnifiedProcedureStepWatch,
    UnifiedProcedureStepEvent,
    UnifiedProcedureStepQuery,
)


async def send_n_event_report(  # noqa: PLR0917  # the documented signature
    exchange: Exchange,
    dataset: Dataset | None,
    event_type: int,
    class_uid: str | UID,
    instance_uid: str | UID,
    msg_id: int = 1,
    meta_uid: str | UID | None = None,
) -> Reply:
    """Tell the peer of an event (N-EVENT-REPORT, PS3.7 10.1.1).

    Args:
        dataset: The event information, ``None`` for none.
        event_type: What happened, by the number its SOP class gives it.
        class_uid: The SOP class of the instance it happened to.
        instance_uid: The instance.
        msg_id: The message ID, from 0 to 65535.
        meta_uid: The abstract syntax of the presentation context, when it is not `class_uid`.

    Returns:
        The status, empty when no valid response came, and the event reply: empty if
        none came with success or a warning, ``None`` with a failure.

    Raises:
        RuntimeError: The association is not established.
        ValueError: No presentation context was accepted, or the data set cannot be encoded.
    """
    request = N_EVENT_REPORT()
    request.EventTypeID = event_type
    return await _ask(exchange, request, class_uid, instance_uid, msg_id, meta_uid, dataset)


async def send_n_get(
    exchange: Exchange,
    identifier_list: Tags | None,
    class_uid: str | UID,
    instance_uid: str | UID,
    msg_id: int = 1,
    meta_uid: str | UID | None = None,
) -> Reply:
    """Ask for attributes of an instance (N-GET, PS3.7 10.1.2).

    Args:
        identifier_list: The tags of the attributes, ``None`` for all.
        class_uid: The SOP class of the instance.
        instance_uid: The instance.
        msg_id: The message ID, from 0 to 65535.
        meta_uid: The abstract syntax of the presentation context, when it is not `class_uid`.

    Returns:
        The status, empty when no valid response came, and the attributes: empty if
        none came with success or a warning, ``None`` with a failure.

    Raises:
        RuntimeError: The association is not established.
        ValueError: No presentation context was accepted.
    """
    request = N_GET()
    request.AttributeIdentifierList = identifier_list
    return await _ask(exchange, request, class_uid, instance_uid, msg_id, meta_uid)


async def send_n_set(
    exchange: Exchange,
    dataset: Dataset,
    class_uid: str | UID,
    instance_uid: str | UID,
    msg_id: int = 1,
    meta_uid: str | UID | None = None,
) -> Reply:
    """Change attributes of an instance (N-SET, PS3.7 10.1.3).

    Args:
        dataset: The modifications.
        class_uid: The SOP class of the instance.
        instance_uid: The instance.
        msg_id: The message ID, from 0 to 65535.
        meta_uid: The abstract syntax of the presentation context, when it is not `class_uid`.

    Returns:
        The status, empty when no valid response came, and the attributes: empty if
        none came with success or a warning, ``None`` with a failure.

    Raises:
        RuntimeError: The association is not established.
        ValueError: No presentation context was accepted, or the data set cannot be encoded.
    """
    return await _ask(exchange, N_SET(), class_uid, instance_uid, msg_id, meta_uid, dataset)


async def send_n_action(  # noqa: PLR0917  # the documented signature
    exchange: Exchange,
    dataset: Dataset | None,
    action_type: int,
    class_uid: str | UID,
    instance_uid: str | UID,
    msg_id: int = 1,
    meta_uid: str | UID | None = None,
) -> Reply:
    """Have something done to an instance (N-ACTION, PS3.7 10.1.4).

    Args:
        dataset: The action information, ``None`` for none.
        action_type: What is to be done, by the number its SOP class gives it.
        class_uid: The SOP class of the instance.
        instance_uid: The instance.
        msg_id: The message ID, from 0 to 65535.
        meta_uid: The abstract syntax of the presentation context, when it is not `class_uid`.

    Returns:
        The status, empty when no valid response came, and the action reply: empty if
        none came with success or a warning, ``None`` with a failure.

    Raises:
        RuntimeError: The association is not established.
        ValueError: No presentation context was accepted, or the data set cannot be encoded.
    """
    request = N_ACTION()
    request.ActionTypeID = action_type
    return await _ask(exchange, request, class_uid, instance_uid, msg_id, meta_uid, dataset)


async def send_n_create(
    exchange: Exchange,
    dataset: Dataset | None,
    class_uid: str | UID,
    instance_uid: str | UID | None = None,
    msg_id: int = 1,
    meta_uid: str | UID | None = None,
) -> Reply:
    """Have an instance made (N-CREATE, PS3.7 10.1.5).

    Args:
        dataset: Its attributes, ``None`` for none.
        class_uid: Its SOP class.
        instance_uid: Its UID, ``None`` to let the peer choose.
        msg_id: The message ID, from 0 to 65535.
        meta_uid: The abstract syntax of the presentation context, when it is not `class_uid`.

    Returns:
        The status, empty when no valid response came, and the attributes: empty if
        none came with success or a warning, ``None`` with a failure.

    Raises:
        RuntimeError: The association is not established.
        ValueError: No presentation context was accepted, or the data set cannot be encoded.
    """
    return await _ask(exchange, N_CREATE(), class_uid, instance_uid, msg_id, meta_uid, dataset)


async def send_n_delete(
    exchange: Exchange,
    class_uid: str | UID,
    instance_uid: str | UID,
    msg_id: int = 1,
    meta_uid: str | UID | None = None,
) -> Dataset:
    """Have an instance deleted (N-DELETE, PS3.7 10.1.6).

    Args:
        class_uid: Its SOP class.
        instance_uid: The instance.
        msg_id: The message ID, from 0 to 65535.
        meta_uid: The abstract syntax of the presentation context, when it is not `class_uid`.

    Returns:
        The status, empty when no valid response came.

    Raises:
        RuntimeError: The association is not established.
        ValueError: No presentation context was accepted.
    """
    reply = await _ask(exchange, N_DELETE(), class_uid, instance_uid, msg_id, meta_uid)
    return reply[0]


async def _ask(  # noqa: PLR0917  # what all requests have
    exchange: Exchange,
    request: Any,
    class_uid: str | UID,
    instance_uid: str | UID | None,
    msg_id: int,
    meta_uid: str | UID | None,
    dataset: Dataset | None = None,
) -> Reply:
    """Send a request and return the status and data set of its response."""
    check_established(exchange)
    context = _context(exchange, request, UID(meta_uid or class_uid))
    request.MessageID = msg_id
    prefix = "Requested" if OPERATIONS[type(request)].names_instance else "Affected"
    setattr(request, f"{prefix}SOPClassUID", class_uid)
    setattr(request, f"{prefix}SOPInstanceUID", instance_uid)
    source = None if dataset is None else encoded(dataset, context)
    LOGGER.info("Sending %s Request: MsgID %s", _spoken(request), msg_id)
    response = await exchange.request(request, context.context_id or 0, source)
    if response is None:
        return Dataset(), None
    return _reply(exchange, response, context)


def _spoken(request: DIMSEPrimitive) -> str:
    """Return "Event Report" for N-EVENT-REPORT."""
    return request.msg_type[2:].replace("-", " ").title()


def _reply(exchange: Exchange, response: DIMSEPrimitive, context: PresentationContext) -> Reply:
    status = status_of(response)
    has_data = code_to_category(status.Status) in (STATUS_SUCCESS, STATUS_WARNING)
    stream = response.data_set
    if not has_data:
        return status, None
    if stream is None:
        return status, Dataset()  # so that users can look into it without asking
    dataset = decoded(exchange, stream, context)
    if dataset is None:
        status.Status = PROCESSING_FAILURE
    return status, dataset


def _context(exchange: Exchange, request: DIMSEPrimitive, uid: UID) -> PresentationContext:
    """Return the context for a request about `uid`.

    Events are told by the SCP (PS3.7 10.1.1); but peers that negotiate no roles send them as SCU
    too, so any role will do for those.

    Raises:
        NoAcceptedContextError: There is none, or we have not the SCU role in it.
    """
    if uid not in _UNIFIED_PROCEDURE_STEP and not isinstance(request, N_EVENT_REPORT):
        return context_for(exchange, uid)
    family = _UNIFIED_PROCEDURE_STEP if uid in _UNIFIED_PROCEDURE_STEP else (uid,)
    contexts = [context for each in family for context in exchange.contexts_for(each) or ()]
    if isinstance(request, N_EVENT_REPORT):
        usable = sorted(contexts, key=lambda context: not context.as_scp)
    else:
        usable = [context for context in contexts if context.as_scu]
    if not usable:
        raise NoAcceptedContextError(
            f"No presentation context for '{uid.name}' and {request.msg_type} has been accepted"
        )
    return usable[0]


async def serve_n(
    exchange: Exchange,
    request: DIMSEPrimitive,
    context: PresentationContext,
    service: type[ServiceClass],
) -> None:
    """Have a DIMSE-N request handled, and answer it."""
    operation = OPERATIONS[type(request)]
    response = _response(request, operation)
    source: DataSource | None = None
    try:
        returned = await exchange.call(operation.event, request, context)
        status, reply = returned if operation.has_reply else (returned, None)
        set_status(response, status, service)
        source = _encoded_reply(request, response, reply, context)
    except evt.HandlerNotBoundError as error:
        LOGGER.error("%s", error)
        response.Status = PROCESSING_FAILURE
    except Exception:
        LOGGER.exception("Exception in the handler bound to 'evt.%s'", operation.event)
        response.Status = PROCESSING_FAILURE
    await exchange.send(response, request._context_id or 0, source)


def _response(request: Any, operation: Operation) -> Any:
    response = response_to(request)
    if operation.names_instance:
        response.AffectedSOPClassUID = request.RequestedSOPClassUID
        response.AffectedSOPInstanceUID = request.RequestedSOPInstanceUID
    if operation.repeats is not None:
        setattr(response, operation.repeats, getattr(request, operation.repeats))
    return response


def _encoded_reply(
    request: DIMSEPrimitive, response: Any, reply: Dataset | None, context: PresentationContext
) -> DataSource | None:
    """Return a reply to send; it goes out only with success or a warning."""
    if code_to_category(response.Status) not in (STATUS_SUCCESS, STATUS_WARNING):
        return None
    if isinstance(request, N_CREATE):
        reply = _name_instance(response, reply)
    return encoded(reply, context) if reply else None


def _name_instance(response: N_CREATE, reply: Dataset | None) -> Dataset:
    """Take the UID of a new instance out of the handler's reply (PS3.7 10.1.5.1.4).

    It travels in the command set; where the requestor chose one, that is the instance's.

    Raises:
        ValueError: It is not there, and the requestor left it to us.
    """
    attributes = Dataset() if reply is None else Dataset(dict(reply.items()))
    chosen = attributes.pop("AffectedSOPInstanceUID", None)
    if not response.AffectedSOPInstanceUID:
        if chosen is None or not chosen.value:
            raise ValueError("The handler of 'EVT_N_CREATE' returned no AffectedSOPInstanceUID")
        response.AffectedSOPInstanceUID = chosen.value
    return attributes
